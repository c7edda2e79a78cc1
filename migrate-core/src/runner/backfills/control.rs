//! What is asked of backfills from outside: how they stand, pause, resume, cancel.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::super::error::Error;
use super::super::run::Run;
use super::super::{Migrator, RejectedRow};
use super::status::Seen;
use super::{BackfillCommand, BackfillStatus};
use crate::connection::{Dialect, FailureKind, MigrationConnection, classify};
use crate::graph::RevisionGraph;
use crate::ledger::{self, CheckpointState, RowState, SpanRow};
use crate::plan;

/// How long a command waits for a worker that holds the row of the whole. It does so for a moment at the end of each
/// piece, and once for as long as it takes to count what remains.
const PATIENCE: Duration = Duration::from_secs(10);

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method path is not general enough over the lifetime of the connection"
)]
impl<C: MigrationConnection> Migrator<C> {
    /// How every backfill of the graph stands, parents first: two SELECTs, no DDL, no lock.
    pub fn backfills(&self, connection: &mut C) -> Result<Vec<BackfillStatus>, Error> {
        self.run(connection, |run| run.backfills())
    }

    /// The one backfill that a target names: its id, the beginning of it, a label; nothing is asked of a database.
    ///
    /// # Errors
    ///
    /// When the target names nothing, no backfill, or several.
    pub fn backfill(&self, target: &str) -> Result<&str, Error> {
        let is_backfill =
            |revision: &str| self.catalogue.get(revision).is_some_and(|it| it.backfill().is_some());
        one_backfill(&self.graph, target, is_backfill)
    }

    /// The rows of a backfill that are put aside or that it stopped at, the latter first.
    ///
    /// `revision` is whatever [`backfill`](Self::backfill) understands, here and below.
    pub fn rejected_rows(
        &self,
        connection: &mut C,
        revision: &str,
        limit: u32,
    ) -> Result<Vec<RejectedRow>, Error> {
        self.run(connection, |run| {
            let revision = run.one_backfill(revision)?;
            let names = run.names.clone();
            Ok(ledger::read_rejected(run.host.driver(), &names, revision, limit)?)
        })
    }

    /// Has the workers of a backfill wait after their batches, until [`resume_backfill`](Self::resume_backfill).
    ///
    /// # Errors
    ///
    /// [`Error::WrongState`] unless it was begun, is not done, and is neither paused nor cancelled.
    pub fn pause_backfill(&self, connection: &mut C, revision: &str) -> Result<BackfillStatus, Error> {
        self.run(connection, |run| run.control(revision, BackfillCommand::Pause))
    }

    /// Lets a backfill go on that was paused or cancelled.
    ///
    /// Workers that wait go on by themselves; after a cancellation somebody has to run it again.
    ///
    /// # Errors
    ///
    /// [`Error::WrongState`] unless it is paused or cancelled.
    pub fn resume_backfill(&self, connection: &mut C, revision: &str) -> Result<BackfillStatus, Error> {
        self.run(connection, |run| run.control(revision, BackfillCommand::Resume))
    }

    /// Has the workers of a backfill stop after their batches with an error, and lets none begin.
    ///
    /// What is done stays, and so does the checkpoint; [`resume_backfill`](Self::resume_backfill) lifts it.
    ///
    /// # Errors
    ///
    /// [`Error::WrongState`] unless it was begun, is not done, and is not cancelled yet.
    pub fn cancel_backfill(&self, connection: &mut C, revision: &str) -> Result<BackfillStatus, Error> {
        self.run(connection, |run| run.control(revision, BackfillCommand::Cancel))
    }
}

impl<'a> Run<'_, 'a> {
    fn backfills(&mut self) -> Result<Vec<BackfillStatus>, Error> {
        // The checkpoints first: a backfill that is finished in between is told as done, and not as half-way.
        let names = self.names.clone();
        let spans = ledger::read_spans(self.host.driver(), &names)?;
        let mut rows: BTreeMap<_, _> =
            self.read()?.unwrap_or_default().into_iter().map(|row| (row.revision.clone(), row)).collect();
        let mut by_revision: BTreeMap<String, Vec<SpanRow>> = BTreeMap::new();
        for span in spans {
            by_revision.entry(span.revision.clone()).or_default().push(span);
        }
        let applied: BTreeSet<String> = rows
            .values()
            .filter(|row| row.state != RowState::Running)
            .map(|row| row.revision.clone())
            .collect();
        let (graph, host) = (self.graph, &*self.host);
        let backfills = graph.topological().filter(|revision| host.backfill(&revision.id).is_some());
        Ok(backfills
            .map(|revision| {
                let waits_for = self.waits_for(&revision.id, &applied);
                let spans = by_revision.remove(&*revision.id).unwrap_or_default();
                let seen = Seen { row: rows.remove(&*revision.id), waits_for, spans };
                seen.status(&revision.id, &revision.message)
            })
            .collect())
    }

    /// What a revision builds on and is not applied, parents first.
    fn waits_for(&self, revision: &str, applied: &BTreeSet<String>) -> Vec<String> {
        let below = self.graph.ancestors([revision]);
        let missing = self.graph.topological().map(|revision| &*revision.id);
        missing
            .filter(|id| *id != revision && below.contains(id) && !applied.contains(*id))
            .map(str::to_owned)
            .collect()
    }

    /// The one backfill that a target names.
    pub(in crate::runner) fn one_backfill(&self, target: &str) -> Result<&'a str, Error> {
        one_backfill(self.graph, target, |revision| self.host.backfill(revision).is_some())
    }

    /// How the backfill stands that a target names; an error when the command has no meaning for it.
    pub(in crate::runner) fn backfill_for(
        &mut self,
        target: &str,
        command: BackfillCommand,
    ) -> Result<BackfillStatus, Error> {
        let status = self.backfill_status(target)?;
        if status.state.allows(command) { Ok(status) } else { Err(status.wrong(command)) }
    }

    fn backfill_status(&mut self, target: &str) -> Result<BackfillStatus, Error> {
        let revision = self.one_backfill(target)?;
        let found = self.backfills()?.into_iter().find(|status| status.revision == revision);
        found.ok_or_else(|| Error::NotABackfill { revision: target.to_owned() })
    }

    fn control(&mut self, target: &str, command: BackfillCommand) -> Result<BackfillStatus, Error> {
        let (from, to): (&[_], _) = match command {
            BackfillCommand::Pause => (&[CheckpointState::Running], CheckpointState::Paused),
            BackfillCommand::Cancel => {
                (&[CheckpointState::Running, CheckpointState::Paused], CheckpointState::Cancelled)
            }
            _ => (&[CheckpointState::Paused, CheckpointState::Cancelled], CheckpointState::Running),
        };
        let revision = self.backfill_for(target, command)?.revision;
        let is_set = self.set_state(&revision, from, to)?;
        let status = self.backfill_status(&revision)?;
        // Somebody was quicker, or it was finished in between.
        if is_set { Ok(status) } else { Err(status.wrong(command)) }
    }
}

/// The one backfill that a target names.
fn one_backfill<'g>(
    graph: &'g RevisionGraph,
    target: &str,
    is_backfill: impl Fn(&str) -> bool,
) -> Result<&'g str, Error> {
    let mut named = plan::resolve(graph, None, target)?;
    named.retain(|revision| is_backfill(revision));
    match named.as_slice() {
        [one] => Ok(one),
        [] => Err(Error::NotABackfill { revision: target.to_owned() }),
        several => Err(Error::SeveralBackfills {
            target: target.to_owned(),
            revisions: several.iter().map(ToString::to_string).collect(),
        }),
    }
}

impl Run<'_, '_> {
    fn set_state(
        &mut self,
        revision: &str,
        from: &[CheckpointState],
        to: CheckpointState,
    ) -> Result<bool, Error> {
        let is_postgres = self.host.driver().dialect() == Dialect::Postgres;
        let outcome = self.begin_between_batches().and_then(|()| {
            let driver = self.host.driver();
            let is_set = ledger::set_backfill_state(driver, &self.names, revision, from, to)?;
            driver.commit().map(|()| is_set)
        });
        self.unwind_transactions();
        outcome.map_err(|error| match classify(&error) {
            FailureKind::LockTimeout if is_postgres => Error::Locked { waited: PATIENCE, holder: None },
            _ => self.busy_or(error),
        })
    }

    /// Begins a transaction that does not wait for longer than a person does.
    ///
    /// On SQLite a worker leaves the file alone for a moment after each batch, which is too short for SQLite's own way
    /// of waiting: it looks ten times a second.
    fn begin_between_batches(&mut self) -> QueryResult<()> {
        let driver = self.host.driver();
        if driver.dialect() == Dialect::Postgres {
            return driver.begin(&format!("SET LOCAL lock_timeout = {};", PATIENCE.as_millis()));
        }
        if self.outer_depth > 0 {
            return driver.begin("");
        }
        let before = driver.query("PRAGMA busy_timeout", &[])?.into_iter().flatten().flatten().next();
        driver.batch("PRAGMA busy_timeout = 0")?;
        let started = Instant::now();
        let outcome = loop {
            match driver.begin("") {
                Err(error)
                    if classify(&error) == FailureKind::LockTimeout
                        && started.elapsed() < self.options.lock_wait =>
                {
                    std::thread::sleep(Duration::from_micros(50));
                }
                outcome => break outcome,
            }
        };
        driver.batch(&format!("PRAGMA busy_timeout = {}", before.as_deref().unwrap_or("0")))?;
        outcome
    }
}

impl BackfillStatus {
    fn wrong(self, command: BackfillCommand) -> Error {
        Error::WrongState { revision: self.revision, command, state: self.state, waits_for: self.waits_for }
    }
}
