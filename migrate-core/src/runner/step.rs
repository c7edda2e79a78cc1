use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::time::{Duration, Instant};

use super::claim::Entered;
use super::error::Error;
use super::event::Event;
use super::report::{BackfillProgress, Report, StepReport};
use super::run::Run;
use crate::backfill::BackfillError;
use crate::connection::classify;
use crate::error::{BodyError, chain};
use crate::journal::Journal;
use crate::ledger::{self, Facts, LedgerRow, RowState};
use crate::lock::{self, Held};
use crate::plan::{Direction, Plan};

/// How a walk over a plan ended.
pub(super) enum Flow {
    Finished(Report),
    /// The ledger was not what the plan was made from, and nothing was done yet.
    PlanAgain,
}

/// The walk over a plan.
pub(super) struct Steps<'r, 'h, 'a> {
    pub(super) run: &'r mut Run<'h, 'a>,
    pub(super) plan: &'r Plan<'a>,
    /// The rows that the plan was made from.
    pub(super) basis: &'r [LedgerRow],
    pub(super) held: &'r Held,
    pub(super) report: Report,
    /// What is applied by now.
    pub(super) applied: BTreeSet<String>,
    /// The steps before this one have been announced, and run again in silence.
    announced: usize,
}

/// How one attempt at a step ended when no error did.
pub(super) enum Attempt {
    Done(Duration),
    /// A backfill, with all that was done of it.
    Filled(Duration, BackfillProgress),
    /// Another runner took the step.
    Skipped,
    PlanAgain,
}

/// Why one attempt at a step failed.
pub(super) enum Failure {
    /// The body, or a statement around it, failed.
    Step(Box<dyn StdError + Send + Sync>),
    /// The run cannot go on for a reason of its own.
    Run(Error),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Step(Box::new(error))
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Self {
        Self::Step(error.into_source())
    }
}

impl<'r, 'h, 'a> Steps<'r, 'h, 'a> {
    pub(super) fn new(
        run: &'r mut Run<'h, 'a>,
        plan: &'r Plan<'a>,
        basis: &'r [LedgerRow],
        held: &'r Held,
    ) -> Self {
        Self { run, plan, basis, held, report: Report::default(), applied: applied(basis), announced: 0 }
    }

    pub(super) fn take(mut self) -> Result<Flow, Error> {
        if self.run.options.single_transaction {
            return self.take_in_one_transaction();
        }
        for number in 0..self.plan.steps.len() {
            if self.run.options.stop.is_set() {
                return Err(self.halted(number, None));
            }
            match self.step_with_retries(number)? {
                Attempt::Done(duration) => self.finished(number, duration, None),
                Attempt::Filled(duration, progress) => self.finished(number, duration, Some(progress)),
                Attempt::Skipped => self.now_is(number),
                Attempt::PlanAgain => return Ok(Flow::PlanAgain),
            }
        }
        Ok(Flow::Finished(self.take_report()))
    }

    pub(super) fn finished(&mut self, number: usize, duration: Duration, backfill: Option<BackfillProgress>) {
        let step = &self.plan.steps[number];
        if number + 1 >= self.announced {
            self.run.emit(&Event::Finished {
                revision: step.id().to_owned(),
                direction: step.direction(),
                duration,
            });
        }
        self.now_is(number);
        self.report.steps.push(StepReport {
            revision: step.id().to_owned(),
            direction: step.direction(),
            duration,
            backfill,
        });
    }

    /// Notes that the ledger is as a step leaves it.
    fn now_is(&mut self, number: usize) {
        let step = &self.plan.steps[number];
        match step.direction() {
            Direction::Upgrade => self.applied.insert(step.id().to_owned()),
            Direction::Downgrade => self.applied.remove(step.id()),
        };
    }

    /// What this run did and committed so far.
    pub(super) fn take_report(&mut self) -> Report {
        let heads = self.run.graph.maximal(self.applied.iter().map(String::as_str));
        self.report.heads = heads.into_iter().map(str::to_owned).collect();
        std::mem::take(&mut self.report)
    }

    fn step_with_retries(&mut self, number: usize) -> Result<Attempt, Error> {
        let outcome = self.tries(number);
        self.run.restore_foreign_keys();
        outcome
    }

    fn tries(&mut self, number: usize) -> Result<Attempt, Error> {
        let batches = self.in_batches(number);
        let transactional = batches.is_none() && self.is_transactional(number);
        let mut attempt = 0;
        loop {
            let outcome = match batches {
                Some(settings) => self.step_in_batches(number, settings),
                None if transactional => self.step(number),
                None => self.step_outside_transaction(number),
            };
            let failure = match outcome {
                Ok(attempt) => return Ok(attempt),
                Err(failure) => failure,
            };
            self.run.unwind_transactions();
            let cause = match failure {
                Failure::Run(error) => return Err(error),
                Failure::Step(cause) => cause,
            };
            if transactional && self.again_without_foreign_keys(&*cause, number)? {
                continue;
            }
            // What ran outside a transaction has stayed: running it again is for the next run to decide. A backfill
            // has tried its batches again itself.
            let repeatable = transactional || batches.is_some() && !cause.is::<BackfillError>();
            if !repeatable || !self.may_retry(&*cause, &mut attempt, number) {
                return Err(self.stopped(number, cause, !transactional));
            }
        }
    }

    /// Whether a step runs again with foreign keys off.
    pub(super) fn again_without_foreign_keys(
        &mut self,
        cause: &(dyn StdError + 'static),
        number: usize,
    ) -> Result<bool, Error> {
        let again = self.run.switch_foreign_keys_off(cause)?;
        if again {
            self.announced = number + 1;
        }
        Ok(again)
    }

    /// One step and its ledger row in one transaction (I3).
    fn step(&mut self, number: usize) -> Result<Attempt, Failure> {
        let journal = match self.enter(number, true)? {
            Entered::Ours => None,
            Entered::Resumed => self.journal_left(number)?,
            Entered::Skipped => return Ok(Attempt::Skipped),
            Entered::PlanAgain => return Ok(Attempt::PlanAgain),
        };
        let keys = self.keys_before()?;
        let duration = self.body(number, journal)?;
        self.confirm_keys(keys)?;
        self.finish_row(number, duration)?;
        self.confirm_lease()?;
        self.run.host.driver().commit()?;
        Ok(Attempt::Done(duration))
    }

    /// A step outside a transaction: its row is committed as unfinished first, and as done afterwards; between
    /// the two its journal is kept (I8).
    fn step_outside_transaction(&mut self, number: usize) -> Result<Attempt, Failure> {
        ledger::ensure_journal(self.run.host.driver(), &self.run.names)?;
        match self.enter(number, false)? {
            Entered::Ours => {
                self.forget_journal(number)?;
                self.run.host.driver().commit()?;
            }
            Entered::Resumed => self.run.host.driver().commit()?,
            Entered::Skipped => return Ok(Attempt::Skipped),
            Entered::PlanAgain => return Ok(Attempt::PlanAgain),
        }
        self.set_session_limits()?;
        let journal = self.journal(number)?;
        let outcome = self.body(number, Some(journal));
        if outcome.is_err() {
            // A transaction that the body began by hand; without one this is refused, which is as well.
            self.run.unwind_transactions();
            let _ = self.run.host.driver().batch("ROLLBACK");
        }
        self.run.restore_session_limits();
        let duration = outcome?;
        self.begin()?;
        self.confirm(false)?;
        if self.plan.steps[number].direction() == Direction::Downgrade {
            self.claim(number, true)?;
        }
        self.forget_journal(number)?;
        self.finish_row(number, duration)?;
        self.run.host.driver().commit()?;
        Ok(Attempt::Done(duration))
    }

    /// Runs the body, and sees to it that it leaves the transactions as it found them.
    pub(super) fn body(&mut self, number: usize, journal: Option<Journal>) -> Result<Duration, Failure> {
        self.announce(number);
        let step = &self.plan.steps[number];
        let depth = self.run.host.driver().transaction_depth();
        let started = Instant::now();
        self.run.host.run_body(step.id(), step.direction(), journal)?;
        if self.run.host.driver().transaction_depth() != depth {
            return Err(left_transaction().into());
        }
        Ok(started.elapsed())
    }

    pub(super) fn announce(&self, number: usize) {
        if number < self.announced {
            return;
        }
        let step = &self.plan.steps[number];
        self.run.emit(&Event::Started {
            revision: step.id().to_owned(),
            direction: step.direction(),
            description: step.to_string(),
            number: number + 1,
            total: self.plan.steps.len(),
        });
    }

    pub(super) fn finish_row(&mut self, number: usize, duration: Duration) -> Result<(), Failure> {
        let step = &self.plan.steps[number];
        let facts = facts(self.run, step.id());
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let finish = match step.direction() {
            Direction::Upgrade => ledger::finish_upgrade,
            Direction::Downgrade => ledger::finish_downgrade,
        };
        if finish(self.run.host.driver(), &self.run.names, &facts, milliseconds)? {
            Ok(())
        } else {
            Err(left_transaction().into())
        }
    }

    fn is_transactional(&self, number: usize) -> bool {
        self.run
            .host
            .declaration(self.plan.steps[number].id())
            .is_none_or(|declaration| declaration.transaction)
    }

    /// Decides whether a failure is worth another try, and waits before it: 100 ms, doubled each time up to
    /// 5 s, with jitter.
    pub(super) fn may_retry(
        &mut self,
        cause: &(dyn StdError + 'static),
        attempt: &mut u32,
        number: usize,
    ) -> bool {
        if *attempt >= self.run.options.retries || self.run.outer_depth > 0 || !classify(cause).is_transient()
        {
            return false;
        }
        let delay = lock::backoff(*attempt);
        *attempt += 1;
        let revision = self.plan.steps[number].id().to_owned();
        self.run.emit(&Event::Retrying { revision, attempt: *attempt, delay, cause: chain(cause) });
        std::thread::sleep(delay);
        true
    }

    pub(super) fn stopped(
        &mut self,
        number: usize,
        cause: Box<dyn StdError + Send + Sync>,
        half_done: bool,
    ) -> Error {
        let facts = facts(self.run, self.plan.steps[number].id());
        // A word in the event table, if the connection still lets us; the error itself says it all.
        let _ = ledger::record_failure(self.run.host.driver(), &self.run.names, &facts, &chain(&*cause));
        self.stopped_unrecorded(number, cause, half_done)
    }

    pub(super) fn stopped_unrecorded(
        &mut self,
        number: usize,
        cause: Box<dyn StdError + Send + Sync>,
        half_done: bool,
    ) -> Error {
        // All that is not the backfill's own is about its row in the ledger, or the checkpoints.
        let is_around = half_done && self.in_batches(number).is_some() && !cause.is::<BackfillError>();
        let cause = if is_around { Box::new(BackfillError::State(cause)) } else { cause };
        let step = &self.plan.steps[number];
        Error::Stopped {
            revision: step.id().to_owned(),
            direction: step.direction(),
            report: self.take_report(),
            total: self.plan.steps.len(),
            half_done,
            cause,
        }
    }
}

pub(super) fn applied(rows: &[LedgerRow]) -> BTreeSet<String> {
    rows.iter().filter(|row| row.state != RowState::Running).map(|row| row.revision.clone()).collect()
}

pub(super) fn left_transaction() -> BodyError {
    BodyError::new("the migration left a transaction open, or ended the one it runs in")
}

pub(super) fn facts<'s>(run: &Run<'_, 's>, revision: &'s str) -> Facts<'s> {
    let declaration = run.host.declaration(revision);
    Facts {
        revision,
        message: declaration.map_or("", |declaration| declaration.message),
        checksum: declaration.and_then(|declaration| declaration.checksum),
        applied_by: &run.options.applied_by,
        binary_version: run.binary_version,
    }
}
