//! The end of the whole, by whoever finds that nothing is left.

use super::fault::{Failed, Place, Quit, Stop};
use super::worker::{Ended, Worker};
use crate::backfill::{BackfillError, Request};
use crate::ledger::{self, CheckpointState, Whole};

impl Worker<'_> {
    /// Checks that nothing remains and ends the backfill, with its row in the ledger; `None` when there is something
    /// to do after all, or somebody else is about to finish.
    pub(super) fn finish(&mut self) -> Result<Option<Ended>, Quit> {
        let finished = self.insist(|worker| {
            worker.begin(None)?;
            let whole = worker.lock_whole()?;
            let Some(whole) = whole.filter(|whole| whole.state == CheckpointState::Running) else {
                return Ok(None);
            };
            let (driver, spans) = (worker.host.driver(), worker.job.spans());
            if !whole.is_exhausted || !spans.look(driver, None, worker.job.is_alone)?.is_empty() {
                return Ok(None);
            }
            worker.finish_locked(&whole)
        });
        self.rollback();
        finished.map_err(|stop| match stop {
            Stop::Batch(failed) if failed.place == Place::Read && !failed.is_lost_connection() => {
                BackfillError::Uncounted(failed.cause).into()
            }
            stop => stop.without_piece(),
        })
    }

    fn finish_locked(&mut self, whole: &Whole) -> Result<Option<Ended>, Stop> {
        let remaining = self.ask(Request::Remaining)?.remaining;
        if u64::try_from(remaining).is_ok_and(|remaining| remaining > whole.rejected) {
            return self.again_from_the_beginning(whole, remaining).map(|()| None);
        }
        let job = self.job;
        let driver = self.host.driver();
        let milliseconds = u64::try_from(job.tally.elapsed().as_millis()).unwrap_or(u64::MAX);
        let finished = job.spans().finish(driver)?
            && ledger::finish_upgrade(driver, &job.names, &job.facts, milliseconds)?;
        if !finished {
            return Err(Failed::left_transaction().into());
        }
        self.confirm_lease()?;
        self.host.driver().commit()?;
        Ok(Some(Ended::Finished))
    }

    /// Goes back to the first row, if the backfill allows for it and the last time made a difference.
    fn again_from_the_beginning(&mut self, whole: &Whole, remaining: i64) -> Result<(), Stop> {
        let is_of_use = whole.remained.is_none_or(|before| remaining < before);
        if !self.job.settings.rescans || !is_of_use {
            return Err(BackfillError::Remaining { remaining, rejected: whole.rejected }.into());
        }
        if !self.job.spans().restart(self.host.driver(), remaining)? {
            return Err(Failed::left_transaction().into());
        }
        self.confirm_lease()?;
        self.host.driver().commit()?;
        self.job.tally.forget_rejected();
        self.asker.too_small = None;
        Ok(())
    }
}
