//! `diesel = "../migrations"`: a directory of Diesel's SQL migrations as a chain of revisions.
//!
//! What counts as a migration, its version and its order are as `diesel_migrations` has them. Where Diesel goes on
//! with a guess (two directories of one version, a `metadata.toml` that says nothing), this is an error.

mod expand;
mod metadata;
#[cfg(all(test, feature = "diesel-migrations"))]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) use self::expand::expand;
use super::scan::Declared;
use super::unreadable;
use crate::checksum::digest;
use crate::validate::problem;

/// The SQL migrations that were found.
#[derive(Debug, Default)]
pub(super) struct SqlDirectory {
    /// The absolute path.
    pub(super) path: String,
    /// In the order of their versions, each the child of the one before.
    pub(super) revisions: Vec<SqlRevision>,
    /// What is wrong, in the order of the directory.
    pub(super) problems: Vec<String>,
}

/// One SQL migration.
#[derive(Debug)]
pub(super) struct SqlRevision {
    pub(super) declared: Declared,
    /// The directory as the author would write it.
    pub(super) place: String,
    /// The name without its version, in words.
    pub(super) message: String,
    pub(super) transaction: bool,
    /// Why it cannot be undone, when it cannot.
    pub(super) irreversible: Option<&'static str>,
    pub(super) checksum: String,
    /// `metadata.toml`, for the compiler to watch: an absolute path.
    pub(super) metadata: Option<String>,
}

impl SqlDirectory {
    /// Reads a directory; `given` is relative to the package, as `embed_migrations!` takes it.
    pub(super) fn read(given: &str, package: &Path) -> Self {
        if cfg!(feature = "diesel-migrations") {
            Self::embeddable(given, package)
        } else {
            Self::unavailable()
        }
    }

    /// Without the feature there is nothing that could embed it.
    fn unavailable() -> Self {
        let problem = "`diesel = …` needs a feature: cargo add migrate-core --features diesel-migrations";
        Self { problems: vec![problem.to_owned()], ..Self::default() }
    }

    fn embeddable(given: &str, package: &Path) -> Self {
        let path = package.join(given);
        let mut found = Self { path: path.to_string_lossy().into_owned(), ..Self::default() };
        let shown = given.trim_end_matches(['/', '\\']);
        let directories = match directories(&path) {
            Ok(directories) => directories,
            Err(error) => {
                found.problems.push(unreadable(given, &path, &error));
                return found;
            }
        };
        if directories.is_empty() {
            found.problems.push(without_migrations(&path, shown));
        }
        let mut by_version: BTreeMap<String, SqlRevision> = BTreeMap::new();
        for (name, directory) in directories {
            match SqlRevision::read(&name, &directory, format!("{shown}/{name}")) {
                Ok(revision) => found.add(revision, &mut by_version),
                Err(problem) => found.problems.push(problem),
            }
        }
        let mut before = None;
        for (version, mut revision) in by_version {
            revision.declared.down_revisions.extend(before.replace(version));
            found.revisions.push(revision);
        }
        found
    }

    fn add(&mut self, revision: SqlRevision, by_version: &mut BTreeMap<String, SqlRevision>) {
        match by_version.get(&revision.declared.revision) {
            Some(first) => self.problems.push(format!(
                "{} and {} have the same version, `{}`, and Diesel runs only one of them: rename one",
                first.place, revision.place, revision.declared.revision
            )),
            None => {
                by_version.insert(revision.declared.revision.clone(), revision);
            }
        }
    }
}

impl SqlRevision {
    fn read(name: &str, directory: &Path, place: String) -> Result<Self, String> {
        let version = version(name);
        if let Some(problem) = problem(&version) {
            return Err(format!(
                "{place} has no version that can be a revision id: {problem}; a Diesel migration is named <version>_<name>"
            ));
        }
        let up = sql(directory, &place, "up.sql")?.ok_or_else(|| {
            format!(
                "{place} has no up.sql: a Diesel migration is a directory <version>_<name> that holds one"
            )
        })?;
        if up.trim().is_empty() {
            return Err(format!(
                "{place}/up.sql is empty, which Diesel refuses to run: a comment in it says that it is meant"
            ));
        }
        let down = sql(directory, &place, "down.sql")?;
        let irreversible = match &down {
            None => Some("it has no down.sql"),
            // What `diesel migration generate` leaves in the file is a comment, too: nobody has written it yet.
            Some(down) if !text::has_statement(down) && text::has_statement(&up) => {
                Some("its down.sql holds no statement")
            }
            Some(_) => None,
        };
        let metadata = metadata::read(directory, &place)?;
        Ok(Self {
            declared: Declared { revision: version, ..Declared::default() },
            message: message(name),
            transaction: metadata.as_ref().is_none_or(|metadata| metadata.run_in_transaction),
            irreversible,
            checksum: digest(&format!("{up}\0{}", down.unwrap_or_default())),
            metadata: metadata.map(|metadata| metadata.path),
            place,
        })
    }
}

/// The subdirectories but for hidden ones, by name; files do not count.
fn directories(path: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.metadata()?.is_file() && !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// What is wrong with a directory that holds none.
fn without_migrations(path: &Path, shown: &str) -> String {
    let head = format!("{shown} holds no Diesel migrations");
    match path.file_name().filter(|_| path.join("up.sql").is_file()) {
        Some(_) => format!("{head}: it is one itself; name the directory that it is in"),
        None => format!("{head}: each is a directory <version>_<name> with an up.sql in it"),
    }
}

/// What Diesel takes for the version: the text before the first `_`, without `-`.
fn version(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}

/// What comes after the version, in words.
fn message(name: &str) -> String {
    let (_, words) = name.split_once('_').unwrap_or_default();
    words.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text of a file with line feeds alone, `None` when it is not there.
fn sql(directory: &Path, place: &str, file: &str) -> Result<Option<String>, String> {
    match std::fs::read_to_string(directory.join(file)) {
        Ok(text) => Ok(Some(text.replace("\r\n", "\n"))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {place}/{file}: {error}")),
    }
}
