//! All steps in one transaction.

use super::error::Error;
use super::step::{Failure, Flow, Steps, applied};
use crate::ledger::{self, Claim};

impl Steps<'_, '_, '_> {
    /// All steps in one transaction: either every one of them happens or none.
    pub(super) fn take_in_one_transaction(mut self) -> Result<Flow, Error> {
        let outcome = self.tries_all();
        self.run.restore_foreign_keys();
        outcome
    }

    fn tries_all(&mut self) -> Result<Flow, Error> {
        let mut attempt = 0;
        loop {
            let mut number = 0;
            let outcome = self.attempt_all(&mut number);
            let failure = match outcome {
                Ok(true) => {
                    return Ok(Flow::Finished(self.take_report()));
                }
                Ok(false) => {
                    self.run.unwind_transactions();
                    return Ok(Flow::PlanAgain);
                }
                Err(failure) => failure,
            };
            self.run.unwind_transactions();
            self.nothing_is_done();
            match failure {
                Failure::Run(error) => return Err(error),
                Failure::Step(cause) if self.again_without_foreign_keys(&*cause, number)? => {}
                Failure::Step(cause) if !self.may_retry(&*cause, &mut attempt, number) => {
                    return Err(self.stopped(number, cause, false));
                }
                Failure::Step(_) => {}
            }
        }
    }

    fn nothing_is_done(&mut self) {
        self.report.steps.clear();
        self.applied = applied(self.basis);
    }

    fn attempt_all(&mut self, number: &mut usize) -> Result<bool, Failure> {
        self.begin()?;
        self.confirm(false)?;
        if self.basis_moved()? {
            return Ok(false);
        }
        let keys = self.keys_before()?;
        while *number < self.plan.steps.len() {
            let is_new = match self.claim(*number, true)? {
                Claim::Ours => true,
                Claim::Unfinished { state, applied_by } => {
                    if !self.take_over(*number, state, applied_by)? {
                        return Err(Failure::Run(self.diverged(*number)));
                    }
                    false
                }
                Claim::Done | Claim::Diverged => return Err(Failure::Run(self.diverged(*number))),
            };
            self.do_claimed(*number, is_new)?;
            *number += 1;
        }
        *number -= 1;
        self.confirm_keys(keys)?;
        self.confirm_lease()?;
        self.run.host.driver().commit()?;
        Ok(true)
    }

    /// Does a step whose row is ours, within the transaction of all steps.
    fn do_claimed(&mut self, number: usize, is_new: bool) -> Result<(), Failure> {
        if let Some(settings) = self.in_batches(number) {
            ledger::ensure_backfill(self.run.host.driver(), &self.run.names)?;
            self.open(number, is_new, settings)?;
            let (duration, progress) = self.fill(number, settings)?;
            self.finished(number, duration, Some(progress));
            return Ok(());
        }
        let journal = if is_new { None } else { self.journal_left(number)? };
        let duration = self.body(number, journal)?;
        self.finish_row(number, duration)?;
        self.finished(number, duration, None);
        Ok(())
    }
}
