//! How far backfills are, for looking at.

use std::collections::BTreeMap;

use diesel::QueryResult;

use super::{CheckpointState, has_backfill, unreadable};
use crate::connection::{Driver, TextRow};
use crate::ledger::LedgerNames;

/// The sums over all spans of a backfill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// That of the backfill as a whole.
    pub(crate) state: CheckpointState,
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    pub(crate) total: Option<u64>,
}

/// Reads how far each backfill is that has begun: one SELECT, without a lock.
pub(crate) fn extents(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<BTreeMap<String, Extent>> {
    if !has_backfill(driver, names)? {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT revision, max(CASE WHEN span = 0 THEN state END), CAST(sum(row_count) AS text), \
         CAST(sum(rejected_count) AS text), CAST(max(CASE WHEN span = 0 THEN row_total END) AS text) \
         FROM {} GROUP BY revision",
        names.checkpoint()
    );
    driver.query(&sql, &[])?.into_iter().map(|row| parse(row).ok_or_else(unreadable)).collect()
}

fn parse(row: TextRow) -> Option<(String, Extent)> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    let revision = next()?;
    let state = CheckpointState::parse(&next()?)?;
    let (rows, rejected) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let total = next().and_then(|total| total.parse().ok());
    Some((revision, Extent { state, rows, rejected, total }))
}
