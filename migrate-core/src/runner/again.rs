//! A run as a whole is tried again when its connection was lost in the middle of a backfill.

use std::time::{Duration, Instant};

use super::error::Error;
use super::event::Event;
use super::report::{Report, StepReport};
use super::run::{Command, Run};
use crate::backfill::BackfillError;
use crate::error::chain;
use crate::lock;

/// How long a server may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);

impl Run<'_, '_> {
    /// Migrates, and does so again on another connection when the one of a backfill was lost, with the run lock.
    ///
    /// Gives up after too many losses with no batch in between: however often the connection is lost, a run that gets
    /// on comes to an end. How long it takes says nothing, for it may be the batch itself that brings the server down.
    pub(super) fn migrate_again(&mut self, command: Command<'_>) -> Result<Report, Error> {
        let (mut done, mut losses) = (Vec::new(), 0);
        loop {
            let before = self.batches;
            let mut outcome = self.migrate(command);
            add_before(&mut outcome, &done);
            losses = if self.batches > before { 1 } else { losses + 1 };
            let Err(Error::Stopped { revision, cause, report, .. }) = &outcome else { return outcome };
            let again = is_loss(&**cause)
                && self.may_connect_again(losses)
                && self.connect_again(revision, chain(&**cause));
            if !again {
                return outcome;
            }
            done.clone_from(&report.steps);
        }
    }

    fn may_connect_again(&self, losses: u32) -> bool {
        self.outer_depth == 0 && self.host.can_reconnect() && losses <= self.options.retries
    }

    /// Opens another connection; `false` when the server does not come back.
    fn connect_again(&mut self, revision: &str, mut cause: String) -> bool {
        let (since, mut attempt) = (Instant::now(), 0);
        loop {
            let delay = lock::backoff(attempt);
            attempt += 1;
            self.emit(&Event::Reconnecting { revision: revision.to_owned(), attempt, delay, cause });
            std::thread::sleep(delay);
            match self.host.reconnect() {
                Ok(()) => {
                    self.names = self.options.names.clone();
                    return true;
                }
                Err(_) if since.elapsed() >= PATIENCE || self.options.stop.is_set() => return false,
                Err(error) => cause = chain(&*error),
            }
        }
    }
}

fn is_loss(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(BackfillError::ConnectionLost { .. }))
}

/// Puts the steps that were done on connections before this one in front of those of whatever a run came to.
fn add_before(outcome: &mut Result<Report, Error>, done: &[StepReport]) {
    if let Err(Error::Stopped { total, .. } | Error::Halted { total, .. }) = outcome {
        *total += done.len();
    }
    let (Ok(report)
    | Err(
        Error::Stopped { report, .. }
        | Error::Halted { report, .. }
        | Error::Diverged { report, .. }
        | Error::SessionMoved { report }
        | Error::LeaseTaken { report },
    )) = outcome
    else {
        return;
    };
    report.steps.splice(..0, done.iter().cloned());
}
