//! The modes of PostgreSQL's table locks.

use std::fmt;

/// A mode of a table lock, in PostgreSQL's own order of strength.
///
/// The order is that of the numbers in its source; a mode need not conflict with all that a weaker one does
/// (`SHARE` is not in conflict with itself, `SHARE UPDATE EXCLUSIVE` is).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockMode {
    /// Taken by reading.
    AccessShare,
    /// Taken by `SELECT … FOR UPDATE` and its kind.
    RowShare,
    /// Taken by writing rows.
    RowExclusive,
    /// In conflict with itself and all that is stronger: one vacuum or validation at a time.
    ShareUpdateExclusive,
    /// Many may build an index, nobody may write.
    Share,
    /// Nobody else may write or change the schema.
    ShareRowExclusive,
    /// Only plain reading goes on.
    Exclusive,
    /// Nothing goes on.
    AccessExclusive,
}

impl LockMode {
    /// All of them, the weakest first.
    pub const ALL: [Self; 8] = [
        Self::AccessShare,
        Self::RowShare,
        Self::RowExclusive,
        Self::ShareUpdateExclusive,
        Self::Share,
        Self::ShareRowExclusive,
        Self::Exclusive,
        Self::AccessExclusive,
    ];

    /// Reads the name that `pg_locks` shows, such as `AccessShareLock`.
    #[must_use]
    pub fn from_catalog(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| format!("{mode:?}Lock") == name)
    }

    /// Whether a plain `SELECT` waits for it.
    #[must_use]
    pub fn blocks_reads(self) -> bool {
        self == Self::AccessExclusive
    }

    /// Whether `INSERT`, `UPDATE` and `DELETE` wait for it.
    #[must_use]
    pub fn blocks_writes(self) -> bool {
        self >= Self::Share
    }

    /// Whether `SELECT … FOR UPDATE` waits for it, and so does the check of a foreign key into the table.
    #[must_use]
    pub fn blocks_row_locks(self) -> bool {
        self >= Self::Exclusive
    }

    /// Whether `VACUUM`, `ANALYZE`, a concurrent index build and a validation wait for it.
    #[must_use]
    pub fn blocks_maintenance(self) -> bool {
        self >= Self::ShareUpdateExclusive
    }
}

/// As SQL spells it: `ACCESS EXCLUSIVE`.
impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        })
    }
}
