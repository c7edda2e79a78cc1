//! What a statement does to the tables of a PostgreSQL database, observed on a real one.
//!
//! Locks are read from `pg_locks`, a rewrite is a new file (`pg_relation_filenode`), and a scan shows in the
//! server's own count of the rows that it handed out, see [`Effects::scanned`].

mod lock_mode;
mod relations;
mod transaction;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use self::lock_mode::LockMode;
pub use self::transaction::observe;
pub use self::waiting::observe_waiting;

/// What statements did to the relations that were there before them.
///
/// Names are as in the catalog, without quotes; with their schema and a dot unless it is `public`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// The strongest lock on each table, view and sequence, and on each index whose lock is stronger than its
    /// table's: that one counts, too, for whoever plans a query on a table locks all its indexes.
    pub locks: BTreeMap<String, LockMode>,
    /// The tables and materialized views that have a new file.
    pub rewritten: BTreeSet<String>,
    /// The tables of which as many rows were read as they held at the beginning, or more.
    ///
    /// The server counts every row that a scan of a table hands out, whoever asked for it: a query (so the one
    /// that validates a foreign key), a rewrite, a constraint that is checked, the build of an index. It does so
    /// on 15 and on 18. Parallel workers count for themselves, so an observed session goes without them. A table
    /// without rows cannot show a scan. A materialized view that is refreshed is scanned when it has an index,
    /// which is built from its new rows.
    pub scanned: BTreeSet<String>,
    /// The indexes that have a new file, while their tables have not.
    pub rebuilt: BTreeSet<String>,
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observation {
    /// What happened to the relations that were there.
    pub effects: Effects,
    /// The relations that the statements created, with their locks.
    pub created: BTreeMap<String, LockMode>,
}

impl fmt::Display for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let locks: Vec<_> = self.locks.iter().map(|(name, mode)| format!("{name}: {mode}")).collect();
        f.write_str(&locks.join(", "))?;
        for (what, names) in
            [("rewritten", &self.rewritten), ("scanned", &self.scanned), ("rebuilt", &self.rebuilt)]
        {
            if !names.is_empty() {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                write!(f, "; {what}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}
