//! From a step of a run to its backfill and back.

use std::time::Duration;

use diesel::QueryResult;

use super::crew;
use super::fault::{Failed, Quit};
use super::job::Job;
use super::pieces::withheld;
use super::worker;
use crate::backfill::{Answer, BackfillError, Request, Settings};
use crate::connection::{Dialect, Driver};
use crate::ledger::{self, CheckpointState, Owner, Spans, Whole};
use crate::lock::Lost;
use crate::plan::Direction;
use crate::runner::claim::Entered;
use crate::runner::error::Error;
use crate::runner::event::Event;
use crate::runner::host::Host;
use crate::runner::report::BackfillProgress;
use crate::runner::run::Run;
use crate::runner::step::{Attempt, Failure, Steps, facts};

impl Steps<'_, '_, '_> {
    /// How a step runs in batches, if it does.
    pub(in crate::runner) fn in_batches(&self, number: usize) -> Option<Settings> {
        let step = &self.plan.steps[number];
        let upgrade = step.direction() == Direction::Upgrade;
        self.run.host.backfill(step.id()).filter(|_| upgrade)
    }

    /// A backfill: its row is committed as running first, and as applied with the check at the end.
    pub(in crate::runner) fn step_in_batches(
        &mut self,
        number: usize,
        settings: Settings,
    ) -> Result<Attempt, Failure> {
        match self.claim_backfill(number, settings)? {
            Entered::Skipped => Ok(Attempt::Skipped),
            Entered::PlanAgain => Ok(Attempt::PlanAgain),
            Entered::Ours | Entered::Resumed => {
                let (duration, progress) = self.fill(number, settings)?;
                Ok(Attempt::Filled(duration, progress))
            }
        }
    }

    /// Commits the row of a backfill as running, and the checkpoint of the whole.
    pub(super) fn claim_backfill(&mut self, number: usize, settings: Settings) -> Result<Entered, Failure> {
        ledger::ensure_backfill(self.run.host.driver(), &self.run.names)?;
        let entered = self.enter(number, true)?;
        let is_new = match entered {
            Entered::Ours => true,
            Entered::Resumed => false,
            Entered::Skipped | Entered::PlanAgain => return Ok(entered),
        };
        self.open(number, is_new, settings)?;
        self.confirm_lease()?;
        self.run.host.driver().commit()?;
        Ok(entered)
    }

    /// Makes the checkpoint of the whole, within the transaction that claims the step.
    pub(in crate::runner) fn open(
        &mut self,
        number: usize,
        is_new: bool,
        settings: Settings,
    ) -> Result<(), Failure> {
        let revision = self.plan.steps[number].id();
        let (driver, names) = (self.run.host.driver(), &self.run.names);
        if is_new {
            ledger::forget_backfill(driver, names, revision)?;
        }
        let whole = Spans::of(names, revision).open(driver, settings.pace.start)?;
        refuse_withheld(&whole)?;
        Ok(self.note(number, |spans, driver, owner| spans.enlist(driver, owner))?)
    }

    /// Notes in the row of the whole who is at it, or takes that back.
    fn note(
        &mut self,
        number: usize,
        note: fn(Spans<'_>, &mut dyn Driver, Owner<'_>) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let revision = self.plan.steps[number].id();
        let is_alone = self.run.is_one_transaction();
        let (driver, options) = (self.run.host.driver(), self.run.options);
        let session = worker::session(driver, options, is_alone)?;
        let owner = Owner { worker: &options.applied_by, session: session.as_deref() };
        note(Spans::of(&self.run.names, revision), driver, owner)
    }

    /// Finds the checkpoint of the whole, for a process that holds nothing which keeps it there: it may have been undone,
    /// or recorded as done by hand, since the ledger was read. Made anew it would have all rows changed once more.
    pub(super) fn join(&mut self, number: usize) -> Result<(), Failure> {
        let spans = Spans::of(&self.run.names, self.plan.steps[number].id());
        match spans.read(self.run.host.driver())? {
            Some(whole) => refuse_withheld(&whole),
            None => Err(Failure::Step(Box::new(BackfillError::NoCheckpoint))),
        }
    }

    /// Does what is left of a backfill, and ends the step, or leaves it as one that nobody works on.
    pub(in crate::runner) fn fill(
        &mut self,
        number: usize,
        settings: Settings,
    ) -> Result<(Duration, BackfillProgress), Failure> {
        let filled = self.fill_noted(number, settings);
        if filled.is_err() && !self.run.is_one_transaction() {
            self.run.unwind_transactions();
            // Without it the end of the session, or time, says the same.
            let _ = self.note(number, |spans, driver, owner| spans.leave(driver, owner));
        }
        filled
    }

    fn fill_noted(
        &mut self,
        number: usize,
        settings: Settings,
    ) -> Result<(Duration, BackfillProgress), Failure> {
        self.announce(number);
        let facts = facts(self.run, self.plan.steps[number].id());
        let run = &mut *self.run;
        let driver = run.host.driver();
        let one_writer = driver.dialect() != Dialect::Postgres;
        let is_alone = one_writer || driver.transaction_depth() != Some(0);
        if one_writer && run.options.workers > 1 {
            run.emit(&Event::OneWorker { revision: facts.revision.to_owned(), asked: run.options.workers });
        }
        let names = run.names.clone();
        let job = Job::new(facts, settings, names, run.options, run.emit, is_alone);
        if let Err(failed) = self.look_around(&job) {
            let is_lost = failed.is_lost_connection();
            let mut failure = |quit| self.ended(number, &job, quit);
            return Err(if is_lost { failure(failed.into_quit(None)) } else { Failure::Step(failed.cause) });
        }
        let outcome = crew::work(&job, self.run.host, self.run.hosts, self.held);
        self.run.batches += job.tally.own_batches();
        match outcome {
            Ok(_) => Ok((job.tally.elapsed(), final_progress(&job, self.run.host.driver()))),
            Err(quit) => Err(self.ended(number, &job, quit)),
        }
    }

    /// Finds out what earlier runs did, and at the beginning how much there is to do.
    fn look_around(&mut self, job: &Job<'_>) -> Result<(), Failed> {
        let (host, spans) = (&mut *self.run.host, job.spans());
        let mut sums = spans.sums(host.driver()).map_err(Failed::around)?;
        let is_first = sums.total.is_none() && sums.batches == 0 && sums.workers == 0;
        if is_first {
            // In a transaction, or a savepoint, of its own: without the number the work goes on all the same.
            host.driver().begin("").map_err(Failed::around)?;
            let total = match count(host, job) {
                Err(failed) if failed.is_lost_connection() => return Err(failed),
                total => total.ok().flatten().and_then(|total| u64::try_from(total).ok()),
            };
            let written = match total {
                Some(total) => {
                    sums.total = Some(total);
                    spans.set_total(host.driver(), total).and_then(|()| host.driver().commit())
                }
                None => host.driver().rollback(),
            };
            written.map_err(Failed::around)?;
        }
        job.tally.found(sums);
        Ok(())
    }

    /// Why the step ends before it is done.
    fn ended(&mut self, number: usize, job: &Job<'_>, quit: Quit) -> Failure {
        match quit {
            Quit::Halted => {
                let progress = final_progress(job, self.run.host.driver());
                Failure::Run(self.halted(number, Some(progress)))
            }
            Quit::Failed(cause) => Failure::Step(cause),
            Quit::ConnectionLost(error) => Failure::Step(Box::new(error)),
            Quit::LockLost(Lost::SessionMoved) => {
                Failure::Run(Error::SessionMoved { report: self.take_report() })
            }
            Quit::LockLost(Lost::LeaseTaken) => {
                Failure::Run(Error::LeaseTaken { report: self.take_report() })
            }
        }
    }

    /// The run was asked to stop, and it does so before this step or between its batches.
    pub(in crate::runner) fn halted(&mut self, number: usize, progress: Option<BackfillProgress>) -> Error {
        let revision = self.plan.steps[number].id().to_owned();
        let total = self.plan.steps.len();
        Error::Halted { revision, total, report: self.take_report(), progress: progress.map(Box::new) }
    }
}

impl Run<'_, '_> {
    /// Whether nobody sees anything of this run before all of it is done.
    fn is_one_transaction(&self) -> bool {
        self.options.single_transaction || self.outer_depth > 0
    }
}

/// How many rows the backfill says it has to visit.
fn count(host: &mut dyn Host, job: &Job<'_>) -> Result<Option<i64>, Failed> {
    let answer = Answer::default();
    let mut answer =
        host.ask(job.revision(), Request::Total).map_err(|error| Failed::applying(error, &answer))?;
    match answer.fault.take() {
        Some(fault) => Err(Failed::of(fault, &answer)),
        None => Ok(answer.total),
    }
}

fn refuse_withheld(whole: &Whole) -> Result<(), Failure> {
    if whole.state.is_withheld() {
        return Err(Failure::Step(Box::new(withheld(whole.state))));
    }
    Ok(())
}

/// What the whole has come to, others' work included.
fn final_progress(job: &Job<'_>, driver: &mut dyn Driver) -> BackfillProgress {
    let spans = job.spans();
    let mut position = None;
    if let Ok(sums) = spans.sums(driver) {
        job.tally.found(sums);
    }
    if let Ok(Some(whole)) = spans.read(driver) {
        position = whole.position.filter(|_| whole.state == CheckpointState::Done);
    }
    job.tally.progress(0, position)
}
