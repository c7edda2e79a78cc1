use std::time::{Duration, Instant};

use super::pace::Pace;

/// Decides how many rows the next batch takes, and what a failure means (I11).
///
/// Pure: it is asked for its [`next`](Self::next) step and [`told`](Self::told) the outcome, the clock is passed in
/// and it draws no random numbers, so a test scripts a whole backfill without a database.
///
/// The size follows Spirit's chunker (`pkg/table/README.md` there): towards the target time, at most half as much
/// again at once, and down to a tenth at once after a batch that took five times the target. A batch with a bad row
/// is halved until the row is alone.
#[derive(Debug, Clone)]
pub struct Batcher {
    pace: Pace,
    retries: u32,
    /// Of the next ordinary batch.
    size: u32,
    /// How many of the rows that come next are known to hold a bad one.
    suspect: u32,
    decision: Next,
    began: Option<Instant>,
    /// Passing failures in a row.
    attempt: u32,
    /// Batches in a row that were not full.
    short: u32,
    /// Batches in a row that found nothing.
    empty: u32,
    /// Whether the rows have a last one, so that however short batches are, they come to an end.
    is_bound: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Do the next rows, at most `limit` of them.
    Batch {
        /// At least 1.
        limit: u32,
    },
    /// The same after a failure that may pass by itself: wait first.
    Again {
        /// At least 1.
        limit: u32,
        /// Which retry this is, from 1.
        attempt: u32,
    },
    /// Put the next row aside: it failed alone.
    Reject,
    /// No row is left.
    Finished,
    /// The last failure is the answer.
    GiveUp,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The batch is committed; it had this many rows.
    Done {
        /// Fewer than the limit near the end.
        rows: u32,
    },
    /// The row that failed alone is put aside.
    Rejected,
    /// It was not there any more.
    Vanished,
    /// Nothing of the batch was kept.
    Failed {
        /// Why.
        failure: Failure,
        /// How many rows the batch had; 0 when that is not known.
        rows: u32,
    },
}

/// What a failure says about the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Nothing: others were in the way.
    Passing,
    /// They are too many for the server's time limit.
    TooLong,
    /// One of them is bad.
    Row,
    /// Nothing, and trying again is of no use.
    Final,
}

/// A batch that took so many times the target is followed by one of a tenth.
const PANIC: u32 = 5;

/// After so many batches in a row that were not full, rows are still coming in behind, and those are somebody
/// else's. One alone may have lost rows to a concurrent delete while it waited for their locks.
const SHORT: u32 = 3;

impl Batcher {
    /// Starts with batches of `size` rows, and tries a batch again `retries` times after passing failures.
    #[must_use]
    pub fn new(pace: Pace, size: u32, retries: u32) -> Self {
        let size = size.clamp(pace.min, pace.max);
        let decision = Next::Batch { limit: size };
        Self {
            pace,
            retries,
            size,
            suspect: 0,
            decision,
            began: None,
            attempt: 0,
            short: 0,
            empty: 0,
            is_bound: false,
        }
    }

    /// Says whether the rows have a last one. Without, three batches in a row that are not full are the end.
    #[must_use]
    pub fn within(self, is_bound: bool) -> Self {
        Self { is_bound, ..self }
    }

    /// The rows have got a last one. Whoever has found it has seen that there are some up to there, so it is not the
    /// end yet.
    pub fn bound(&mut self) {
        self.is_bound = true;
        self.empty = 0;
        if self.decision == Next::Finished {
            self.decision = self.ordinary();
        }
    }

    /// The connection was lost in the last batch. The server may end those whose transactions take long, so the next
    /// one is to take less time.
    pub fn lost(&mut self) {
        self.size = (self.size / 2).clamp(self.pace.min, self.pace.max);
        self.decision = self.ordinary();
    }

    /// What to do next; with the same answer until it is told an outcome.
    pub fn next(&mut self, now: Instant) -> Next {
        self.began = Some(now);
        self.decision
    }

    /// The size of the next ordinary batch.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Takes note of what came of the last step.
    pub fn told(&mut self, outcome: Outcome, now: Instant) {
        let asked = self.asked();
        let took = self.began.map_or(Duration::ZERO, |began| now.saturating_duration_since(began));
        self.decision = match outcome {
            Outcome::Done { rows } => self.done(asked, rows, took),
            Outcome::Rejected | Outcome::Vanished => {
                self.suspect = 0;
                self.ordinary()
            }
            Outcome::Failed { failure, rows } => self.failed(failure, if rows == 0 { asked } else { rows }),
        };
    }

    fn asked(&self) -> u32 {
        match self.decision {
            Next::Batch { limit } | Next::Again { limit, .. } => limit,
            Next::Reject | Next::Finished | Next::GiveUp => 1,
        }
    }

    fn ordinary(&self) -> Next {
        Next::Batch { limit: self.size }
    }

    fn done(&mut self, asked: u32, rows: u32, took: Duration) -> Next {
        self.attempt = 0;
        self.empty = if rows == 0 { self.empty + 1 } else { 0 };
        self.short = if rows < asked { self.short + 1 } else { 0 };
        if self.empty > 1 || !self.is_bound && self.short >= SHORT {
            return Next::Finished;
        }
        if self.suspect > 0 {
            self.suspect = self.suspect.saturating_sub(rows.max(1));
            return if self.suspect > 0 {
                Next::Batch { limit: self.suspect.div_ceil(2) }
            } else {
                self.ordinary()
            };
        }
        self.adapt(asked, rows, took);
        self.ordinary()
    }

    fn adapt(&mut self, asked: u32, rows: u32, took: Duration) {
        let target = self.pace.target.as_nanos().max(1);
        let took = took.as_nanos().max(1);
        let size = if took > target * u128::from(PANIC) {
            self.size / 10
        } else {
            let ideal = u32::try_from(u128::from(rows) * target / took).unwrap_or(u32::MAX);
            match rows < asked {
                // A batch that was not full tells little about larger ones, also when it was quick.
                true if took <= target => self.size,
                true => ideal.min(self.size),
                false => ideal.min(self.size.saturating_add(self.size / 2)),
            }
        };
        if rows > 0 {
            self.size = size.clamp(self.pace.min, self.pace.max);
        }
    }

    fn failed(&mut self, failure: Failure, rows: u32) -> Next {
        if failure != Failure::Passing {
            self.attempt = 0;
        }
        match failure {
            Failure::Final => Next::GiveUp,
            Failure::Passing => {
                self.attempt += 1;
                if self.attempt > self.retries {
                    return Next::GiveUp;
                }
                // Fewer rows take fewer locks for a shorter time.
                let limit = if self.attempt > 1 { (rows / 2).max(1) } else { rows };
                Next::Again { limit, attempt: self.attempt }
            }
            Failure::TooLong if rows == 1 => Next::GiveUp,
            Failure::TooLong => {
                self.size = (rows / 2).clamp(self.pace.min, self.pace.max);
                Next::Batch { limit: rows / 2 }
            }
            Failure::Row if rows == 1 => Next::Reject,
            Failure::Row => {
                self.suspect = rows;
                Next::Batch { limit: rows / 2 }
            }
        }
    }
}

#[cfg(test)]
mod tests;
