use diesel::QueryResult;

use super::Spans;
use crate::connection::Driver;
use crate::ledger::{now, storable};

/// A row that is put aside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rejection<'a> {
    pub(crate) key: &'a str,
    pub(crate) error: &'a str,
    pub(crate) worker: &'a str,
    /// The piece that stopped there, and begins with it now; `None` when the row was passed over.
    pub(crate) blocks: Option<i64>,
}

/// Puts a row aside, or notes that it has failed once more.
pub(crate) fn reject_row(
    driver: &mut dyn Driver,
    spans: Spans<'_>,
    rejection: Rejection<'_>,
) -> QueryResult<()> {
    let (rejected_row, now) = (spans.names.rejected_row(), now(driver.dialect()));
    let sql = format!(
        "INSERT INTO {rejected_row} (revision, row_key, state, error, attempts, worker, span) \
         VALUES ($1, $2, $3, $4, 1, $5, CAST($6 AS bigint)) ON CONFLICT (revision, row_key) DO UPDATE SET \
         state = excluded.state, error = excluded.error, attempts = {rejected_row}.attempts + 1, \
         worker = excluded.worker, span = excluded.span, rejected_at = {now}"
    );
    let state = if rejection.blocks.is_some() { "blocking" } else { "rejected" };
    let error = storable(rejection.error);
    let span = rejection.blocks.map(|span| span.to_string());
    let binds = [
        Some(spans.revision),
        Some(rejection.key),
        Some(state),
        Some(&*error),
        Some(rejection.worker),
        span.as_deref(),
    ];
    driver.execute(&sql, &binds).map(drop)
}

impl Spans<'_> {
    /// Forgets the row that a piece stopped at: the piece is past it, whether it was changed, passed over or gone.
    pub(crate) fn unblock(self, driver: &mut dyn Driver, span: i64) -> QueryResult<()> {
        let sql = format!(
            "DELETE FROM {} WHERE revision = $1 AND state = 'blocking' AND span = CAST($2 AS bigint)",
            self.names.rejected_row(),
        );
        driver.execute(&sql, &[Some(self.revision), Some(&span.to_string())]).map(drop)
    }

    /// Forgets the rows that are in one state.
    pub(super) fn forget_rejected(self, driver: &mut dyn Driver, state: &str) -> QueryResult<()> {
        let sql = format!("DELETE FROM {} WHERE revision = $1 AND state = $2", self.names.rejected_row());
        driver.execute(&sql, &[Some(self.revision), Some(state)]).map(drop)
    }
}
