//! How many rows there are to do, and which sequences have moved.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::attempt::Fallen;
use super::stage::{LOCK_TIMEOUT, Stage};
use crate::backfill::Request;
use crate::connection::{Dialect, FailureKind};
use crate::rehearsal::{self, Finding, Remaining};

/// How long the count of what remains may take, which locks nothing.
const COUNT_TIME: Duration = Duration::from_secs(10);

/// How many rows there are to do.
pub(super) struct Counts {
    pub(super) remaining: Remaining,
    /// How many will be visited, when that is known.
    pub(super) to_do: Option<u64>,
    /// How long it took to count those that remain.
    took: Duration,
}

impl Counts {
    /// How many rows remain, if they can be counted again without keeping others waiting.
    pub(super) fn quickly(&self) -> Option<u64> {
        match self.remaining {
            Remaining::Rows(rows) if self.took < LOCK_TIMEOUT => Some(rows),
            _ => None,
        }
    }
}

/// The sequences with their last values.
pub(super) type Sequences = BTreeMap<String, Option<String>>;

impl Stage<'_, '_, '_> {
    /// Counts what remains and what will be visited, of which `done` rows are done.
    pub(super) fn count(&mut self, done: u64, findings: &mut Vec<Finding>) -> Result<Counts, Fallen> {
        let started = Instant::now();
        let counted = self.rolled_back(COUNT_TIME, "", |stage| stage.ask(Request::Remaining))?;
        let took = started.elapsed();
        let remaining = match counted {
            Ok(answer) => Remaining::Rows(u64::try_from(answer.remaining).unwrap_or_default()),
            Err(failed) if failed.kind() == FailureKind::StatementTimeout => Remaining::TooLong,
            Err(failed) => {
                findings.push(Finding::Uncounted { error: failed.in_full() });
                Remaining::Failed
            }
        };
        let to_do = match remaining {
            Remaining::Rows(rows) => Some(self.visited(rows, took, done)?),
            Remaining::TooLong | Remaining::Failed => None,
        };
        Ok(Counts { remaining, to_do, took })
    }

    /// How many rows will be visited: more than remain, where `rows` does not pass over those that are done.
    fn visited(&mut self, remaining: u64, took: Duration, done: u64) -> Result<u64, Fallen> {
        // It may well be the same count once more.
        if took > LOCK_TIMEOUT {
            return Ok(remaining);
        }
        let total = self.rolled_back(COUNT_TIME, "", |stage| stage.ask(Request::Total))?;
        let total = total.ok().and_then(|answer| answer.total).and_then(|total| u64::try_from(total).ok());
        Ok(match total {
            Some(total) if total != remaining => total.saturating_sub(done).max(remaining),
            _ => remaining,
        })
    }

    /// Where the sequences of PostgreSQL are.
    pub(super) fn sequences(&mut self) -> Result<Sequences, Fallen> {
        let driver = self.run.host.driver();
        match driver.dialect() {
            Dialect::Postgres => Ok(rehearsal::sequences(driver)?),
            _ => Ok(Sequences::new()),
        }
    }

    /// Those that have moved since.
    pub(super) fn moved(&mut self, before: &Sequences) -> Result<Vec<String>, Fallen> {
        let mut now = self.sequences()?;
        now.retain(|name, value| before.get(name).is_some_and(|before| before != value));
        Ok(now.into_keys().collect())
    }
}
