//! Rehearsals: the next batches of a backfill, done and rolled back.
//!
//! In three short transactions, none of which ever commits: what remains is counted; a sample is done in batches, for
//! the times and the findings; and a few of its rows are done once more while their changes are watched, which would
//! have spoilt the times. No table of the framework is written, so there is nothing to clean up after a crash.

mod attempt;
mod contract;
mod examples;
mod sample;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use self::attempt::Fallen;
use self::examples::Examples;
use self::sample::Sample;
use super::error::Error;
use super::run::Run;
use crate::backfill::{Request, Settings};
use crate::connection::{Dialect, FailureKind, classify};
use crate::ledger::{self, MARK_TRANSACTION, RowState};
use crate::lock;
use crate::rehearsal::{Ended, Finding, Projection, Rehearsal, RehearsalError, Remaining};

/// How long it waits for a lock: it must not become the head of a queue.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the sample may take, and so keep its rows locked.
const SAMPLE_TIME: Duration = Duration::from_secs(3);

/// How long it may take to do rows once more for examples.
const EXAMPLES_TIME: Duration = Duration::from_secs(2);

/// A writer that waits for an SQLite file looks whether it is free at least that often.
const TURN: Duration = Duration::from_millis(120);

/// How long the count of what remains may take, which locks nothing.
const COUNT_TIME: Duration = Duration::from_secs(10);

/// How often it is tried again when others were in the way.
const RETRIES: u32 = 3;

impl Run<'_, '_> {
    pub(super) fn rehearse(&mut self, revision: &str, sample: u32) -> Result<Rehearsal, Error> {
        let settings = self.to_rehearse(revision)?;
        if self.outer_depth > 0 {
            return Err(RehearsalError::InTransaction.into());
        }
        let (after, done) = self.begun_at(revision)?;
        let mut attempt = 0;
        loop {
            let mut stage = Stage { run: self, revision, settings, after: after.as_deref(), done };
            let fallen = match stage.rehearse(sample) {
                Ok(rehearsal) => return Ok(rehearsal),
                Err(Fallen::Error(error)) => return Err(error),
                Err(Fallen::InTheWay(cause)) => cause,
            };
            attempt += 1;
            if attempt > RETRIES {
                return Err(RehearsalError::InTheWay(fallen).into());
            }
            std::thread::sleep(lock::backoff(attempt - 1));
        }
    }

    /// Where the backfill goes on, which is behind what was handed out last, and how many rows are done.
    fn begun_at(&mut self, revision: &str) -> Result<(Option<String>, u64), Error> {
        let driver = self.host.driver();
        if !ledger::has_backfill(driver, &self.names)? {
            return Ok((None, 0));
        }
        let mut spans = ledger::read_spans(driver, &self.names)?;
        spans.retain(|span| span.revision == revision);
        let done = spans.iter().map(|span| span.rows).sum::<i64>();
        let last = spans.pop().and_then(|span| span.position);
        Ok((last, u64::try_from(done).unwrap_or_default()))
    }

    /// The settings of the backfill, if it can be rehearsed now.
    fn to_rehearse(&mut self, revision: &str) -> Result<Settings, Error> {
        let named = || revision.to_owned();
        if !self.graph.contains(revision) {
            return Err(RehearsalError::Unknown { revision: named() }.into());
        }
        let settings = self.host.backfill(revision);
        let settings = settings.ok_or_else(|| RehearsalError::NotABackfill { revision: named() })?;
        let rows = self.read()?.unwrap_or_default();
        let applied = |id: &str| rows.iter().any(|row| row.revision == id && row.state == RowState::Applied);
        if applied(revision) {
            return Err(RehearsalError::Applied { revision: named() }.into());
        }
        let parents = self.graph.parents(revision).chain(self.graph.dependencies(revision));
        let pending: std::collections::BTreeSet<_> =
            parents.filter(|parent| !applied(parent)).map(str::to_owned).collect();
        if pending.is_empty() {
            return Ok(settings);
        }
        Err(RehearsalError::ParentsPending { revision: named(), pending: pending.into_iter().collect() }
            .into())
    }
}

/// One try of a rehearsal.
struct Stage<'s, 'h, 'a> {
    run: &'s mut Run<'h, 'a>,
    revision: &'s str,
    settings: Settings,
    /// Where the next run goes on.
    after: Option<&'s str>,
    /// How many rows earlier runs have done.
    done: u64,
}

impl Stage<'_, '_, '_> {
    fn rehearse(&mut self, rows: u32) -> Result<Rehearsal, Fallen> {
        let started = Instant::now();
        let mut findings = Vec::new();
        let (remaining, count_took) = self.count(&mut findings)?;
        let to_do = self.to_do(remaining, count_took)?;
        let before = self.sequences()?;
        // A second count within the sample must not keep its rows locked for long.
        let counted = match remaining {
            Remaining::Rows(rows) if count_took < LOCK_TIMEOUT => Some(rows),
            _ => None,
        };
        let mut sample = self.rolled_back(SAMPLE_TIME, "", |stage| Sample::take(stage, rows, counted))?;
        if self.run.host.driver().dialect() == Dialect::Sqlite {
            std::thread::sleep(TURN);
        }
        let examples = Examples::of(self, &sample)?;
        let after = self.sequences()?;
        let moved =
            after.iter().filter(|(name, value)| before.get(*name).is_some_and(|before| before != *value));
        findings.append(&mut sample.findings);
        if sample.rows > 0 && examples.is_untouched() {
            findings.retain(|finding| !matches!(finding, Finding::StillRemaining { .. }));
            findings.push(Finding::NothingChanged);
        }
        let to_do = if sample.ended == Ended::AllRows { Some(sample.rows) } else { to_do };
        let pace = self.settings.pace;
        Ok(Rehearsal {
            revision: self.revision.to_owned(),
            dialect: self.run.host.driver().dialect(),
            after: self.after.map(str::to_owned),
            rows: sample.rows,
            places: sample.places,
            ended: sample.ended,
            projection: to_do.and_then(|rows| Projection::new(rows, &sample.measures, pace.rest, pace.start)),
            measures: sample.measures,
            elapsed: started.elapsed(),
            remaining,
            to_do,
            growth_bytes: sample.growth_bytes,
            tables: examples.tables,
            counted_rows: examples.counted_rows,
            unseen: examples.unseen,
            sequences: moved.map(|(name, _)| name.clone()).collect(),
            findings,
        })
    }

    /// How many rows remain, and how long it took to count them.
    fn count(&mut self, findings: &mut Vec<Finding>) -> Result<(Remaining, Duration), Fallen> {
        let started = Instant::now();
        let counted = self.rolled_back(COUNT_TIME, "", |stage| stage.ask(Request::Remaining));
        let answer = match counted {
            Ok(answer) => answer,
            // As on the way to the sample, which says it better.
            Err(fallen) => return Err(fallen),
        };
        let Some(fault) = answer.fault else {
            let rows = u64::try_from(answer.remaining).unwrap_or_default();
            return Ok((Remaining::Rows(rows), started.elapsed()));
        };
        let remaining = match fault.kind() {
            FailureKind::StatementTimeout => Remaining::TooLong,
            _ => {
                findings.push(Finding::Uncounted { error: fault.in_full() });
                Remaining::Failed
            }
        };
        Ok((remaining, started.elapsed()))
    }

    /// How many rows will be visited: more than remain, where `rows` does not pass over those that are done.
    fn to_do(&mut self, remaining: Remaining, took: Duration) -> Result<Option<u64>, Fallen> {
        let Remaining::Rows(remaining) = remaining else { return Ok(None) };
        // It may well be the same count once more.
        if took > LOCK_TIMEOUT {
            return Ok(Some(remaining));
        }
        let answer = self.rolled_back(COUNT_TIME, "", |stage| stage.ask(Request::Total))?;
        let total =
            answer.total.and_then(|total| u64::try_from(total).ok()).filter(|_| answer.fault.is_none());
        Ok(Some(match total {
            Some(total) if total != remaining => total.saturating_sub(self.done).max(remaining),
            _ => remaining,
        }))
    }

    fn sequences(&mut self) -> Result<std::collections::BTreeMap<String, Option<String>>, Fallen> {
        let driver = self.run.host.driver();
        match driver.dialect() {
            Dialect::Postgres => Ok(crate::rehearsal::sequences(driver)?),
            _ => Ok(std::collections::BTreeMap::new()),
        }
    }

    /// Does something in a transaction that is rolled back whatever comes of it; `mode` is said first in it.
    fn rolled_back<T>(
        &mut self,
        time: Duration,
        mode: &str,
        work: impl FnOnce(&mut Self) -> Result<T, Fallen>,
    ) -> Result<T, Fallen> {
        let driver = self.run.host.driver();
        let settings = match driver.dialect() {
            Dialect::Postgres => format!(
                "{mode}{MARK_TRANSACTION} SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}",
                LOCK_TIMEOUT.as_millis(),
                time.as_millis()
            ),
            _ => {
                // Given back with what the run itself had set.
                driver.batch(&format!("PRAGMA busy_timeout = {}", LOCK_TIMEOUT.as_millis()))?;
                String::new()
            }
        };
        driver.begin(&settings)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        self.run.unwind_transactions();
        match outcome {
            Ok(outcome) => outcome,
            Err(panic) => {
                self.run.restore();
                resume_unwind(panic)
            }
        }
    }
}

impl From<RehearsalError> for Fallen {
    fn from(error: RehearsalError) -> Self {
        Self::Error(error.into())
    }
}

impl From<diesel::result::Error> for Fallen {
    fn from(error: diesel::result::Error) -> Self {
        if classify(&error).is_transient() {
            return Self::InTheWay(Box::new(error));
        }
        Self::Error(error.into())
    }
}
