//! How far the whole backfill is, as far as this process knows.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ledger::{Piece, Sums};
use crate::runner::report::BackfillProgress;

/// Counts what the workers of this process do, and remembers what others did when it was last looked up.
#[derive(Debug)]
pub(super) struct Tally {
    started: Instant,
    counts: Mutex<Counts>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    own: Done,
    others: Done,
    total: Option<u64>,
    workers: u32,
    looked_up: Option<Instant>,
}

/// Rows, batches, and rows that were put aside.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    rows: u64,
    batches: u64,
    rejected: u64,
}

/// How often what others do is looked up.
const INTERVAL: Duration = Duration::from_secs(1);

impl Default for Tally {
    fn default() -> Self {
        Self { started: Instant::now(), counts: Mutex::default() }
    }
}

impl Tally {
    /// Since when this process is at it.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Takes note of a batch of this process.
    pub(super) fn add(&self, before: &Piece, after: &Piece) {
        let own = &mut self.lock().own;
        own.rows += after.rows - before.rows;
        own.batches += after.batches - before.batches;
        own.rejected += after.rejected - before.rejected;
    }

    /// How many batches this process has committed.
    pub(super) fn own_batches(&self) -> u64 {
        self.lock().own.batches
    }

    /// Whether it is time to look again at what others do; says so to one of those who ask at the same time.
    pub(super) fn is_due(&self) -> bool {
        let mut counts = self.lock();
        let is_due = counts.looked_up.is_none_or(|at| at.elapsed() >= INTERVAL);
        if is_due {
            counts.looked_up = Some(Instant::now());
        }
        is_due
    }

    /// Takes note of what was found. A batch that another worker of this process is about to count may be counted
    /// twice until the next time.
    pub(super) fn found(&self, sums: Sums) {
        let mut counts = self.lock();
        // Rows that were put aside are tried again when all are visited once more.
        counts.own.rejected = counts.own.rejected.min(sums.rejected);
        let own = counts.own;
        counts.others = Done {
            rows: sums.rows.saturating_sub(own.rows),
            batches: sums.batches.saturating_sub(own.batches),
            rejected: sums.rejected.saturating_sub(own.rejected),
        };
        counts.total = sums.total;
        counts.workers = sums.workers;
    }

    /// All rows are visited once more, and those that were put aside with them.
    pub(super) fn forget_rejected(&self) {
        let mut counts = self.lock();
        counts.own.rejected = 0;
        counts.others.rejected = 0;
    }

    /// How far it is after a batch of so many rows that ended at this key.
    pub(super) fn progress(&self, batch: u32, position: Option<String>) -> BackfillProgress {
        let Counts { own, others, total, workers, .. } = *self.lock();
        let elapsed = self.elapsed();
        let rate = u128::from(own.rows) * 1_000_000 / elapsed.as_micros().max(1);
        BackfillProgress {
            rows: own.rows + others.rows,
            batches: own.batches + others.batches,
            rejected: own.rejected + others.rejected,
            total,
            workers: workers.max(1),
            position,
            batch,
            elapsed,
            rate: u64::try_from(rate).unwrap_or(u64::MAX),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
