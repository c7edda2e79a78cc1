use diesel::QueryResult;

use super::{CheckpointState, Owner, Spans, mark, unreadable};
use crate::connection::{Dialect, Driver, TextRow};
use crate::ledger::now;

/// A backfill as a whole: what was handed out of its table, and what the finished pieces come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) state: CheckpointState,
    /// The last key that was handed out, as JSON.
    pub(crate) position: Option<String>,
    /// Whether nothing is left to hand out.
    pub(crate) is_exhausted: bool,
    pub(crate) rows: u64,
    pub(crate) batches: u64,
    pub(crate) rejected: u64,
    /// How many rows there were to do when it began, if that is known.
    pub(crate) total: Option<u64>,
    /// How many rows a batch should have.
    pub(crate) batch_size: u32,
    /// The number of the last piece that was made.
    pub(crate) last_span: i64,
    /// How many rows remained after the last time that all were visited.
    pub(crate) remained: Option<i64>,
}

/// What a backfill comes to at this moment, unfinished pieces included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sums {
    pub(crate) rows: u64,
    pub(crate) batches: u64,
    pub(crate) rejected: u64,
    pub(crate) total: Option<u64>,
    /// How many pieces are being worked on.
    pub(crate) workers: u32,
}

/// In `until` of span 0: nothing is left to hand out.
const EXHAUSTED: &str = "null";

const COLUMNS: &str = "state, position, until, CAST(row_count AS text), CAST(batch_count AS text), \
     CAST(rejected_count AS text), CAST(row_total AS text), CAST(batch_size AS text), CAST(token AS text), \
     CAST(remained AS text)";

impl Spans<'_> {
    /// Makes the row of the whole if there is none, and reads it.
    pub(crate) fn open(self, driver: &mut dyn Driver, batch_size: u32) -> QueryResult<Whole> {
        let sql = format!(
            "INSERT INTO {} (revision, span, state, batch_size, token) \
             VALUES ($1, 0, 'running', CAST($2 AS bigint), 0) ON CONFLICT (revision, span) DO NOTHING",
            self.names.checkpoint(),
        );
        driver.execute(&sql, &[Some(self.revision), Some(&batch_size.to_string())])?;
        self.read(driver)?.ok_or_else(unreadable)
    }

    /// Reads the row of the whole.
    pub(crate) fn read(self, driver: &mut dyn Driver) -> QueryResult<Option<Whole>> {
        self.select(driver, "")
    }

    /// The same for who is going to write it; `None` also while somebody else does.
    ///
    /// Never waits: whoever holds the row may be counting what remains, which can take minutes.
    pub(crate) fn lock(self, driver: &mut dyn Driver) -> QueryResult<Option<Whole>> {
        let lock = if_free(driver.dialect());
        self.select(driver, lock)
    }

    fn select(self, driver: &mut dyn Driver, lock: &str) -> QueryResult<Option<Whole>> {
        let checkpoint = self.names.checkpoint();
        let sql = format!("SELECT {COLUMNS} FROM {checkpoint} WHERE revision = $1 AND span = 0{lock}");
        match driver.query(&sql, &[Some(self.revision)])?.into_iter().next() {
            Some(row) => parse(row).map(Some).ok_or_else(unreadable),
            None => Ok(None),
        }
    }

    /// Notes how far the table is handed out, and in how many pieces.
    pub(crate) fn hand_out(
        self,
        driver: &mut dyn Driver,
        to: Option<&str>,
        is_exhausted: bool,
        last_span: i64,
    ) -> QueryResult<()> {
        let sql = format!(
            "UPDATE {} SET position = $1, until = $2, token = CAST($3 AS bigint), updated_at = {} \
             WHERE revision = $4 AND span = 0",
            self.names.checkpoint(),
            now(driver.dialect()),
        );
        let (until, last_span) = (is_exhausted.then_some(EXHAUSTED), last_span.to_string());
        driver.execute(&sql, &[to, until, Some(&last_span), Some(self.revision)]).map(drop)
    }

    /// Notes who works on the backfill, also while that one has no piece.
    ///
    /// Neither this nor [`leave`](Self::leave) waits: whoever has the row is at work, and notes itself.
    pub(crate) fn enlist(self, driver: &mut dyn Driver, owner: Owner<'_>) -> QueryResult<()> {
        let (checkpoint, dialect) = (self.names.checkpoint(), driver.dialect());
        let sql = format!(
            "UPDATE {checkpoint} SET worker = $1, session = $2, updated_at = {} WHERE revision = $3 AND span IN \
             (SELECT span FROM {checkpoint} WHERE revision = $4 AND span = 0{})",
            now(dialect),
            if_free(dialect),
        );
        let binds = [Some(owner.worker), owner.session, Some(self.revision), Some(self.revision)];
        driver.execute(&sql, &binds).map(drop)
    }

    /// Takes the note back, if it is still there: this worker has ended in order.
    pub(crate) fn leave(self, driver: &mut dyn Driver, owner: Owner<'_>) -> QueryResult<()> {
        let checkpoint = self.names.checkpoint();
        let sql = format!(
            "UPDATE {checkpoint} SET worker = NULL, session = NULL WHERE revision = $1 AND span IN \
             (SELECT span FROM {checkpoint} WHERE revision = $2 AND span = 0 AND worker = $3 \
             AND session IS NOT DISTINCT FROM $4{})",
            if_free(driver.dialect()),
        );
        let binds = [Some(self.revision), Some(self.revision), Some(owner.worker), owner.session];
        driver.execute(&sql, &binds).map(drop)
    }

    /// Notes how many rows there are to do.
    pub(crate) fn set_total(self, driver: &mut dyn Driver, total: u64) -> QueryResult<()> {
        let sql = format!(
            "UPDATE {} SET row_total = CAST($1 AS bigint) WHERE revision = $2 AND span = 0",
            self.names.checkpoint(),
        );
        driver.execute(&sql, &[Some(&total.to_string()), Some(self.revision)]).map(drop)
    }

    /// What all spans together come to.
    pub(crate) fn sums(self, driver: &mut dyn Driver) -> QueryResult<Sums> {
        let sql = format!(
            "SELECT CAST(sum(row_count) AS text), CAST(sum(batch_count) AS text), \
             CAST(sum(rejected_count) AS text), \
             CAST(sum(CASE WHEN span = 0 THEN row_total END) AS text), \
             CAST(sum(CASE WHEN span > 0 AND state = 'running' THEN 1 ELSE 0 END) AS text) \
             FROM {} WHERE revision = $1",
            self.names.checkpoint(),
        );
        let row = driver.query(&sql, &[Some(self.revision)])?.into_iter().next().unwrap_or_default();
        let mut columns = row.into_iter();
        let mut next = || columns.next().flatten();
        Ok(Sums {
            rows: number(next()).unwrap_or_default(),
            batches: number(next()).unwrap_or_default(),
            rejected: number(next()).unwrap_or_default(),
            total: number(next()),
            workers: number(next()).unwrap_or_default(),
        })
    }

    /// How many rows all pieces together have put aside. Whoever asks holds the row of the whole from then on, so that
    /// the next one who asks counts what this one puts aside.
    pub(crate) fn rejected_so_far(self, driver: &mut dyn Driver) -> QueryResult<u64> {
        if driver.dialect() == Dialect::Postgres {
            let sql = format!(
                "SELECT state FROM {} WHERE revision = $1 AND span = 0 FOR UPDATE",
                self.names.checkpoint(),
            );
            driver.query(&sql, &[Some(self.revision)])?;
        }
        Ok(self.sums(driver)?.rejected)
    }

    /// Marks a backfill as done, and forgets the row that it once stopped at: it is past it.
    ///
    /// `false`, and nothing written, when the transaction is not the one that began.
    pub(crate) fn finish(self, driver: &mut dyn Driver) -> QueryResult<bool> {
        let dialect = driver.dialect();
        let sql = format!(
            "UPDATE {} SET state = 'done', updated_at = {} WHERE revision = $1 AND span = 0{}",
            self.names.checkpoint(),
            now(dialect),
            mark(dialect),
        );
        if driver.execute(&sql, &[Some(self.revision)])? != 1 {
            return Ok(false);
        }
        self.forget_rejected(driver, "blocking")?;
        Ok(true)
    }

    /// Goes back to the beginning, with so many rows left: those that were put aside are tried again.
    ///
    /// `false` as for [`finish`](Self::finish).
    pub(crate) fn restart(self, driver: &mut dyn Driver, remaining: i64) -> QueryResult<bool> {
        self.forget_rejected(driver, "rejected")?;
        let dialect = driver.dialect();
        let sql = format!(
            "UPDATE {} SET position = NULL, until = NULL, rejected_count = 0, remained = CAST($1 AS bigint), \
             updated_at = {} WHERE revision = $2 AND span = 0{}",
            self.names.checkpoint(),
            now(dialect),
            mark(dialect),
        );
        Ok(driver.execute(&sql, &[Some(&remaining.to_string()), Some(self.revision)])? == 1)
    }
}

/// Locks what a SELECT finds, and passes over what somebody else has locked.
fn if_free(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" }
}

pub(super) fn number<N: std::str::FromStr>(text: Option<String>) -> Option<N> {
    text?.parse().ok()
}

fn parse(row: TextRow) -> Option<Whole> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Some(Whole {
        state: CheckpointState::parse(&next()?)?,
        position: next(),
        is_exhausted: next().is_some(),
        rows: number(next())?,
        batches: number(next())?,
        // Below 0 while rows of unfinished pieces have been tried again with success: these count them yet.
        rejected: number::<i64>(next())?.max(0).unsigned_abs(),
        total: number(next()),
        batch_size: number(next())?,
        last_span: number(next())?,
        remained: number(next()),
    })
}
