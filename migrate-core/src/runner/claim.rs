//! How a step is entered: its transaction, its row in the ledger, its time limits.

use std::time::{Duration, Instant};

use super::error::Error;
use super::event::Event;
use super::identity;
use super::options::Options;
use super::step::{Failure, Steps, facts};
use crate::connection::Dialect;
use crate::ledger::{self, Claim, MARK_TRANSACTION, RowState, Undone};
use crate::lock::{self, Held, Lost};
use crate::plan::Direction;

/// What came of entering a step.
pub(super) enum Entered {
    /// The step's transaction is open, and its row is ours.
    Ours,
    /// The same, and an earlier run has begun it outside of a transaction.
    Resumed,
    /// Another runner took the step.
    Skipped,
    /// The ledger is not what the plan was made from.
    PlanAgain,
}

impl Steps<'_, '_, '_> {
    /// Begins a transaction and claims the row of a step in it; on [`Entered::Skipped`] and [`Entered::PlanAgain`] it is over again.
    pub(super) fn enter(&mut self, number: usize, transactional: bool) -> Result<Entered, Failure> {
        let started = Instant::now();
        loop {
            self.begin_step(number)?;
            if !self.claim_confirms(number, transactional) {
                self.confirm(!transactional)?;
            }
            if number == 0 && self.basis_moved()? {
                self.run.unwind_transactions();
                return Ok(Entered::PlanAgain);
            }
            match self.claim(number, transactional)? {
                Claim::Ours => return Ok(Entered::Ours),
                Claim::Done => {
                    self.run.unwind_transactions();
                    self.skipped(number);
                    return Ok(Entered::Skipped);
                }
                Claim::Diverged => return Err(Failure::Run(self.diverged(number))),
                Claim::Unfinished { state, applied_by } => {
                    let at_work = *self.held == Held::Nothing
                        && !self.is_shared(number)
                        && identity::is_alive(&applied_by) == Some(true);
                    if at_work {
                        self.run.unwind_transactions();
                        self.wait_for(number, started, applied_by)?;
                    } else if self.take_over(number, state, applied_by)? {
                        return Ok(Entered::Resumed);
                    } else {
                        self.run.unwind_transactions();
                    }
                }
            }
        }
    }

    /// Begins a transaction with the time limits of a step.
    pub(super) fn begin(&mut self) -> Result<(), Failure> {
        let mut settings = self.limits("SET LOCAL");
        if self.run.host.driver().dialect() == Dialect::Postgres {
            settings.push_str(MARK_TRANSACTION);
        }
        Ok(self.run.host.driver().begin(&settings)?)
    }

    /// Begins the transaction of a step. A busy SQLite file is another run, for which this one has waited long
    /// enough: that is no reason to try again.
    fn begin_step(&mut self, number: usize) -> Result<(), Failure> {
        let Err(failure) = self.begin() else { return Ok(()) };
        let Failure::Step(cause) = failure else { return Err(failure) };
        let busy = lock_timed_out(&*cause) && self.run.host.driver().dialect() == Dialect::Sqlite;
        if !busy {
            return Err(Failure::Step(cause));
        }
        Err(Failure::Run(
            self.locked(number, Error::Locked { waited: self.run.options.lock_wait, holder: None }),
        ))
    }

    /// Another run is in the way: of this whole run, or of one step after others that were done.
    fn locked(&mut self, number: usize, error: Error) -> Error {
        if self.report.steps.is_empty() {
            error
        } else {
            self.stopped_unrecorded(number, Box::new(error), false)
        }
    }

    /// Waits a little for a process on this host that is in the middle of this step.
    fn wait_for(&mut self, number: usize, started: Instant, who: String) -> Result<(), Failure> {
        let waited = started.elapsed();
        let holder = lock::LockHolder { who, since: String::new() };
        if waited >= self.run.options.lock_wait {
            let error = Error::Locked { waited, holder: Some(holder) };
            return Err(Failure::Run(self.locked(number, error)));
        }
        if waited < Duration::from_millis(100) {
            self.run.emit(&Event::Waiting { waited, holder: Some(holder) });
        }
        std::thread::sleep(lock::jitter(Duration::from_millis(200)));
        Ok(())
    }

    /// Goes on with a step that an earlier run began; `false` when somebody else was quicker.
    pub(super) fn take_over(
        &mut self,
        number: usize,
        state: RowState,
        applied_by: String,
    ) -> Result<bool, Failure> {
        let step = &self.plan.steps[number];
        let revision = step.id().to_owned();
        let begun = if state == RowState::Running { Direction::Upgrade } else { Direction::Downgrade };
        if begun != step.direction() {
            return Err(Failure::Run(Error::Interrupted { revision, state, applied_by }));
        }
        let facts = facts(self.run, step.id());
        let driver = self.run.host.driver();
        let taken = ledger::take_over(driver, &self.run.names, &facts, state, &applied_by)?;
        if taken {
            self.run.emit(&Event::Resumed { revision, applied_by });
        }
        Ok(taken)
    }

    fn skipped(&self, number: usize) {
        let step = &self.plan.steps[number];
        self.run.emit(&Event::AlreadyDone { revision: step.id().to_owned(), direction: step.direction() });
    }

    /// Writes, or removes, the row of a step.
    pub(super) fn claim(&mut self, number: usize, transactional: bool) -> Result<Claim, Failure> {
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
                match ledger::claim(self.run.host.driver(), &self.run.names, &facts, &parents, backend) {
                    Err(error) if backend.is_some() && prepared_elsewhere(&error) => {
                        return Err(Failure::Run(Error::SessionMoved { report: self.take_report() }));
                    }
                    claim => claim?,
                }
            }
            Direction::Downgrade => {
                let children = self.children(number);
                let children: Vec<_> = children.iter().map(String::as_str).collect();
                let facts = facts(self.run, revision);
                let is_backfill = self.run.host.backfill(revision).is_some();
                // One that is half done is undone like one that is done.
                let from = if is_backfill { Undone::AlsoHalfDone } else { Undone::Whole };
                let driver = self.run.host.driver();
                let claim = if transactional {
                    ledger::release(driver, &self.run.names, revision, &children, from)?
                } else {
                    ledger::mark_reverting(driver, &self.run.names, &facts, &children, from)?
                };
                if is_backfill && claim == Claim::Ours {
                    // Before the body runs: a worker that is still at it commits nothing after this.
                    ledger::forget_backfill(driver, &self.run.names, revision)?;
                }
                claim
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

    /// Whether the claim of a step looks at the session itself, which saves a round trip per step.
    fn claim_confirms(&self, number: usize, transactional: bool) -> bool {
        transactional
            && matches!(self.held, Held::Session { .. })
            && self.plan.steps[number].direction() == Direction::Upgrade
    }

    /// Renews a lease, and finds out that a session lock is on another connection.
    pub(super) fn confirm(&mut self, outside_transaction: bool) -> Result<(), Failure> {
        match lock::confirm(self.run.host.driver(), &self.run.names, self.held, outside_transaction)? {
            Ok(()) => Ok(()),
            Err(Lost::SessionMoved) => Err(Failure::Run(Error::SessionMoved { report: self.take_report() })),
            Err(Lost::LeaseTaken) => Err(Failure::Run(Error::LeaseTaken { report: self.take_report() })),
        }
    }

    /// Renews a lease at the end of a step, which may have taken longer than a lease lasts: others may take it
    /// as soon as the step's transaction no longer keeps its row locked.
    pub(super) fn confirm_lease(&mut self) -> Result<(), Failure> {
        if matches!(self.held, Held::Lease { .. }) { self.confirm(false) } else { Ok(()) }
    }

    /// Whether another runner changed the ledger since the plan was made.
    ///
    /// Only without a run lock, as on SQLite, can that be: there the first step's transaction, which holds the
    /// write lock from its beginning, is where the state is read again (I6).
    pub(super) fn basis_moved(&mut self) -> Result<bool, Failure> {
        if *self.held != Held::Nothing {
            return Ok(false);
        }
        let rows = self.run.read().map_err(Failure::Run)?;
        Ok(rows.as_deref() != Some(self.basis))
    }

    /// Puts the time limits on the session for a step outside a transaction, and notes what they were.
    ///
    /// Not with a lease: the session may be a pooler's, and the next client would inherit them.
    pub(super) fn set_session_limits(&mut self) -> Result<(), Failure> {
        let settings = self.limits("SET");
        if settings.is_empty() || matches!(self.held, Held::Lease { .. }) {
            return Ok(());
        }
        let driver = self.run.host.driver();
        let before = driver.query(
            "SELECT 'SET lock_timeout = ' || quote_literal(current_setting('lock_timeout')) || \
             '; SET statement_timeout = ' || quote_literal(current_setting('statement_timeout'))",
            &[],
        )?;
        driver.batch(&settings)?;
        self.run.session_limits = before.into_iter().flatten().flatten().next();
        Ok(())
    }

    /// The time limits of a step as statements.
    pub(super) fn limits(&mut self, set: &str) -> String {
        limits(self.run.options, self.run.host.driver().dialect(), set)
    }

    /// Whether other processes take part in the step: a backfill, where there is more than one writer.
    fn is_shared(&mut self, number: usize) -> bool {
        self.in_batches(number).is_some() && self.run.host.driver().dialect() == Dialect::Postgres
    }

    pub(super) fn diverged(&mut self, number: usize) -> Error {
        let step = &self.plan.steps[number];
        let (revision, direction) = (step.id().to_owned(), step.direction());
        Error::Diverged { revision, direction, report: self.take_report() }
    }
}

/// The time limits of a step as statements.
pub(super) fn limits(options: &Options, dialect: Dialect, set: &str) -> String {
    options
        .limits(dialect)
        .map(|(name, milliseconds)| format!("{set} {name} = {milliseconds};"))
        .collect::<Vec<_>>()
        .concat()
}

/// A prepared statement that is not there, or that is another client's, was prepared on another server
/// connection: there is a pooler in transaction mode.
pub(super) fn prepared_elsewhere(error: &diesel::result::Error) -> bool {
    matches!(error, diesel::result::Error::DatabaseError(_, said) if said.message().contains("prepared statement"))
}

fn lock_timed_out(cause: &(dyn std::error::Error + 'static)) -> bool {
    crate::connection::classify(cause) == crate::connection::FailureKind::LockTimeout
}
