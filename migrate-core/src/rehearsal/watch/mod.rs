//! Which rows a batch changes, found out within its transaction and without a lock that others would feel.

mod postgres;
mod sqlite;

use std::collections::BTreeMap;

use diesel::QueryResult;

pub(crate) use self::postgres::{Activity, sequences};
use super::change::{Counts, TableChanges};
use crate::catalog::ObjectName;
use crate::connection::{Dialect, Driver, not_spoken};
use crate::ledger::LedgerNames;

/// Rows that were done: those behind `after`, up to and including `last`. Keys are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) after: Option<String>,
    pub(crate) last: String,
    pub(crate) rows: u32,
    /// The number of the place that it belongs to.
    pub(crate) place: usize,
}

/// Sees the rows that are changed from its beginning on, until the transaction or savepoint is rolled back.
pub(crate) enum Watch {
    /// Reads the versions of rows that the transaction made, of tables that are known to be written.
    Postgres(postgres::Watch),
    /// Has triggers of its own connection write them down.
    Sqlite(sqlite::Watch),
}

impl Watch {
    /// Begins to watch, within a transaction.
    ///
    /// On PostgreSQL these tables, while `stretches` are done; the transaction must be `REPEATABLE READ`, and this the
    /// first that it does. On SQLite all tables but the framework's own.
    pub(crate) fn begin(
        driver: &mut dyn Driver,
        names: &LedgerNames,
        written: &[ObjectName],
        stretches: &[Stretch],
    ) -> QueryResult<Self> {
        match driver.dialect() {
            Dialect::Postgres => postgres::Watch::begin(driver, written, stretches).map(Self::Postgres),
            Dialect::Sqlite => sqlite::Watch::begin(driver, names).map(Self::Sqlite),
            Dialect::Mysql => Err(not_spoken()),
        }
    }

    /// Has up to so many further rows of each table as examples; without effect on PostgreSQL.
    pub(crate) fn allow(&self, driver: &mut dyn Driver, examples: u32) -> QueryResult<()> {
        match self {
            Self::Postgres(_) => Ok(()),
            Self::Sqlite(_) => sqlite::allow(driver, examples),
        }
    }

    /// What was changed since the beginning, by table.
    pub(crate) fn changes(&self, driver: &mut dyn Driver) -> QueryResult<BTreeMap<ObjectName, TableChanges>> {
        match self {
            Self::Postgres(watch) => watch.changes(driver),
            Self::Sqlite(watch) => watch.changes(driver),
        }
    }
}

impl TableChanges {
    fn new(table: ObjectName, counts: Counts) -> Self {
        let Counts { inserted, updated, deleted } = counts;
        Self { table, inserted, updated, deleted, examples: Vec::new(), unseen: None }
    }

    /// Changes of which there are no examples.
    pub(crate) fn unseen(table: ObjectName, counts: Counts, reason: &str) -> Self {
        Self { unseen: Some(reason.to_owned()), ..Self::new(table, counts) }
    }

    /// The same with so many examples at most, evenly chosen.
    pub(crate) fn with_few_examples(mut self, few: u32) -> Self {
        let (total, few) = (self.examples.len(), usize::try_from(few).unwrap_or(usize::MAX));
        if total > few {
            let mut number = 0;
            self.examples.retain(|_| {
                number += 1;
                number * few / total > (number - 1) * few / total
            });
        }
        self
    }

    /// The same changes, counted over more rows.
    pub(crate) fn counted(self, counts: Counts) -> Self {
        let Counts { inserted, updated, deleted } = counts;
        Self { inserted, updated, deleted, ..self }
    }
}
