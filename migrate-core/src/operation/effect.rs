//! What a statement does to others while it runs: locks, rewrites, scans.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::name::Name;

/// PostgreSQL's locks on tables, from the weakest to the strongest.
///
/// The order is the documentation's; two locks are compared by what they conflict with
/// ([`conflicts_with`](Self::conflicts_with)), not by the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableLock {
    /// What a SELECT takes.
    AccessShare,
    /// What `SELECT … FOR UPDATE` takes.
    RowShare,
    /// What INSERT, UPDATE and DELETE take.
    RowExclusive,
    /// One at a time, beside readers and writers: `VALIDATE CONSTRAINT`, `CREATE INDEX CONCURRENTLY`.
    ShareUpdateExclusive,
    /// Readers only: `CREATE INDEX`.
    Share,
    /// Readers only, and one at a time: `ADD FOREIGN KEY`.
    ShareRowExclusive,
    /// Plain readers only.
    Exclusive,
    /// Nobody else.
    AccessExclusive,
}

impl TableLock {
    /// Whether one session has to wait while another holds the other lock (PostgreSQL's documentation, 13.3.1).
    #[must_use]
    pub fn conflicts_with(self, other: Self) -> bool {
        use TableLock::{
            AccessExclusive, AccessShare, Exclusive, RowExclusive, RowShare, Share, ShareRowExclusive,
            ShareUpdateExclusive,
        };
        let weakest_in_the_way = |lock| match lock {
            AccessShare => AccessExclusive,
            RowShare => Exclusive,
            RowExclusive => Share,
            ShareUpdateExclusive => ShareUpdateExclusive,
            Share | ShareRowExclusive => RowExclusive,
            Exclusive => RowShare,
            AccessExclusive => AccessShare,
        };
        match (self, other) {
            // The one place where the order does not tell: readers of both kinds share.
            (Share, Share) => false,
            (Share, ShareUpdateExclusive) | (ShareUpdateExclusive, Share) => true,
            (a, b) => b >= weakest_in_the_way(a) && a >= weakest_in_the_way(b),
        }
    }

    /// Whether a plain SELECT has to wait.
    #[must_use]
    pub fn blocks_reads(self) -> bool {
        self.conflicts_with(Self::AccessShare)
    }

    /// Whether INSERT, UPDATE and DELETE have to wait.
    #[must_use]
    pub fn blocks_writes(self) -> bool {
        self.conflicts_with(Self::RowExclusive)
    }
}

impl fmt::Display for TableLock {
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

/// What a statement does to others while it runs, and until its transaction ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effect {
    /// The strongest lock on each table that was there before the step.
    pub locks: BTreeMap<Name, TableLock>,
    /// The tables whose rows are all written anew.
    pub rewrites: BTreeSet<Name>,
    /// The tables whose rows are all read under the lock.
    pub scans: BTreeSet<Name>,
    /// The indexes that are built anew while their tables stay as they are.
    pub rebuilds: BTreeSet<Name>,
    /// Whether it waits for every transaction that began before it (`CONCURRENTLY`).
    pub waits_for_transactions: bool,
    /// Whether what it does is not known: SQL as text.
    pub unknown: bool,
    /// What was not known of the database, so that the worse was assumed.
    pub assumed: BTreeSet<Assumption>,
}

/// Something that was not known of the database, so that the worse was assumed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Assumption {
    /// What the table is made of.
    Table(Name),
    /// Whether there is one already.
    Existence(Name),
    /// What the column was before its type changes, or the type that it gets.
    ColumnType {
        /// The table.
        table: Name,
        /// The column.
        column: String,
    },
    /// What a constraint is.
    Constraint {
        /// The table.
        table: Name,
        /// The constraint.
        constraint: String,
    },
    /// Which table an index is of.
    Index(Name),
    /// Whether a function gives each row another value.
    Volatility(String),
    /// What depends on it and goes with it, or is locked with it.
    Dependents(Name),
    /// What triggers of the table do.
    Triggers(Name),
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => write!(f, "what {table} is made of is not known"),
            Self::Existence(name) => write!(f, "whether there is a {name} already is not known"),
            Self::ColumnType { table, column } => write!(f, "the type of {table}.{column} is not known"),
            Self::Constraint { table, constraint } => {
                write!(f, "what the constraint {constraint} of {table} is, is not known")
            }
            Self::Index(index) => write!(f, "the table of {index} is not known"),
            Self::Volatility(function) => {
                write!(f, "whether {function}() gives each row another value is not known")
            }
            Self::Dependents(name) => write!(f, "what depends on {name} is not known"),
            Self::Triggers(table) => write!(f, "what the triggers of {table} do is not known"),
        }
    }
}

impl Effect {
    /// The tables that it does anything to.
    #[must_use]
    pub fn tables(&self) -> BTreeSet<&Name> {
        self.locks.keys().chain(&self.rewrites).chain(&self.scans).collect()
    }

    /// Whether others do not notice it at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Both effects as one, of each table the stronger lock.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for (table, lock) in &other.locks {
            let own = self.locks.entry(table.clone()).or_insert(*lock);
            *own = (*own).max(*lock);
        }
        self.rewrites.extend(other.rewrites.iter().cloned());
        self.scans.extend(other.scans.iter().cloned());
        self.rebuilds.extend(other.rebuilds.iter().cloned());
        self.assumed.extend(other.assumed.iter().cloned());
        self.waits_for_transactions |= other.waits_for_transactions;
        self.unknown |= other.unknown;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_effects_as_one_lose_nothing_of_either() {
        let name = |name: &str| BTreeSet::from([Name::from(name)]);
        let one = Effect {
            locks: [("a".into(), TableLock::Share), ("b".into(), TableLock::Share)].into(),
            rewrites: name("a"),
            scans: name("b"),
            assumed: [Assumption::Table("a".into())].into(),
            ..Effect::default()
        };
        let other = Effect {
            locks: [("a".into(), TableLock::AccessExclusive), ("b".into(), TableLock::AccessShare)].into(),
            rebuilds: name("i"),
            waits_for_transactions: true,
            unknown: true,
            assumed: [Assumption::Index("i".into())].into(),
            ..Effect::default()
        };
        let both = Effect {
            locks: [("a".into(), TableLock::AccessExclusive), ("b".into(), TableLock::Share)].into(),
            rewrites: name("a"),
            scans: name("b"),
            rebuilds: name("i"),
            waits_for_transactions: true,
            unknown: true,
            assumed: [Assumption::Table("a".into()), Assumption::Index("i".into())].into(),
        };
        assert_eq!(one.clone().and(&other), both);
        assert_eq!(other.and(&one), both);
    }

    #[test]
    fn locks_conflict_as_the_documentation_says() {
        use TableLock::*;
        let all = [
            AccessShare,
            RowShare,
            RowExclusive,
            ShareUpdateExclusive,
            Share,
            ShareRowExclusive,
            Exclusive,
            AccessExclusive,
        ];
        // Table 13.2 of PostgreSQL's documentation, a row per lock, X where the two conflict.
        let table =
            [".......X", "......XX", "....XXXX", "...XXXXX", "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX"];
        for (row, a) in table.iter().zip(all) {
            for (cell, b) in row.chars().zip(all) {
                assert_eq!(a.conflicts_with(b), cell == 'X', "{a} and {b}");
            }
        }
    }
}
