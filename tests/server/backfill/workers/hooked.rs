//! The backfill of the items, with what else a backfill may say.

use diesel::QueryResult;
use migrate_core::backfill::Pace;
use migrate_core::prelude::*;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::backfills::{Append, Item};
use migrate_tests::testkit::{History, Step};

type Count = Box<dyn Fn(&mut AnyConnection) -> QueryResult<Option<i64>> + Send + Sync>;

pub(super) struct Hooked {
    append: Append,
    throttle: Box<dyn Fn() -> Option<String> + Send + Sync>,
    total: Count,
}

impl Hooked {
    pub(super) fn new(append: Append) -> Self {
        Self { append, throttle: Box::new(|| None), total: Box::new(|_| Ok(None)) }
    }

    /// Waits as long as a reason is given.
    pub(super) fn holding(self, throttle: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self { throttle: Box::new(throttle), ..self }
    }

    /// Calls back between two batches, at most once a second.
    pub(super) fn before_batch(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.holding(move || {
            hook();
            None
        })
    }

    pub(super) fn counting(
        self,
        total: impl Fn(&mut AnyConnection) -> QueryResult<Option<i64>> + Send + Sync + 'static,
    ) -> Self {
        Self { total: Box::new(total), ..self }
    }

    pub(super) fn migrator(self, url: &str) -> Migrator<AnyConnection> {
        let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], self);
        super::connecting_to(history.migrator(), url)
    }
}

impl Backfill for Hooked {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Item;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Item>> {
        self.append.rows(conn, span)
    }

    fn key(&self, row: &Item) -> i64 {
        self.append.key(row)
    }

    fn apply(&self, conn: &mut AnyConnection, rows: Vec<Item>) -> Result<()> {
        self.append.apply(conn, rows)
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        self.append.remaining(conn)
    }

    fn down(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        Backfill::down(&self.append, cx)
    }

    fn pace(&self) -> Pace {
        self.append.pace
    }

    fn throttle(&self, _: &mut AnyConnection) -> QueryResult<Option<String>> {
        Ok((self.throttle)())
    }

    fn total(&self, conn: &mut AnyConnection) -> QueryResult<Option<i64>> {
        (self.total)(conn)
    }
}
