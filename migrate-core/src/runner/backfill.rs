//! The loop of a backfill: batch after batch, each in a transaction with its checkpoint (I10).

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use super::claim::Entered;
use super::error::Error;
use super::event::Event;
use super::report::BackfillProgress;
use super::step::{Attempt, Failure, Steps, left_transaction};
use crate::backfill::{Answer, BackfillError, Batcher, Fault, Next, Outcome, Request, Settings};
use crate::connection::{Dialect, FailureKind, classify};
use crate::error::BodyError;
use crate::ledger::{self, Checkpoint, CheckpointState, Rejection};
use crate::lock;

type Cause = Box<dyn StdError + Send + Sync>;

/// One backfill on its way.
pub(super) struct Walk<'w, 'r, 'h, 'a> {
    steps: &'w mut Steps<'r, 'h, 'a>,
    number: usize,
    settings: Settings,
    batcher: Batcher,
    checkpoint: Checkpoint,
    started: Instant,
    /// What earlier runs did.
    rows_before: u64,
    /// How many transactions are open around the batches.
    depth: u32,
    /// Why the last batch failed.
    failed: Option<Failed>,
    /// What remained after the last time that all rows were visited.
    remained: Option<i64>,
}

/// Why a batch came to nothing.
struct Failed {
    place: Place,
    cause: Cause,
    /// How many rows it had, 0 when that is not known.
    rows: u32,
    /// The key of its last row.
    key: Option<String>,
}

/// Where it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Read,
    /// What depends on the rows: `apply`, and a constraint that is checked at the commit.
    Apply,
    /// The cause says it all.
    Contract,
    /// The framework's own statements.
    Around,
}

/// How a batch ended that was not committed.
enum Stop {
    Batch(Failed),
    Run(Failure),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Failed::around(error).into()
    }
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Self::Batch(failed)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Step(cause) => Failed { place: Place::Around, cause, rows: 0, key: None }.into(),
            Failure::Run(_) => Self::Run(failure),
        }
    }
}

impl Failed {
    fn around(error: diesel::result::Error) -> Self {
        Self { place: Place::Around, cause: Box::new(error), rows: 0, key: None }
    }

    fn of(fault: Fault<String>, answer: &Answer) -> Self {
        let (place, cause): (_, Cause) = match fault {
            Fault::Read(error) => (Place::Read, error.into_source()),
            Fault::Apply(error, _) => (Place::Apply, error.into_source()),
            Fault::Contract(error) => (Place::Contract, Box::new(error)),
        };
        Self { place, cause, rows: answer.rows, key: answer.last.clone() }
    }

    fn failure(&self) -> crate::backfill::Failure {
        use crate::backfill::Failure;
        match (classify(&*self.cause), self.place) {
            (kind, _) if kind.is_transient() => Failure::Passing,
            (FailureKind::StatementTimeout, Place::Read | Place::Apply) => Failure::TooLong,
            (FailureKind::ConnectionLost | FailureKind::ReadOnly | FailureKind::DiskFull, _) => {
                Failure::Final
            }
            (_, Place::Apply) => Failure::Row,
            // A value that does not fit its type is one row's.
            (_, Place::Read) if is_of_a_value(&*self.cause) => Failure::Row,
            (_, Place::Read | Place::Contract | Place::Around) => Failure::Final,
        }
    }

    fn into_failure(self, after: Option<String>) -> Failure {
        if self.cause.is::<BackfillError>() {
            return Failure::Step(self.cause);
        }
        let (lost, cause) = (classify(&*self.cause) == FailureKind::ConnectionLost, self.cause);
        Failure::from(match self.place {
            _ if lost => BackfillError::ConnectionLost { after, cause },
            Place::Read => BackfillError::Read { after, cause },
            Place::Apply | Place::Contract | Place::Around => BackfillError::Batch { after, cause },
        })
    }
}

impl From<BackfillError> for Failure {
    fn from(error: BackfillError) -> Self {
        Self::Step(Box::new(error))
    }
}

impl Steps<'_, '_, '_> {
    /// How a step runs in batches, if it does.
    pub(super) fn in_batches(&self, number: usize) -> Option<Settings> {
        let step = &self.plan.steps[number];
        let upgrade = step.direction() == crate::plan::Direction::Upgrade;
        self.run.host.backfill(step.id()).filter(|_| upgrade)
    }

    /// A backfill: its row is committed as running first, and as applied with the check at the end.
    pub(super) fn step_in_batches(&mut self, number: usize, settings: Settings) -> Result<Attempt, Failure> {
        ledger::ensure_backfill(self.run.host.driver(), &self.run.names)?;
        let is_new = match self.enter(number, true)? {
            Entered::Ours => true,
            Entered::Resumed => false,
            Entered::Skipped => return Ok(Attempt::Skipped),
            Entered::PlanAgain => return Ok(Attempt::PlanAgain),
        };
        let checkpoint = self.open(number, is_new, settings)?;
        self.confirm_lease()?;
        self.run.host.driver().commit()?;
        let (duration, progress) = self.fill(number, settings, checkpoint)?;
        Ok(Attempt::Filled(duration, progress))
    }

    /// Takes the checkpoint, within the transaction that claims the step.
    pub(super) fn open(
        &mut self,
        number: usize,
        is_new: bool,
        settings: Settings,
    ) -> Result<Checkpoint, Failure> {
        let (revision, worker) = (self.plan.steps[number].id(), &self.run.options.applied_by);
        let driver = self.run.host.driver();
        if is_new {
            ledger::forget_backfill(driver, &self.run.names, revision)?;
        }
        let size = settings.pace.start;
        let checkpoint = ledger::open_checkpoint(driver, &self.run.names, revision, worker, size)?;
        withheld(checkpoint.state)?;
        Ok(checkpoint)
    }

    /// Does the batches that are left, and ends the step.
    pub(super) fn fill(
        &mut self,
        number: usize,
        settings: Settings,
        checkpoint: Checkpoint,
    ) -> Result<(Duration, BackfillProgress), Failure> {
        self.announce(number);
        let depth = self.run.host.driver().transaction_depth().unwrap_or_default();
        let batcher = Batcher::new(settings.pace, checkpoint.batch_size, self.run.options.retries);
        let mut walk = Walk {
            steps: self,
            number,
            settings,
            batcher,
            rows_before: checkpoint.rows,
            checkpoint,
            started: Instant::now(),
            depth,
            failed: None,
            remained: None,
        };
        loop {
            walk.walk()?;
            if walk.finish()? {
                return Ok((walk.started.elapsed(), walk.progress(0)));
            }
        }
    }
}

impl Walk<'_, '_, '_, '_> {
    /// Visits all rows from the checkpoint on.
    fn walk(&mut self) -> Result<(), Failure> {
        loop {
            let outcome = match self.batcher.next(Instant::now()) {
                Next::Finished => return Ok(()),
                Next::GiveUp => return Err(self.give_up()),
                next => {
                    self.heed()?;
                    match next {
                        Next::Again { limit, attempt } => {
                            self.wait(attempt);
                            self.batcher.next(Instant::now());
                            self.batch(limit)?
                        }
                        Next::Batch { limit } => self.batch(limit)?,
                        _ => self.reject()?,
                    }
                }
            };
            self.batcher.told(outcome, Instant::now());
            if matches!(outcome, Outcome::Done { .. }) && !self.settings.pace.rest.is_zero() {
                std::thread::sleep(self.settings.pace.rest);
            }
        }
    }

    /// Ends between two batches when somebody asks for it.
    fn heed(&mut self) -> Result<(), Failure> {
        withheld(self.checkpoint.state)?;
        if self.steps.run.options.stop.is_set() {
            let progress = self.progress(0);
            return Err(Failure::Run(self.steps.halted(self.number, Some(progress))));
        }
        Ok(())
    }

    fn wait(&self, attempt: u32) {
        let delay = lock::backoff(attempt - 1);
        let cause = self.failed.as_ref().map(|failed| failed.cause.to_string()).unwrap_or_default();
        let revision = self.checkpoint.revision.clone();
        self.steps.run.emit(&Event::Retrying { revision, attempt, delay, cause });
        std::thread::sleep(delay);
    }

    fn batch(&mut self, limit: u32) -> Result<Outcome, Failure> {
        match self.attempt(limit) {
            Ok(rows) => {
                self.failed = None;
                if rows > 0 {
                    let (revision, progress) = (self.checkpoint.revision.clone(), self.progress(rows));
                    self.steps.run.emit(&Event::Progress { revision, progress });
                }
                Ok(Outcome::Done { rows })
            }
            Err(Stop::Batch(failed)) => Ok(self.note(failed)),
            Err(Stop::Run(failure)) => Err(failure),
        }
    }

    fn note(&mut self, failed: Failed) -> Outcome {
        self.rollback();
        let outcome = Outcome::Failed { failure: failed.failure(), rows: failed.rows };
        self.failed = Some(failed);
        outcome
    }

    /// One batch and its checkpoint in one transaction.
    fn attempt(&mut self, limit: u32) -> Result<u32, Stop> {
        self.steps.begin()?;
        let answer = self.ask_for_rows(limit, true)?;
        let Some(last) = &answer.last else {
            self.rollback();
            return Ok(0);
        };
        let mut to = self.moved(last);
        to.rows += u64::from(answer.rows);
        self.commit_at(to)
            .map_err(|stop| match stop {
                Stop::Batch(failed) => {
                    Stop::Batch(Failed { rows: answer.rows, key: answer.last.clone(), ..failed })
                }
                run @ Stop::Run(_) => run,
            })
            .map(|()| answer.rows)
    }

    fn ask_for_rows(&mut self, limit: u32, apply: bool) -> Result<Answer, Stop> {
        let Checkpoint { position, until, .. } = &self.checkpoint;
        let request = Request::Batch { after: position.clone(), until: until.clone(), limit, apply };
        let mut answer = self.ask(request)?;
        match answer.fault.take() {
            Some(fault) => Err(Failed::of(fault, &answer).into()),
            None => Ok(answer),
        }
    }

    fn ask(&mut self, request: Request) -> Result<Answer, Stop> {
        let revision = &self.checkpoint.revision;
        let answer = self.steps.run.host.ask(revision, request).map_err(Failure::from)?;
        if answer.fault.is_none() && self.has_left_transaction() {
            return Err(left_transaction().into());
        }
        Ok(answer)
    }

    /// Whether the body ended the transaction of its batch by hand.
    ///
    /// On PostgreSQL the statement that writes the checkpoint looks for the transaction's mark.
    fn has_left_transaction(&mut self) -> bool {
        let driver = self.steps.run.host.driver();
        if driver.transaction_depth() != Some(self.depth + 1) {
            return true;
        }
        // SQLite has no second transaction within the first.
        let ended = driver.dialect() == Dialect::Sqlite && driver.batch("BEGIN").is_ok();
        if ended {
            let _ = driver.batch("ROLLBACK");
        }
        ended
    }

    fn moved(&self, key: &str) -> Checkpoint {
        let mut to = self.checkpoint.clone();
        to.position = Some(key.to_owned());
        to.batches += 1;
        to.batch_size = self.batcher.size();
        to
    }

    /// Writes the checkpoint and commits.
    fn commit_at(&mut self, mut to: Checkpoint) -> Result<(), Stop> {
        let run = &mut *self.steps.run;
        let Some(state) = ledger::advance(run.host.driver(), &run.names, &to)? else {
            return Err(self.lost());
        };
        to.state = state;
        self.steps.confirm_lease()?;
        self.commit()?;
        self.checkpoint = to;
        Ok(())
    }

    /// Commits. After an error nothing of the batch is there, unless it is the connection that was lost: then the
    /// checkpoint knows, and the next run reads it.
    fn commit(&mut self) -> Result<(), Stop> {
        let commit = self.steps.run.host.driver().commit();
        commit.map_err(|error| Failed { place: Place::Apply, ..Failed::around(error) }.into())
    }

    /// Why the checkpoint could not be written.
    fn lost(&mut self) -> Stop {
        let run = &mut *self.steps.run;
        match ledger::read_checkpoint(run.host.driver(), &run.names, &self.checkpoint.revision) {
            Ok(Some(found)) if found.token == self.checkpoint.token => left_transaction().into(),
            Ok(Some(_)) => Stop::Run(BackfillError::TakenOver.into()),
            Ok(None) => Stop::Run(BackfillError::NoCheckpoint.into()),
            Err(error) => error.into(),
        }
    }

    /// Puts the row aside that failed alone, or stops at it.
    fn reject(&mut self) -> Result<Outcome, Failure> {
        let Some(failed) = self.failed.take() else { return Ok(Outcome::Vanished) };
        match self.try_to_reject(failed) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Batch(failed)) => Ok(self.note(failed)),
            Err(Stop::Run(failure)) => Err(failure),
        }
    }

    fn try_to_reject(&mut self, failed: Failed) -> Result<Outcome, Stop> {
        self.steps.begin()?;
        let answer = match self.ask_for_rows(1, false) {
            // It cannot even be read: there is no key to go past.
            Err(Stop::Batch(again)) if again.failure() == crate::backfill::Failure::Row => {
                let after = self.checkpoint.position.clone();
                return Err(Stop::Run(again.into_failure(after)));
            }
            answer => answer?,
        };
        let key = match answer.last {
            Some(key) if failed.key.as_ref() == Some(&key) => key,
            _ => {
                self.rollback();
                return Ok(Outcome::Vanished);
            }
        };
        let rejected = self.checkpoint.rejected;
        let blocking = rejected >= self.settings.max_rejected;
        let error = in_full(&*failed.cause);
        let run = &mut *self.steps.run;
        let worker = &run.options.applied_by;
        let rejection = Rejection { key: &key, error: &error, worker, blocking };
        ledger::reject_row(run.host.driver(), &run.names, &self.checkpoint.revision, rejection)?;
        if blocking {
            run.host.driver().commit()?;
            return Err(Stop::Run(BackfillError::Row { key, rejected, cause: failed.cause }.into()));
        }
        let mut to = self.moved(&key);
        to.rejected += 1;
        self.commit_at(to)?;
        let revision = self.checkpoint.revision.clone();
        self.steps.run.emit(&Event::Rejected { revision, key, cause: error });
        Ok(Outcome::Rejected)
    }

    /// Checks that nothing remains and ends the step; `false` when all rows are to be visited once more.
    fn finish(&mut self) -> Result<bool, Failure> {
        let mut attempt = 0;
        loop {
            let failed = match self.try_to_finish() {
                Ok(finished) => return Ok(finished),
                Err(Stop::Run(failure)) => return Err(failure),
                Err(Stop::Batch(failed)) => failed,
            };
            self.rollback();
            let passing = failed.failure() == crate::backfill::Failure::Passing;
            if !passing || attempt >= self.steps.run.options.retries {
                let after = self.checkpoint.position.clone();
                return Err(match failed.place {
                    Place::Read => BackfillError::Uncounted(failed.cause).into(),
                    _ => failed.into_failure(after),
                });
            }
            attempt += 1;
            self.failed = Some(failed);
            self.wait(attempt);
        }
    }

    fn try_to_finish(&mut self) -> Result<bool, Stop> {
        self.steps.begin()?;
        let mut answer = self.ask(Request::Remaining)?;
        if let Some(fault) = answer.fault.take() {
            return Err(Failed::of(fault, &answer).into());
        }
        let (remaining, rejected) = (answer.remaining, self.checkpoint.rejected);
        if u64::try_from(remaining).is_ok_and(|remaining| remaining > rejected) {
            return self.again_from_the_beginning(remaining).map(|()| false);
        }
        let run = &mut *self.steps.run;
        if !ledger::finish_backfill(run.host.driver(), &run.names, &self.checkpoint)? {
            return Err(self.lost());
        }
        self.steps.finish_row(self.number, self.started.elapsed())?;
        self.steps.confirm_lease()?;
        self.steps.run.host.driver().commit()?;
        Ok(true)
    }

    /// Goes back to the first row, if the backfill allows for it and the last time made a difference.
    fn again_from_the_beginning(&mut self, remaining: i64) -> Result<(), Stop> {
        let fewer = self.remained.is_none_or(|before| remaining < before);
        if !self.settings.rescans || !fewer {
            let rejected = self.checkpoint.rejected;
            return Err(Stop::Run(BackfillError::Remaining { remaining, rejected }.into()));
        }
        self.remained = Some(remaining);
        let mut to = self.checkpoint.clone();
        to.position = None;
        to.rejected = 0;
        let run = &mut *self.steps.run;
        if !ledger::restart(run.host.driver(), &run.names, &to)? {
            return Err(self.lost());
        }
        self.commit()?;
        self.checkpoint = to;
        let (pace, size) = (self.settings.pace, self.batcher.size());
        self.batcher = Batcher::new(pace, size, self.steps.run.options.retries);
        Ok(())
    }

    fn give_up(&mut self) -> Failure {
        let after = self.checkpoint.position.clone();
        match self.failed.take() {
            Some(failed) => failed.into_failure(after),
            None => left_transaction(),
        }
    }

    /// Takes back what belongs to the batch.
    fn rollback(&mut self) {
        let driver = self.steps.run.host.driver();
        while driver.transaction_depth().is_some_and(|depth| depth > self.depth) {
            if driver.rollback().is_err() {
                break;
            }
        }
    }

    fn progress(&self, batch: u32) -> BackfillProgress {
        let Checkpoint { rows, batches, rejected, position, .. } = &self.checkpoint;
        let elapsed = self.started.elapsed();
        let done = u128::from(rows - self.rows_before) * 1_000_000;
        let rate = u64::try_from(done / elapsed.as_micros().max(1)).unwrap_or(u64::MAX);
        BackfillProgress {
            rows: *rows,
            batches: *batches,
            rejected: *rejected,
            position: position.clone(),
            batch,
            elapsed,
            rate,
        }
    }
}

fn withheld(state: CheckpointState) -> Result<(), Failure> {
    if state.is_withheld() {
        return Err(BackfillError::Withheld { state: state.as_str().to_owned() }.into());
    }
    Ok(())
}

/// An error and its causes, as one line.
fn in_full(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn is_of_a_value(cause: &(dyn StdError + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(diesel::result::Error::DeserializationError(_)))
}

impl From<BodyError> for Stop {
    fn from(error: BodyError) -> Self {
        Failure::from(error).into()
    }
}

impl Steps<'_, '_, '_> {
    /// The run was asked to stop, and it does so before this step or between its batches.
    pub(super) fn halted(&mut self, number: usize, progress: Option<BackfillProgress>) -> Error {
        let revision = self.plan.steps[number].id().to_owned();
        let total = self.plan.steps.len();
        Error::Halted { revision, total, report: self.take_report(), progress: progress.map(Box::new) }
    }
}
