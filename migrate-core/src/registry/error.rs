use std::fmt;

/// Why the migrations at hand and the manifest do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The manifest names no migration at all (I2).
    #[error("{crate_name} has no migrations: {source_dir} held none when it was compiled")]
    Empty {
        /// The migrations crate.
        crate_name: String,
        /// Its source directory.
        source_dir: String,
    },
    /// There are fewer migrations than the manifest names (I2).
    #[error("{}", sentences(.crates.iter().map(|incomplete| missing(incomplete, *.origin))))]
    Missing {
        /// The crates that are not complete, followed ones first.
        crates: Vec<Incomplete>,
        /// Where the migrations came from, which is also where to look for the reason.
        origin: Origin,
    },
    /// Different migrations have one revision id.
    #[error("{}", sentences(.clashes.iter().map(ToString::to_string)))]
    Duplicate {
        /// The revision ids, sorted, with their migrations.
        clashes: Vec<Clash>,
    },
    /// Migrations of the manifest are written for a connection type that cannot be had from the run's.
    #[error(
        "migrations run on {connection} here, and {} written for another connection type: {}",
        if .mismatches.len() == 1 { "one is" } else { "some are" },
        List(.mismatches)
    )]
    OtherConnection {
        /// The connection type of the run, without its path.
        connection: &'static str,
        /// The migrations that do not fit, sorted by revision.
        mismatches: Vec<Mismatch>,
    },
}

/// Where a migrator took its migrations from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Everything that is linked into the program: `Migrator::new`.
    Linked,
    /// Explicit lists: `Migrator::from_entries`.
    Listed,
}

/// A crate some of whose migrations are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Incomplete {
    /// The package.
    pub crate_name: String,
    /// The version that the manifest was compiled from.
    pub crate_version: String,
    /// How many migrations it was compiled with.
    pub expected: usize,
    /// The revision ids that are missing, sorted.
    pub missing: Vec<String>,
    /// Other versions of the package whose migrations are there, sorted.
    pub other_versions: Vec<String>,
}

impl Incomplete {
    /// How many of the crate's migrations are there.
    #[must_use]
    pub fn found(&self) -> usize {
        self.expected - self.missing.len()
    }
}

/// A revision id with more than one migration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Clash {
    /// The revision id.
    pub revision: String,
    /// Package, version and source position of each migration, sorted.
    pub places: Vec<String>,
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {} is registered by {}", self.revision, self.places.join(" and by "))
    }
}

/// A migration that is written for another connection type than the run's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The revision id.
    pub revision: String,
    /// The connection type of its body, without its path.
    pub written_for: &'static str,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.revision, self.written_for)
    }
}

fn missing(incomplete: &Incomplete, origin: Origin) -> String {
    let Incomplete { crate_name, crate_version, expected, missing, other_versions } = incomplete;
    let place = match origin {
        Origin::Linked => "linked into this program",
        Origin::Listed => "in the lists that were passed",
    };
    let noun = if *expected == 1 { "migration" } else { "migrations" };
    let other = match &**other_versions {
        [] => String::new(),
        versions => format!(" (but some of version {})", versions.join(" and ")),
    };
    format!(
        "{} of the {expected} {noun} of {crate_name} {crate_version} are {place}{other}, missing: {}",
        incomplete.found(),
        List(missing)
    )
}

fn sentences(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("; ")
}

/// A list as text, cut after the tenth.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        for (at, item) in self.0.iter().take(SHOWN).enumerate() {
            write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
