//! One try of a rehearsal.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use super::attempt::Fallen;
use super::examples::Examples;
use super::sample::Sample;
use crate::backfill::Settings;
use crate::connection::{Dialect, classify};
use crate::ledger::MARK_TRANSACTION;
use crate::rehearsal::{Ended, Finding, Limits, Projection, Rehearsal, RehearsalError, bad_rows};
use crate::runner::run::Run;

/// How long it waits for a lock: it must not become the head of a queue.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// A writer that waits for an SQLite file looks whether it is free at least that often.
const TURN: Duration = Duration::from_millis(120);

/// What a transaction of PostgreSQL begins with that is to see one state of the database.
pub(super) const SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; ";

/// One try of a rehearsal.
pub(super) struct Stage<'s, 'h, 'a> {
    pub(super) run: &'s mut Run<'h, 'a>,
    pub(super) revision: &'s str,
    pub(super) settings: Settings,
    pub(super) limits: Limits,
    /// Whether there is a row of it in the ledger; without, a checkpoint is one of an earlier life.
    pub(super) is_begun: bool,
}

impl Stage<'_, '_, '_> {
    pub(super) fn rehearse(&mut self) -> Result<Rehearsal, Fallen> {
        let started = Instant::now();
        let mut findings = Vec::new();
        let rest = self.rest()?;
        let counts = self.count(rest.done, &mut findings)?;
        let before = self.sequences()?;
        let mut sample =
            self.rolled_back(self.limits.time, "", |stage| Sample::take(stage, &rest, counts.quickly()))?;
        if self.dialect() == Dialect::Sqlite {
            std::thread::sleep(TURN);
        }
        let examples = Examples::of(self, &sample)?;
        let sequences = self.moved(&before)?;
        findings.append(&mut sample.findings);
        if sample.rows > 0 && examples.is_untouched() {
            findings.retain(|finding| !matches!(finding, Finding::StillRemaining { .. }));
            findings.push(Finding::NothingChanged);
        }
        let is_everything = sample.ended == Ended::AllRows && !rest.has_others;
        let visited = sample.rows + bad_rows(&findings);
        let to_do = if is_everything { Some(visited) } else { counts.to_do };
        let pace = self.settings.pace;
        Ok(Rehearsal {
            revision: self.revision.to_owned(),
            dialect: self.dialect(),
            after: rest.after,
            rows: sample.rows,
            places: sample.places(),
            ended: sample.ended,
            projection: to_do.and_then(|rows| Projection::new(rows, &sample.measures, pace.rest, pace.start)),
            measures: sample.measures,
            elapsed: started.elapsed(),
            remaining: counts.remaining,
            to_do,
            growth_bytes: sample.growth_bytes,
            tables: examples.tables,
            counted_rows: examples.counted_rows,
            unseen: examples.unseen,
            sequences,
            findings,
        })
    }

    pub(super) fn dialect(&mut self) -> Dialect {
        self.run.host.driver().dialect()
    }

    /// Does something in a transaction that is rolled back whatever comes of it; `mode` is said first in it.
    pub(super) fn rolled_back<T>(
        &mut self,
        time: Duration,
        mode: &str,
        work: impl FnOnce(&mut Self) -> Result<T, Fallen>,
    ) -> Result<T, Fallen> {
        let driver = self.run.host.driver();
        let mut settings = String::new();
        if driver.dialect() == Dialect::Postgres {
            settings = format!(
                "{mode}{MARK_TRANSACTION} SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}",
                LOCK_TIMEOUT.as_millis(),
                time.as_millis()
            );
        } else {
            // Given back with what the run itself had set.
            driver.batch(&format!("PRAGMA busy_timeout = {}", LOCK_TIMEOUT.as_millis()))?;
        }
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

impl Sample {
    fn places(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.place).collect::<std::collections::BTreeSet<_>>().len()
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
