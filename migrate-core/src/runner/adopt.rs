use super::error::Error;
use super::run::Run;
use crate::adopt::{self, AdoptError, AdoptReport, Adoption, Ours, Source};
use crate::ledger::{self, Facts, RowState};

impl Run<'_, '_> {
    /// What an adoption would write; changes nothing.
    pub(super) fn adopt_preview(&mut self, source: &Source) -> Result<AdoptReport, Error> {
        self.adoption(source).map(|(adoption, ours)| self.adopt_report(adoption, &ours))
    }

    pub(super) fn adopt(&mut self, source: &Source) -> Result<AdoptReport, Error> {
        // Decided once before anything is created, so that a mistake leaves no trace.
        let (adoption, ours) = self.adoption(source)?;
        if adoption.insert.is_empty() {
            return Ok(self.adopt_report(adoption, &ours));
        }
        self.locked(|run, _| {
            run.ensure_tables()?;
            run.host.driver().begin("").map_err(|error| run.busy_or(error))?;
            let report = run.adopt_in_transaction(source);
            match report {
                Ok(_) => run.host.driver().commit()?,
                Err(_) => run.unwind_transactions(),
            }
            report
        })
    }

    fn adopt_in_transaction(&mut self, source: &Source) -> Result<AdoptReport, Error> {
        ledger::lock_table(self.host.driver(), &self.names)?;
        let (adoption, ours) = self.adoption(source)?;
        let host = &mut *self.host;
        let detail = format!("adopted from {}", source.table);
        for adopted in &adoption.insert {
            let declaration = host.declaration(&adopted.revision);
            let facts = Facts {
                revision: &adopted.revision,
                message: declaration.map_or("", |declaration| declaration.message),
                checksum: declaration.and_then(|declaration| declaration.checksum),
                applied_by: &self.options.applied_by,
                binary_version: self.binary_version,
            };
            ledger::adopt(host.driver(), &self.names, &facts, adopted.applied_at.as_deref(), &detail)?;
        }
        Ok(self.adopt_report(adoption, &ours))
    }

    fn adoption(&mut self, source: &Source) -> Result<(Adoption, Ours), Error> {
        let rows = self.read()?;
        let has_ledger = rows.is_some();
        let known = self.known(rows.unwrap_or_default())?;
        let Some(theirs) = adopt::read(self.host.driver(), source)? else {
            let Source { tool, table } = source.clone();
            return Err(AdoptError::NoTable { tool, table }.into());
        };
        let undone =
            if has_ledger { ledger::undone(self.host.driver(), &self.names)? } else { <_>::default() };
        let applied = known.rows.iter().map(|row| row.revision.clone()).collect();
        let ours = Ours { applied, undone };
        let adoption = adopt::decide(self.graph, source, &theirs, &ours)?;
        // What the tool has done, and a run of ours is in the middle of, is for that run to finish.
        let in_the_middle = |revision: &str| {
            known.rows.iter().find(|row| row.state != RowState::Applied && row.revision == revision)
        };
        match adoption.agreeing.iter().find_map(|revision| in_the_middle(revision)) {
            Some(row) => Err(Error::Interrupted {
                revision: row.revision.clone(),
                state: row.state,
                applied_by: row.applied_by.clone(),
            }),
            None => Ok((adoption, ours)),
        }
    }

    fn adopt_report(&self, adoption: Adoption, ours: &Ours) -> AdoptReport {
        let Adoption { insert: adopted, agreeing } = adoption;
        let all = ours.applied.iter().chain(adopted.iter().map(|adopted| &adopted.revision));
        let heads = self.graph.maximal(all.map(String::as_str)).into_iter().map(str::to_owned).collect();
        AdoptReport { adopted, agreeing, heads }
    }
}
