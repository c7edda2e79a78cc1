use super::error::Error;
use super::report::StampReport;
use super::run::Run;
use crate::ledger::{self, Facts, LedgerRow};
use crate::plan::{self, Applied};

impl Run<'_, '_> {
    pub(super) fn stamp(&mut self, targets: &[&str], purge: bool) -> Result<StampReport, Error> {
        // Planned once before anything is created, so that a mistake leaves no trace.
        let rows = self.read()?.unwrap_or_default();
        self.stamp_plan(targets, purge, rows)?;
        self.locked(|run, _| {
            run.ensure_tables()?;
            run.host.driver().begin("").map_err(|error| run.busy_or(error))?;
            let report = run.stamp_in_transaction(targets, purge);
            match report {
                Ok(_) => run.host.driver().commit()?,
                Err(_) => run.unwind_transactions(),
            }
            report
        })
    }

    fn stamp_in_transaction(&mut self, targets: &[&str], purge: bool) -> Result<StampReport, Error> {
        ledger::lock_table(self.host.driver(), &self.names)?;
        let rows = self.read()?.unwrap_or_default();
        let (report, deleted_rows) = self.stamp_plan(targets, purge, rows)?;
        let host = &mut *self.host;
        let (applied_by, binary_version) = (self.options.applied_by.as_str(), self.binary_version);
        let insert: Vec<_> = report
            .inserted
            .iter()
            .map(|revision| {
                let declaration = host.declaration(revision);
                Facts {
                    revision,
                    message: declaration.map_or("", |declaration| declaration.message),
                    checksum: declaration.and_then(|declaration| declaration.checksum),
                    applied_by,
                    binary_version,
                }
            })
            .collect();
        let delete: Vec<_> = deleted_rows
            .iter()
            .map(|row| Facts {
                revision: &row.revision,
                message: &row.message,
                checksum: None,
                applied_by,
                binary_version,
            })
            .collect();
        ledger::stamp(host.driver(), &self.names, &insert, &delete)?;
        // Whoever still works on such a backfill finds no checkpoint, and stops.
        for facts in insert.iter().chain(&delete) {
            if host.backfill(facts.revision).is_some() || !self.graph.contains(facts.revision) {
                ledger::forget_backfill(host.driver(), &self.names, facts.revision)?;
            }
        }
        Ok(report)
    }

    /// The heads after a stamp.
    pub(super) fn stamped_heads(
        &mut self,
        targets: &[&str],
        purge: bool,
        rows: Vec<LedgerRow>,
    ) -> Result<Vec<String>, Error> {
        Ok(self.stamp_plan(targets, purge, rows)?.0.heads)
    }

    /// What a stamp would write, and the rows it would remove.
    fn stamp_plan(
        &mut self,
        targets: &[&str],
        purge: bool,
        rows: Vec<LedgerRow>,
    ) -> Result<(StampReport, Vec<LedgerRow>), Error> {
        let (applied, begun, rows) = if purge {
            (Applied::none(), Applied::none(), rows)
        } else {
            let known = self.known(rows)?;
            let begun = self.begun(&known)?;
            (known.applied, begun, known.rows)
        };
        let plan = plan::stamp(self.graph, &applied, targets)?;
        // A backfill that is half done is forgotten as if it were done.
        let from_begun = plan::stamp(self.graph, &begun, targets)?.delete;
        let is_half_done =
            |row: &LedgerRow| self.is_half_done_backfill(row) && from_begun.contains(&row.revision.as_str());
        // A row in the middle of a step is written anew if it is stamped, and stays if it is not concerned.
        let is_inserted = |row: &LedgerRow| plan.insert.contains(&row.revision.as_str());
        let is_deleted = |row: &LedgerRow| plan.delete.contains(&row.revision.as_str());
        let deleted: Vec<_> = rows
            .into_iter()
            .filter(|row| purge || is_inserted(row) || is_deleted(row) || is_half_done(row))
            .collect();
        let report = StampReport {
            deleted: deleted
                .iter()
                .map(|row| row.revision.clone())
                .filter(|id| !plan.insert.contains(&id.as_str()))
                .collect(),
            inserted: plan.insert.into_iter().map(str::to_owned).collect(),
            heads: plan.heads_after.into_iter().map(str::to_owned).collect(),
        };
        Ok((report, deleted))
    }
}
