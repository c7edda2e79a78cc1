//! How backfills stand, and what is asked of them from outside: pause, resume, cancel.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::error::{Error, first_few};
use super::identity;
use super::run::Run;
use super::{Migrator, RejectedRow};
use crate::connection::{Dialect, FailureKind, MigrationConnection, classify};
use crate::graph::RevisionGraph;
use crate::ledger::{self, CheckpointState, LedgerRow, RowState, SpanRow};
use crate::plan;

/// Without a sign of life for so long a worker counts as dead.
const SILENCE: Duration = Duration::from_secs(30);

/// How a backfill stands in a database.
///
/// Counts are those of all runs and all workers together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackfillStatus {
    /// The revision.
    pub revision: String,
    /// What it does.
    pub message: String,
    /// Its state.
    pub state: BackfillState,
    /// The revisions that must be applied before it and are not, parents first.
    pub waits_for: Vec<String>,
    /// The rows that are changed.
    pub rows: u64,
    /// In how many batches.
    pub batches: u64,
    /// The rows that are put aside.
    pub rejected: u64,
    /// The rows that a run stopped at, and that the next one begins with.
    pub blocking: u64,
    /// How many rows there were to do when it began, when that is known.
    pub total: Option<u64>,
    /// Who works on it, by piece; without any piece at work, who asked for one last and has not ended.
    pub workers: Vec<WorkerStatus>,
    /// When it began; all times are by the database's clock, RFC 3339 in UTC with milliseconds.
    pub started_at: Option<String>,
    /// When its workers gave their last sign of life, mostly by a batch.
    pub updated_at: Option<String>,
    /// When it was finished.
    pub finished_at: Option<String>,
}

/// Somebody who works on a backfill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerStatus {
    /// User, host and process.
    pub worker: String,
    /// The number of the piece that it works on; 0 while it has none: it asks for the next, or counts the rows.
    pub piece: u64,
    /// The last key of the piece that is done, as JSON.
    pub position: Option<String>,
    /// The rows of the piece that are changed.
    pub rows: u64,
    /// How long ago it gave a sign of life, by the database's clock.
    pub heartbeat_age: Duration,
    /// Whether it is thought to be alive.
    pub is_alive: bool,
}

/// Where a backfill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BackfillState {
    /// Not begun, and what it builds on is not applied yet.
    Blocked,
    /// Not begun, and nothing is in its way.
    Pending,
    /// Somebody works on it.
    Running,
    /// Begun and not done; nobody works on it and nobody seems to have died over it.
    Stopped,
    /// Begun and not done; a worker is missing: no session, or no sign of life for 30 s.
    Stalled,
    /// Somebody had it paused: workers wait until it is resumed.
    Paused,
    /// Somebody had it cancelled: workers have stopped, and none begins until it is resumed.
    Cancelled,
    /// Done, and recorded in the ledger.
    Done,
}

/// What can be asked of a backfill from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BackfillCommand {
    /// To wait, with everything as it is.
    Pause,
    /// To go on after a pause or a cancellation.
    Resume,
    /// To stop.
    Cancel,
    /// To try the rows again that were put aside.
    RetryRejected,
}

impl BackfillState {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Stalled => "stalled",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    /// Whether it was begun and is not done.
    #[must_use]
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Running | Self::Stopped | Self::Stalled | Self::Paused | Self::Cancelled)
    }

    /// Whether the command has a meaning in this state: the table of transitions.
    #[must_use]
    pub fn allows(self, command: BackfillCommand) -> bool {
        use BackfillCommand::{Cancel, Pause, Resume, RetryRejected};
        match self {
            Self::Blocked | Self::Pending => false,
            Self::Running | Self::Stopped | Self::Stalled => {
                matches!(command, Pause | Cancel | RetryRejected)
            }
            Self::Paused => matches!(command, Resume | Cancel | RetryRejected),
            Self::Cancelled => matches!(command, Resume | RetryRejected),
            Self::Done => matches!(command, RetryRejected),
        }
    }

    pub(super) fn reason(self, waits_for: &[String]) -> String {
        match self {
            Self::Blocked => format!("it has not begun, and waits for {}", first_few(waits_for)),
            Self::Pending => "it has not begun".to_owned(),
            Self::Stopped => "nobody works on it, and nothing holds it back".to_owned(),
            Self::Stalled => "its worker is gone, and nothing holds it back".to_owned(),
            Self::Running | Self::Paused | Self::Cancelled | Self::Done => format!("it is {self}"),
        }
    }
}

impl fmt::Display for BackfillState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for BackfillCommand {
    /// As in "cannot be …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
            Self::RetryRejected => "retried",
        })
    }
}

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
                let spans = by_revision.remove(&revision.id).unwrap_or_default();
                let seen = Seen { row: rows.remove(&revision.id), waits_for, spans };
                seen.status(&revision.id, &revision.message)
            })
            .collect())
    }

    /// What a revision builds on and is not applied, parents first.
    fn waits_for(&self, revision: &str, applied: &BTreeSet<String>) -> Vec<String> {
        let below = self.graph.ancestors([revision]);
        let missing = self.graph.topological().map(|revision| &revision.id);
        missing
            .filter(|id| *id != revision && below.contains(id.as_str()) && !applied.contains(*id))
            .cloned()
            .collect()
    }

    /// The one backfill that a target names.
    pub(super) fn one_backfill(&self, target: &str) -> Result<&'a str, Error> {
        one_backfill(self.graph, target, |revision| self.host.backfill(revision).is_some())
    }

    /// How the backfill stands that a target names; an error when the command has no meaning for it.
    pub(super) fn backfill_for(
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

/// How long a command waits for a worker that holds the row of the whole. It does so for a moment at the end of each
/// piece, and once for as long as it takes to count what remains.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// What was read of one backfill.
struct Seen {
    row: Option<LedgerRow>,
    waits_for: Vec<String>,
    spans: Vec<SpanRow>,
}

impl Seen {
    fn status(self, revision: &str, message: &str) -> BackfillStatus {
        let state = self.state();
        // What an earlier life of the revision left behind is not its own.
        let spans = if self.row.is_some() { self.spans.as_slice() } else { &[] };
        let sum =
            |count: fn(&SpanRow) -> i64| u64::try_from(spans.iter().map(count).sum::<i64>()).unwrap_or(0);
        let frontier = spans.iter().find(|span| span.span == 0);
        let at_work = |span: &&SpanRow| state.is_unfinished() && is_held(span);
        let mut workers: Vec<_> = spans.iter().filter(at_work).map(worker).collect();
        if workers.is_empty() {
            let noted = |frontier: &&SpanRow| state.is_unfinished() && frontier.worker.is_some();
            workers.extend(frontier.filter(noted).map(between_pieces));
        }
        BackfillStatus {
            revision: revision.to_owned(),
            message: message.to_owned(),
            state,
            rows: sum(|span| span.rows),
            batches: sum(|span| span.batches),
            rejected: sum(|span| span.rejected),
            blocking: frontier.map_or(0, |frontier| frontier.blocking),
            total: frontier.and_then(|frontier| frontier.total),
            workers,
            started_at: frontier.map(|frontier| frontier.started_at.clone()),
            updated_at: spans.iter().map(|span| &span.updated_at).max().cloned(),
            finished_at: self.row.filter(|_| state == BackfillState::Done).map(|row| row.applied_at),
            waits_for: self.waits_for,
        }
    }

    fn state(&self) -> BackfillState {
        match &self.row {
            None if self.waits_for.is_empty() => BackfillState::Pending,
            None => BackfillState::Blocked,
            Some(row) if row.state != RowState::Running => BackfillState::Done,
            Some(_) => self.begun(),
        }
    }

    fn begun(&self) -> BackfillState {
        let Some(frontier) = self.spans.iter().find(|span| span.span == 0) else {
            return BackfillState::Stopped;
        };
        match frontier.state {
            CheckpointState::Paused => return BackfillState::Paused,
            CheckpointState::Cancelled => return BackfillState::Cancelled,
            CheckpointState::Done => return BackfillState::Done,
            CheckpointState::Ready | CheckpointState::Running => {}
        }
        let held: Vec<_> = self.spans.iter().filter(|span| is_held(span)).collect();
        let given_back = self.spans.iter().any(|span| span.state == CheckpointState::Ready);
        if held.iter().any(|span| is_alive(span)) {
            BackfillState::Running
        } else if !held.is_empty() {
            BackfillState::Stalled
        } else if given_back || frontier.worker.is_none() {
            BackfillState::Stopped
        } else if between_pieces(frontier).is_alive {
            BackfillState::Running
        } else {
            BackfillState::Stalled
        }
    }
}

/// Whether somebody works on the piece, or did until they died.
fn is_held(span: &SpanRow) -> bool {
    span.span > 0 && span.state == CheckpointState::Running
}

fn is_alive(span: &SpanRow) -> bool {
    // Who asks may be at work itself, in another thread: then only the heart tells.
    let others = span.worker.as_deref().filter(|worker| *worker != identity::current());
    match (span.session, others.and_then(identity::is_alive)) {
        (Some(false), _) => false,
        // On SQLite a heart cannot beat within a batch, however long it takes.
        (None, Some(is_alive)) => is_alive,
        (_, _) => age(span) < SILENCE,
    }
}

/// The worker of the row of the whole. It counts the rows in one transaction, in which no heart can beat, so its session
/// is enough of a sign of life.
fn between_pieces(frontier: &SpanRow) -> WorkerStatus {
    let is_alive = frontier.session == Some(true) || is_alive(frontier);
    WorkerStatus { position: None, rows: 0, is_alive, ..worker(frontier) }
}

fn age(span: &SpanRow) -> Duration {
    Duration::from_millis(span.age_ms)
}

fn worker(span: &SpanRow) -> WorkerStatus {
    WorkerStatus {
        worker: span.worker.clone().unwrap_or_default(),
        piece: span.span,
        position: span.position.clone(),
        rows: u64::try_from(span.rows).unwrap_or(0),
        heartbeat_age: age(span),
        is_alive: is_alive(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(number: u64, state: CheckpointState, age_ms: u64) -> SpanRow {
        SpanRow {
            revision: "b1".to_owned(),
            span: number,
            state,
            position: Some("7".to_owned()),
            rows: 10,
            batches: 1,
            rejected: 0,
            total: Some(100),
            worker: Some("ci".to_owned()),
            session: None,
            age_ms,
            started_at: "2026-01-01T00:00:00.000Z".to_owned(),
            updated_at: format!("2026-01-01T00:00:0{number}.000Z"),
            blocking: 0,
        }
    }

    fn row(state: RowState) -> LedgerRow {
        LedgerRow {
            revision: "b1".to_owned(),
            state,
            checksum: None,
            message: String::new(),
            applied_at: "2026-01-01T00:01:00.000Z".to_owned(),
            duration_ms: None,
            applied_by: "ci".to_owned(),
            binary_version: String::new(),
            format: 1,
        }
    }

    fn seen(spans: Vec<SpanRow>) -> Seen {
        Seen { row: Some(row(RowState::Running)), waits_for: Vec::new(), spans }
    }

    #[test]
    fn a_state_follows_from_the_ledger_the_frontier_and_who_holds_a_piece() {
        use CheckpointState::{Cancelled, Paused, Ready, Running};
        let frontier = span(0, Running, 60_000);
        let dead = SpanRow { session: Some(false), ..span(2, Running, 10) };
        let silent = SpanRow { session: Some(true), ..span(2, Running, 90_000) };
        for (spans, expected) in [
            (vec![], BackfillState::Stopped),
            (vec![span(0, Paused, 10), span(1, Running, 10)], BackfillState::Paused),
            (vec![span(0, Cancelled, 10)], BackfillState::Cancelled),
            (vec![frontier.clone(), span(1, Running, 29_999)], BackfillState::Running),
            (vec![frontier.clone(), span(1, Running, 30_000)], BackfillState::Stalled),
            (vec![frontier.clone(), dead.clone()], BackfillState::Stalled),
            (vec![frontier.clone(), dead, span(3, Running, 10)], BackfillState::Running),
            (vec![frontier.clone(), silent], BackfillState::Stalled),
            (vec![span(0, Running, 10), span(1, Ready, 10)], BackfillState::Stopped),
            (vec![SpanRow { worker: None, ..span(0, Running, 10) }], BackfillState::Stopped),
            (vec![span(0, Running, 10)], BackfillState::Running),
            (vec![SpanRow { session: Some(true), ..frontier.clone() }], BackfillState::Running),
            (vec![SpanRow { session: Some(false), ..span(0, Running, 10) }], BackfillState::Stalled),
            (vec![frontier], BackfillState::Stalled),
        ] {
            assert_eq!(seen(spans.clone()).state(), expected, "{spans:?}");
        }
    }

    #[test]
    fn what_is_not_in_the_ledger_has_not_begun_whatever_an_earlier_life_left() {
        let left = vec![span(0, CheckpointState::Done, 10)];
        let pending = Seen { row: None, waits_for: Vec::new(), spans: left.clone() };
        let status = pending.status("b1", "fill");
        assert_eq!((status.state, status.rows, status.started_at), (BackfillState::Pending, 0, None));
        let blocked = Seen { row: None, waits_for: vec!["a1".to_owned()], spans: left };
        assert_eq!(blocked.state(), BackfillState::Blocked);
    }

    #[test]
    fn counts_are_sums_over_the_spans() {
        let frontier = SpanRow { rejected: -1, ..span(0, CheckpointState::Running, 10) };
        let piece = SpanRow { rejected: 3, ..span(2, CheckpointState::Running, 10) };
        let status = seen(vec![frontier, piece]).status("b1", "fill");
        assert_eq!((status.rows, status.batches, status.rejected, status.total), (20, 2, 2, Some(100)));
        assert_eq!(status.updated_at.as_deref(), Some("2026-01-01T00:00:02.000Z"));
        assert_eq!((status.workers.len(), status.workers[0].piece), (1, 2));
    }

    #[test]
    fn who_counts_the_rows_is_a_worker_without_a_piece() {
        let frontier = || SpanRow { session: Some(true), ..span(0, CheckpointState::Running, 60_000) };
        let workers = seen(vec![frontier()]).status("b1", "fill").workers;
        assert_eq!((workers.len(), workers[0].piece, workers[0].is_alive), (1, 0, true));
        let workers =
            seen(vec![frontier(), span(2, CheckpointState::Running, 10)]).status("b1", "fill").workers;
        assert_eq!((workers.len(), workers[0].piece), (1, 2));
        let done = Seen { row: Some(row(RowState::Applied)), ..seen(vec![frontier()]) };
        assert!(done.status("b1", "fill").workers.is_empty());
    }

    #[test]
    fn each_command_has_its_states() {
        use BackfillCommand::{Cancel, Pause, Resume};
        use BackfillState::{Blocked, Cancelled, Done, Paused, Pending, Running, Stalled, Stopped};
        let all = [Blocked, Pending, Running, Stopped, Stalled, Paused, Cancelled, Done];
        let allowing = |command| all.into_iter().filter(|state| state.allows(command)).collect::<Vec<_>>();
        assert_eq!(allowing(Pause), [Running, Stopped, Stalled]);
        assert_eq!(allowing(Resume), [Paused, Cancelled]);
        assert_eq!(allowing(Cancel), [Running, Stopped, Stalled, Paused]);
    }
}
