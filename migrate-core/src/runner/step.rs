use std::error::Error as StdError;
use std::time::{Duration, Instant};

use super::error::Error;
use super::event::Event;
use super::identity;
use super::report::{Report, StepReport};
use super::run::Run;
use crate::connection::{Dialect, classify};
use crate::error::BodyError;
use crate::ledger::{self, Claim, Facts, LedgerRow, RowState};
use crate::lock::{self, Held, Lost};
use crate::plan::{Direction, Plan};

/// How a walk over a plan ended.
pub(super) enum Flow {
    Finished(Report),
    /// The ledger was not what the plan was made from, and nothing was done yet.
    PlanAgain,
}

/// The walk over a plan.
pub(super) struct Steps<'r, 'h, 'a> {
    run: &'r mut Run<'h, 'a>,
    plan: &'r Plan<'a>,
    /// The rows that the plan was made from.
    basis: &'r [LedgerRow],
    held: &'r Held,
    report: Report,
}

/// How one attempt at a step ended when no error did.
enum Attempt {
    Done(Duration),
    /// Another runner took the step.
    Skipped,
    PlanAgain,
}

/// Why one attempt at a step failed.
enum Failure {
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
        Self { run, plan, basis, held, report: Report::default() }
    }

    pub(super) fn take(mut self) -> Result<Flow, Error> {
        if self.run.options.single_transaction {
            return self.take_in_one_transaction();
        }
        for number in 0..self.plan.steps.len() {
            match self.step_with_retries(number)? {
                Attempt::Done(duration) => self.finished(number, duration),
                Attempt::Skipped => {}
                Attempt::PlanAgain => return Ok(Flow::PlanAgain),
            }
        }
        self.report.heads = self.plan.heads_after.iter().map(ToString::to_string).collect();
        Ok(Flow::Finished(self.report))
    }

    fn finished(&mut self, number: usize, duration: Duration) {
        let step = &self.plan.steps[number];
        self.run.emit(&Event::Finished {
            revision: step.id().to_owned(),
            direction: step.direction(),
            duration,
        });
        self.report.steps.push(StepReport {
            revision: step.id().to_owned(),
            direction: step.direction(),
            duration,
        });
    }

    fn step_with_retries(&mut self, number: usize) -> Result<Attempt, Error> {
        let transactional = self.is_transactional(number);
        let mut attempt = 0;
        loop {
            let outcome =
                if transactional { self.step(number) } else { self.step_outside_transaction(number) };
            let failure = match outcome {
                Ok(attempt) => return Ok(attempt),
                Err(failure) => failure,
            };
            self.run.unwind_transactions();
            let cause = match failure {
                Failure::Run(error) => return Err(error),
                Failure::Step(cause) => cause,
            };
            // What ran outside a transaction has stayed: running it again is for the next run to decide.
            if !transactional || !self.may_retry(&*cause, &mut attempt, number) {
                return Err(self.stopped(number, cause, !transactional));
            }
        }
    }

    /// All steps in one transaction: either every one of them happens or none.
    fn take_in_one_transaction(mut self) -> Result<Flow, Error> {
        let mut attempt = 0;
        loop {
            self.report.steps.clear();
            let mut number = 0;
            let outcome = self.attempt_all(&mut number);
            let failure = match outcome {
                Ok(true) => {
                    self.report.heads = self.plan.heads_after.iter().map(ToString::to_string).collect();
                    return Ok(Flow::Finished(self.report));
                }
                Ok(false) => {
                    self.run.unwind_transactions();
                    return Ok(Flow::PlanAgain);
                }
                Err(failure) => failure,
            };
            self.run.unwind_transactions();
            self.report.steps.clear();
            match failure {
                Failure::Run(error) => return Err(error),
                Failure::Step(cause) if !self.may_retry(&*cause, &mut attempt, number) => {
                    return Err(self.stopped(number, cause, false));
                }
                Failure::Step(_) => {}
            }
        }
    }

    fn attempt_all(&mut self, number: &mut usize) -> Result<bool, Failure> {
        self.begin()?;
        self.confirm(false)?;
        if self.basis_moved()? {
            return Ok(false);
        }
        while *number < self.plan.steps.len() {
            match self.claim(*number, RowState::Applied)? {
                Claim::Ours => {}
                _ => return Err(Failure::Run(self.diverged(*number))),
            }
            let duration = self.body(*number)?;
            self.finish_row(*number, duration)?;
            self.finished(*number, duration);
            *number += 1;
        }
        *number -= 1;
        self.run.host.driver().commit()?;
        Ok(true)
    }

    /// One step and its ledger row in one transaction (I3).
    fn step(&mut self, number: usize) -> Result<Attempt, Failure> {
        self.begin()?;
        if !self.claim_confirms(number) {
            self.confirm(false)?;
        }
        if number == 0 && self.basis_moved()? {
            self.run.unwind_transactions();
            return Ok(Attempt::PlanAgain);
        }
        if !self.take_claim(number, RowState::Applied)? {
            self.run.unwind_transactions();
            return Ok(Attempt::Skipped);
        }
        let depth = self.run.host.driver().transaction_depth();
        let duration = self.body(number)?;
        if self.run.host.driver().transaction_depth() != depth {
            return Err(BodyError::new(
                "the migration left a transaction open, or ended one it did not begin",
            )
            .into());
        }
        self.finish_row(number, duration)?;
        self.run.host.driver().commit()?;
        Ok(Attempt::Done(duration))
    }

    /// A step outside a transaction: its row is committed as unfinished first, and as done afterwards (I8).
    fn step_outside_transaction(&mut self, number: usize) -> Result<Attempt, Failure> {
        let started = Instant::now();
        loop {
            self.begin()?;
            self.confirm(true)?;
            if number == 0 && self.basis_moved()? {
                self.run.unwind_transactions();
                return Ok(Attempt::PlanAgain);
            }
            match self.claim(number, RowState::Running)? {
                Claim::Ours => break,
                Claim::Done => {
                    self.run.unwind_transactions();
                    self.skipped(number);
                    return Ok(Attempt::Skipped);
                }
                Claim::Diverged => return Err(Failure::Run(self.diverged(number))),
                Claim::Unfinished { applied_by, .. } => {
                    let at_work =
                        *self.held == Held::Nothing && identity::is_alive(&applied_by) == Some(true);
                    if !at_work {
                        let revision = self.plan.steps[number].id().to_owned();
                        self.run.emit(&Event::Resumed { revision, applied_by });
                        break;
                    }
                    self.run.unwind_transactions();
                    self.wait_for(started, applied_by)?;
                }
            }
        }
        self.run.host.driver().commit()?;
        let settings = self.settings("SET");
        if !settings.is_empty() {
            self.run.host.driver().batch(&settings)?;
        }
        let outcome = self.body(number);
        if !settings.is_empty() {
            self.run.unwind_transactions();
            let _ = self.run.host.driver().batch("RESET lock_timeout; RESET statement_timeout");
        }
        let duration = outcome?;
        self.run.host.driver().begin("")?;
        self.confirm(false)?;
        if self.plan.steps[number].direction() == Direction::Downgrade {
            let children = self.children(number);
            let children: Vec<_> = children.iter().map(String::as_str).collect();
            let revision = self.plan.steps[number].id();
            ledger::release(self.run.host.driver(), &self.run.names, revision, &children)?;
        }
        self.finish_row(number, duration)?;
        self.run.host.driver().commit()?;
        Ok(Attempt::Done(duration))
    }

    /// Begins the transaction of a step, with its time limits.
    fn begin(&mut self) -> Result<(), Failure> {
        let settings = self.settings("SET LOCAL");
        let begun = self.run.host.driver().begin(&settings);
        begun.map_err(|error| match self.run.options.lock_timeout {
            // SQLite has waited as long as the run was willing to wait for another one.
            None => Failure::Run(self.run.busy_or(error)),
            Some(_) => error.into(),
        })
    }

    /// Waits a little for a process on this host that is in the middle of this step.
    fn wait_for(&mut self, started: Instant, who: String) -> Result<(), Failure> {
        let waited = started.elapsed();
        let holder = lock::LockHolder { who, since: "this step began".to_owned() };
        if waited >= self.run.options.lock_wait {
            return Err(Failure::Run(Error::Locked { waited, holder: Some(holder) }));
        }
        if waited < Duration::from_millis(1) {
            self.run.emit(&Event::Waiting { waited, holder: Some(holder) });
        }
        std::thread::sleep(lock::jitter(Duration::from_millis(200)));
        Ok(())
    }

    /// Writes the fencing row; `false` when another runner did the step already.
    fn take_claim(&mut self, number: usize, state: RowState) -> Result<bool, Failure> {
        match self.claim(number, state)? {
            Claim::Ours => Ok(true),
            Claim::Done => {
                self.skipped(number);
                Ok(false)
            }
            Claim::Unfinished { state, applied_by } => {
                let revision = self.plan.steps[number].id().to_owned();
                Err(Failure::Run(Error::Interrupted { revision, state, applied_by }))
            }
            Claim::Diverged => Err(Failure::Run(self.diverged(number))),
        }
    }

    fn skipped(&self, number: usize) {
        let step = &self.plan.steps[number];
        self.run.emit(&Event::AlreadyDone { revision: step.id().to_owned(), direction: step.direction() });
    }

    fn claim(&mut self, number: usize, state: RowState) -> Result<Claim, Failure> {
        let step = &self.plan.steps[number];
        let revision = step.id();
        let claim = match step.direction() {
            Direction::Upgrade => {
                let graph = self.run.graph;
                let mut parents: Vec<_> =
                    graph.parents(revision).chain(graph.dependencies(revision)).collect();
                parents.sort_unstable();
                parents.dedup();
                let facts = facts(self.run, revision);
                let backend = match self.held {
                    Held::Session { backend, .. } => Some(backend.as_str()),
                    _ => None,
                };
                ledger::claim(self.run.host.driver(), &self.run.names, &facts, state, &parents, backend)?
            }
            Direction::Downgrade => {
                let children = self.children(number);
                let children: Vec<_> = children.iter().map(String::as_str).collect();
                let act = if state == RowState::Running { ledger::mark_reverting } else { ledger::release };
                act(self.run.host.driver(), &self.run.names, revision, &children)?
            }
        };
        if claim == Claim::Diverged {
            // The one other reason for a claim to find nothing: a pooler put us on another connection.
            self.confirm(false)?;
        }
        Ok(claim)
    }

    fn children(&self, number: usize) -> Vec<String> {
        let (graph, revision) = (self.run.graph, self.plan.steps[number].id());
        let mut children: Vec<_> =
            graph.children(revision).chain(graph.dependents(revision)).map(str::to_owned).collect();
        children.sort_unstable();
        children.dedup();
        children
    }

    fn body(&mut self, number: usize) -> Result<Duration, Failure> {
        let step = &self.plan.steps[number];
        self.run.emit(&Event::Started {
            revision: step.id().to_owned(),
            direction: step.direction(),
            description: step.to_string(),
            number: number + 1,
            total: self.plan.steps.len(),
        });
        let started = Instant::now();
        self.run.host.run_body(step.id(), step.direction())?;
        Ok(started.elapsed())
    }

    fn finish_row(&mut self, number: usize, duration: Duration) -> Result<(), Failure> {
        let step = &self.plan.steps[number];
        let facts = facts(self.run, step.id());
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let finish = match step.direction() {
            Direction::Upgrade => ledger::finish_upgrade,
            Direction::Downgrade => ledger::finish_downgrade,
        };
        finish(self.run.host.driver(), &self.run.names, &facts, milliseconds)?;
        Ok(())
    }

    /// Whether the claim of a step looks at the session itself, which saves a round trip per step.
    fn claim_confirms(&self, number: usize) -> bool {
        matches!(self.held, Held::Session { .. }) && self.plan.steps[number].direction() == Direction::Upgrade
    }

    /// Renews a lease, and finds out that a session lock is on another connection.
    fn confirm(&mut self, outside_transaction: bool) -> Result<(), Failure> {
        match lock::confirm(self.run.host.driver(), &self.run.names, self.held, outside_transaction)? {
            Ok(()) => Ok(()),
            Err(Lost::SessionMoved) => Err(Failure::Run(Error::SessionMoved)),
            Err(Lost::LeaseTaken) => Err(Failure::Run(Error::LeaseTaken)),
        }
    }

    /// Whether another runner changed the ledger since the plan was made.
    ///
    /// Only without a run lock, as on SQLite, can that be: there the first step's transaction, which holds the
    /// write lock from its beginning, is where the state is read again (I6).
    fn basis_moved(&mut self) -> Result<bool, Failure> {
        if *self.held != Held::Nothing {
            return Ok(false);
        }
        let rows = self.run.read().map_err(Failure::Run)?;
        Ok(rows.as_deref() != Some(self.basis))
    }

    fn is_transactional(&self, number: usize) -> bool {
        self.run
            .host
            .declaration(self.plan.steps[number].id())
            .is_none_or(|declaration| declaration.transaction)
    }

    /// The time limits of a step as PostgreSQL settings.
    fn settings(&mut self, set: &str) -> String {
        if self.run.host.driver().dialect() != Dialect::Postgres {
            return String::new();
        }
        let limits = [
            ("lock_timeout", self.run.options.lock_timeout),
            ("statement_timeout", self.run.options.statement_timeout),
        ];
        let set_one =
            |(name, limit): (&str, Option<Duration>)| Some(format!("{set} {name} = {};", limit?.as_millis()));
        limits.into_iter().filter_map(set_one).collect()
    }

    /// Decides whether a failure is worth another try, and waits before it: 100 ms, doubled each time up to
    /// 5 s, with jitter.
    fn may_retry(&mut self, cause: &(dyn StdError + 'static), attempt: &mut u32, number: usize) -> bool {
        if *attempt >= self.run.options.retries || self.run.outer_depth > 0 || !classify(cause).is_transient()
        {
            return false;
        }
        let delay = lock::jitter(Duration::from_millis(100 << (*attempt).min(6)).min(Duration::from_secs(5)));
        *attempt += 1;
        let revision = self.plan.steps[number].id().to_owned();
        self.run.emit(&Event::Retrying { revision, attempt: *attempt, delay, cause: cause.to_string() });
        std::thread::sleep(delay);
        true
    }

    fn stopped(&mut self, number: usize, cause: Box<dyn StdError + Send + Sync>, half_done: bool) -> Error {
        let step = &self.plan.steps[number];
        let facts = facts(self.run, step.id());
        // A word in the event table, if the connection still lets us; the error itself says it all.
        let _ = ledger::record_failure(self.run.host.driver(), &self.run.names, &facts, &cause.to_string());
        Error::Stopped {
            revision: step.id().to_owned(),
            direction: step.direction(),
            report: std::mem::take(&mut self.report),
            total: self.plan.steps.len(),
            half_done,
            cause,
        }
    }

    fn diverged(&mut self, number: usize) -> Error {
        let step = &self.plan.steps[number];
        Error::Diverged {
            revision: step.id().to_owned(),
            direction: step.direction(),
            report: std::mem::take(&mut self.report),
        }
    }
}

fn facts<'s>(run: &Run<'_, 's>, revision: &'s str) -> Facts<'s> {
    let declaration = run.host.declaration(revision);
    Facts {
        revision,
        message: declaration.map_or("", |declaration| declaration.message),
        checksum: declaration.and_then(|declaration| declaration.checksum),
        applied_by: &run.options.applied_by,
        binary_version: run.binary_version,
    }
}
