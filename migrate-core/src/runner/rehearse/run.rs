//! Whether a backfill can be rehearsed, and trying again when others are in the way.

use std::collections::BTreeSet;

use super::attempt::Fallen;
use super::stage::Stage;
use crate::backfill::Settings;
use crate::ledger::RowState;
use crate::lock;
use crate::rehearsal::{Limits, Rehearsal, RehearsalError};
use crate::runner::error::Error;
use crate::runner::run::Run;

/// How often it is tried again when others were in the way.
const RETRIES: u32 = 3;

impl Run<'_, '_> {
    pub(in crate::runner) fn rehearse(&mut self, revision: &str, limits: Limits) -> Result<Rehearsal, Error> {
        let (settings, is_begun) = self.settings_to_rehearse(revision)?;
        if self.outer_depth > 0 {
            return Err(RehearsalError::InTransaction.into());
        }
        let mut attempt = 0;
        loop {
            let mut stage = Stage { run: self, revision, settings, limits, is_begun };
            let fallen = match stage.rehearse() {
                Ok(rehearsal) => return Ok(rehearsal),
                Err(Fallen::Error(error)) => return Err(error),
                Err(Fallen::InTheWay(cause)) => cause,
            };
            attempt += 1;
            if attempt > RETRIES {
                return Err(RehearsalError::InTheWay(fallen).into());
            }
            std::thread::sleep(lock::backoff(attempt - 1));
        }
    }

    /// The settings of the backfill, if it can be rehearsed now, and whether it has begun.
    fn settings_to_rehearse(&mut self, revision: &str) -> Result<(Settings, bool), Error> {
        let named = || revision.to_owned();
        if !self.graph.contains(revision) {
            return Err(RehearsalError::Unknown { revision: named() }.into());
        }
        let settings = self.host.backfill(revision);
        let settings = settings.ok_or_else(|| RehearsalError::NotABackfill { revision: named() })?;
        let rows = self.read()?.unwrap_or_default();
        let state = |id: &str| rows.iter().find(|row| row.revision == id).map(|row| row.state);
        let is_applied = |id: &str| state(id) == Some(RowState::Applied);
        if is_applied(revision) {
            return Err(RehearsalError::Applied { revision: named() }.into());
        }
        let parents = self.graph.parents(revision).chain(self.graph.dependencies(revision));
        let pending: BTreeSet<_> = parents.filter(|parent| !is_applied(parent)).map(str::to_owned).collect();
        if pending.is_empty() {
            return Ok((settings, state(revision).is_some()));
        }
        Err(RehearsalError::ParentsPending { revision: named(), pending: pending.into_iter().collect() }
            .into())
    }
}
