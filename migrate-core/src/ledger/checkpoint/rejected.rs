use diesel::QueryResult;

use super::Spans;
use crate::connection::Driver;
use crate::ledger::now;

/// A row that is put aside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rejection<'a> {
    pub(crate) key: &'a str,
    pub(crate) error: &'a str,
    pub(crate) worker: &'a str,
    /// Whether the backfill stopped there.
    pub(crate) blocking: bool,
}

/// Puts a row aside, or notes that it has failed once more.
pub(crate) fn reject_row(
    driver: &mut dyn Driver,
    spans: Spans<'_>,
    rejection: Rejection<'_>,
) -> QueryResult<()> {
    let (rejected_row, now) = (spans.names.rejected_row(), now(driver.dialect()));
    let sql = format!(
        "INSERT INTO {rejected_row} (revision, row_key, state, error, attempts, worker) \
         VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (revision, row_key) DO UPDATE SET \
         state = excluded.state, error = excluded.error, attempts = {rejected_row}.attempts + 1, \
         worker = excluded.worker, rejected_at = {now}"
    );
    let state = if rejection.blocking { "blocking" } else { "rejected" };
    let binds = [spans.revision, rejection.key, state, rejection.error, rejection.worker].map(Some);
    driver.execute(&sql, &binds).map(drop)
}

impl Spans<'_> {
    /// Forgets the rows that are in one state.
    pub(super) fn forget_rejected(self, driver: &mut dyn Driver, state: &str) -> QueryResult<()> {
        let sql = format!("DELETE FROM {} WHERE revision = $1 AND state = $2", self.names.rejected_row());
        driver.execute(&sql, &[Some(self.revision), Some(state)]).map(drop)
    }
}
