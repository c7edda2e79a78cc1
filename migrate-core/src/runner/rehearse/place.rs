//! A part of the table that is visited in turn with the others.

use std::time::{Duration, Instant};

use super::rest::Part;
use crate::backfill::{Batcher, Next, Outcome, Pace};
use crate::runner::backfill::Failed;

/// The first batch of a place has so much of the rows that others may have: it shows how long a row takes.
const FIRST: u32 = 10;

/// How large the batches of a sample are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// The most rows of a batch.
    pub(super) rows: u32,
    /// How long one should take.
    pub(super) time: Duration,
}

/// A place of the table.
pub(super) struct Place {
    pub(super) number: usize,
    /// What is left of it.
    pub(super) part: Part,
    size: Size,
    batcher: Batcher,
    /// Whether a batch went well.
    is_warm: bool,
    /// Why the last batch did not.
    pub(super) failed: Option<Failed>,
}

impl Place {
    pub(super) fn new(number: usize, part: Part, size: Size) -> Self {
        let batcher = batcher(size, size.rows / FIRST, &part);
        Self { number, part, size, batcher, is_warm: false, failed: None }
    }

    /// What to do next.
    pub(super) fn next(&mut self) -> Next {
        self.batcher.next(Instant::now())
    }

    /// Takes note of a batch of so many rows.
    pub(super) fn done(&mut self, rows: u32, took: Duration) {
        self.batcher.told(Outcome::Done { rows }, Instant::now());
        if !self.is_warm {
            self.is_warm = true;
            let fitting = u128::from(rows) * self.size.time.as_nanos() / took.as_nanos().max(1);
            let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
            self.batcher = batcher(self.size, fitting, &self.part);
        }
    }

    /// Takes note of a batch that failed.
    pub(super) fn failed(&mut self, failed: Failed) {
        let outcome = Outcome::Failed { failure: failed.failure(), rows: failed.rows };
        self.batcher.told(outcome, Instant::now());
        self.failed = Some(failed);
    }

    /// Goes past a bad row.
    pub(super) fn goes_past(&mut self, key: String) {
        self.part.after = Some(key);
        self.batcher.told(Outcome::Rejected, Instant::now());
    }
}

fn batcher(size: Size, start: u32, part: &Part) -> Batcher {
    let pace = Pace { start, min: 1, max: size.rows, target: size.time, rest: Duration::ZERO };
    Batcher::new(pace, start, 0).within(part.until.is_some())
}
