use std::fmt;

use super::case::Case;
use super::finding::Hit;
use super::level::Level;
use crate::connection::Dialect;
use crate::plan::Direction;

/// One thing that a migration had better not do.
pub struct Rule {
    /// Its name: `drop-column`; in an attribute `drop_column`.
    pub name: &'static str,
    /// What it refuses, in one line.
    pub summary: &'static str,
    /// How much it matters where nothing else is said: never more than a warning.
    pub level: Level,
    /// What is at stake.
    pub concern: Concern,
    /// The servers that it is about.
    pub dialects: &'static [Dialect],
    /// The lock, in words.
    pub lock: &'static str,
    /// What happens, in which versions: Markdown.
    pub explanation: &'static str,
    /// A body that it finds something in.
    pub example: Example,
    pub(super) find: fn(&Case<'_>) -> Vec<Hit>,
}

/// A body that a rule finds something in.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Whether it runs in a transaction.
    pub transaction: bool,
    /// The statements of `up`.
    pub code: &'static str,
}

impl Example {
    pub(super) const fn new(code: &'static str) -> Self {
        Self { transaction: true, code }
    }

    pub(super) const fn outside_transaction(code: &'static str) -> Self {
        Self { transaction: false, code }
    }
}

/// What is at stake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// Others wait while it runs.
    Blocking,
    /// It fails, or leaves behind what was not meant.
    Failure,
    /// The release that still runs breaks.
    OldCode,
    /// Rows or objects are lost that were not named.
    Loss,
    /// The design of the schema: nothing happens during the migration.
    Design,
}

impl Rule {
    /// The address of its documentation.
    #[must_use]
    pub fn docs(&self) -> String {
        format!("{}/blob/main/docs/safety.md#{}", env!("CARGO_PKG_REPOSITORY"), self.name)
    }

    /// Whether it has anything to say about a server and a direction.
    ///
    /// A downgrade brings back what an older release knows, so rules about running code are silent then.
    #[must_use]
    pub fn concerns(&self, dialect: Dialect, direction: Direction) -> bool {
        let is_asked = direction == Direction::Upgrade || self.concern != Concern::OldCode;
        is_asked && self.dialects.contains(&dialect)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blocking => "others wait",
            Self::Failure => "it fails",
            Self::OldCode => "running code breaks",
            Self::Loss => "something is lost",
            Self::Design => "design",
        })
    }
}

/// The servers of most rules.
pub(super) const POSTGRES: &[Dialect] = &[Dialect::Postgres];

/// The servers of rules about what every server does.
pub(super) const EVERY: &[Dialect] = &[Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql];
