//! A row that failed alone.

use super::fault::{Cause, Failed, Quit, Stop};
use super::walk::Walk;
use crate::backfill::{BackfillError, Failure, Outcome};
use crate::error::chain;
use crate::ledger::{Rejection, reject_row};
use crate::runner::event::Event;

impl Walk<'_, '_> {
    /// Puts the row aside that failed alone, or stops at it.
    pub(super) fn reject(&mut self) -> Result<Option<Outcome>, Quit> {
        let Some(failed) = self.worker.failed.take() else { return Ok(Some(Outcome::Vanished)) };
        let before = self.piece.clone();
        let outcome = self.try_to_reject(failed);
        if let Ok(Outcome::Rejected) = outcome {
            self.tell(&before, 0)?;
        }
        self.sort_out(outcome)
    }

    fn try_to_reject(&mut self, failed: Failed) -> Result<Outcome, Stop> {
        self.worker.begin(Some(&self.piece))?;
        let answer = match self.ask_for_rows(1, false) {
            // It cannot even be read: there is no key to go past.
            Err(Stop::Batch(again)) if again.failure() == Failure::Row => {
                return Err(again.into_quit(self.piece.position.clone()).into());
            }
            answer => answer?,
        };
        let key = match answer.last {
            Some(key) if failed.key.as_ref() == Some(&key) => key,
            _ => {
                self.worker.rollback();
                return Ok(Outcome::Vanished);
            }
        };
        self.put_aside(key, failed.cause)
    }

    fn put_aside(&mut self, key: String, cause: Cause) -> Result<Outcome, Stop> {
        let error = chain(&*cause);
        let job = self.worker.job;
        let worker = &mut *self.worker;
        let (driver, spans) = (worker.host.driver(), job.spans());
        // The limit is that of all workers together: they take turns.
        let rejected = spans.rejected_so_far(driver)?;
        let blocking = rejected >= job.settings.max_rejected;
        let blocks = blocking.then_some(self.piece.span);
        let rejection = Rejection { key: &key, error: &error, worker: &worker.name, blocks };
        reject_row(driver, spans, rejection)?;
        if blocking {
            // Whoever has lost the piece stops at nothing: the row is another's, or of a backfill that was undone.
            if spans.beat(driver, &self.piece)?.is_none() {
                return Err(Stop::PieceChanged);
            }
            driver.commit()?;
            return Err(BackfillError::Row { key, rejected, cause }.into());
        }
        let mut to = self.moved(&key);
        to.rejected += 1;
        self.commit_at(to)?;
        job.emit(&Event::Rejected { revision: job.revision().to_owned(), key, cause: error });
        Ok(Outcome::Rejected)
    }
}
