//! How a backfill stands, from what was read of it.

use std::time::Duration;

use super::super::identity;
use super::BackfillState;
use crate::ledger::{CheckpointState, LedgerRow, RowState, SpanRow};

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

/// What was read of one backfill.
pub(super) struct Seen {
    pub(super) row: Option<LedgerRow>,
    pub(super) waits_for: Vec<String>,
    pub(super) spans: Vec<SpanRow>,
}

impl Seen {
    pub(super) fn status(self, revision: &str, message: &str) -> BackfillStatus {
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
}
