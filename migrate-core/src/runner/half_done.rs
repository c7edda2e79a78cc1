//! Backfills that are half done: no obstacle for a downgrade, which undoes them like any other revision.

use super::error::Error;
use super::run::{Known, Run};
use crate::ledger::{LedgerRow, RowState};
use crate::plan::Applied;

impl Run<'_, '_> {
    /// Whether the row is that of a backfill which has begun and is not done, whoever works on it.
    pub(super) fn is_half_done_backfill(&self, row: &LedgerRow) -> bool {
        row.state == RowState::Running && self.host.backfill(&row.revision).is_some()
    }

    /// What a downgrade starts from: what is applied, and the backfills that are half done.
    ///
    /// These stand on what they need, so the set is closed downward (I1). Nothing stands on them.
    pub(super) fn begun(&self, known: &Known) -> Result<Applied, Error> {
        let mut begun: Vec<_> = known
            .rows
            .iter()
            .filter(|row| row.state != RowState::Running || self.is_half_done_backfill(row))
            .collect();
        begun.sort_by(|a, b| (&a.applied_at, &a.revision).cmp(&(&b.applied_at, &b.revision)));
        Ok(Applied::new(self.graph, begun.iter().map(|row| row.revision.as_str()))?)
    }

    /// Whether an upgrade leaves the revision for later.
    pub(super) fn is_deferred(&self, revision: &str) -> bool {
        self.options.defer_backfills && self.host.backfill(revision).is_some()
    }
}
