//! The rows of a backfill that were put aside, tried once more.

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use diesel::QueryResult;

use super::backfills::BackfillCommand;
use super::error::Error;
use super::event::Event;
use super::run::Run;
use super::{Migrator, Options};
use crate::backfill::{Fault, Request};
use crate::connection::{Dialect, Driver, FailureKind, MigrationConnection, classify};
use crate::error::{BodyError, chain};
use crate::ledger::{self, Entry, MARK_TRANSACTION, Rejection};
use crate::lock;

/// How many keys are read at a time.
const CHUNK: u32 = 500;

/// What became of the rows that were put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryReport {
    /// The backfill.
    pub revision: String,
    /// The rows that were tried, in the order of the list.
    pub rows: Vec<RetriedRow>,
    /// Whether the run was asked to stop before all of them were tried.
    pub halted: bool,
    /// The rows that a run stopped at. The next run begins with them, so they are not tried here; those that are gone
    /// are taken off the list.
    pub blocking: u64,
}

/// A row that was tried once more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetriedRow {
    /// Its key, as JSON.
    pub key: String,
    /// What came of it.
    pub outcome: RetryOutcome,
}

/// What came of trying a row once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is changed, and off the list.
    Changed,
    /// The table has no such row any more, or the backfill passes over it: it is off the list.
    Gone,
    /// It failed again, and stays on the list with this error.
    Failed {
        /// What failed, with its causes.
        error: String,
    },
}

impl RetryReport {
    /// How many rows are changed.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome == RetryOutcome::Changed).count()
    }

    /// How many rows are not there any more.
    #[must_use]
    pub fn gone(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome == RetryOutcome::Gone).count()
    }

    /// How many rows failed again.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.rows.len() - self.changed() - self.gone()
    }
}

impl<C: MigrationConnection> Migrator<C> {
    /// Changes the rows again that a backfill put aside, each in a transaction of its own together with the list.
    ///
    /// It may be stopped, done, or at work meanwhile. Rows that it stopped at are not tried: the next run begins with
    /// them, unless they are gone. [`Options::stop`](super::Options::stop) ends it between two rows.
    ///
    /// # Errors
    ///
    /// [`Error::WrongState`] when it was never begun. A row that fails again is no error, and stays on the list.
    pub fn retry_rejected(&self, connection: &mut C, revision: &str) -> Result<RetryReport, Error> {
        self.run(connection, |run| run.unwinding(|run| run.retry_rejected(revision)))
    }
}

/// Why a row could not be changed.
enum Stop {
    /// Somebody else has the counts.
    Busy,
    /// For a reason of its own, or one that looks like it.
    Row(Box<dyn StdError + Send + Sync>),
    Run(Error),
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Row(Box::new(error))
    }
}

impl Run<'_, '_> {
    fn retry_rejected(&mut self, target: &str) -> Result<RetryReport, Error> {
        let status = self.backfill_for(target, BackfillCommand::RetryRejected)?;
        let (revision, blocking) = (status.revision, status.blocking);
        let mut report = RetryReport { revision, rows: Vec::new(), halted: false, blocking };
        let mut after: Option<String> = None;
        loop {
            let driver = self.host.driver();
            let keys = ledger::rejected_keys(driver, &self.names, &report.revision, after.as_deref(), CHUNK)?;
            let Some(last) = keys.last().cloned() else {
                self.forget_blocking(&mut report)?;
                return Ok(report);
            };
            for key in keys {
                if self.options.stop.is_set() {
                    report.halted = true;
                    return Ok(report);
                }
                if let Some(outcome) = self.retry_row(&report.revision, &key)? {
                    self.emit(&Event::Retried {
                        revision: report.revision.clone(),
                        key: key.clone(),
                        outcome: outcome.clone(),
                    });
                    report.rows.push(RetriedRow { key, outcome });
                }
            }
            after = Some(last);
        }
    }

    /// Takes the rows off the list that a run stopped at and that are not there any more, or are none of the backfill's.
    ///
    /// Whatever else comes of looking for one leaves it to the next run, which begins with it.
    fn forget_blocking(&mut self, report: &mut RetryReport) -> Result<(), Error> {
        let names = self.names.clone();
        for row in ledger::read_rejected(self.host.driver(), &names, &report.revision, CHUNK)? {
            if !row.blocking || !self.is_gone(&report.revision, &row.key)? {
                continue;
            }
            if ledger::forget_blocking(self.host.driver(), &names, &report.revision, &row.key)? {
                report.blocking = report.blocking.saturating_sub(1);
                report.rows.push(RetriedRow { key: row.key, outcome: RetryOutcome::Gone });
            }
        }
        Ok(())
    }

    /// Whether the backfill has no such row; looked up without a lock, and nothing is written.
    fn is_gone(&mut self, revision: &str, key: &str) -> Result<bool, Error> {
        begin(self.host.driver(), self.options)?;
        let request = Request::Row { key: key.to_owned(), apply: false };
        let answer = self.host.ask(revision, request);
        self.unwind_transactions();
        Ok(answer.is_ok_and(|answer| answer.fault.is_none() && answer.rows == 0))
    }

    /// Tries a row, more often where the failure may pass; `None` when somebody else has taken it off the list.
    fn retry_row(&mut self, revision: &str, key: &str) -> Result<Option<RetryOutcome>, Error> {
        let (mut attempt, started) = (0, Instant::now());
        loop {
            let stop = match self.change_row(revision, key) {
                Ok(outcome) => return Ok(outcome),
                Err(stop) => stop,
            };
            self.unwind_transactions();
            let cause = match stop {
                Stop::Run(error) => return Err(error),
                Stop::Row(cause) => cause,
                Stop::Busy if started.elapsed() < self.options.lock_wait && self.outer_depth == 0 => {
                    std::thread::sleep(lock::jitter(Duration::from_millis(100)));
                    continue;
                }
                Stop::Busy => return Err(Error::Locked { waited: started.elapsed(), holder: None }),
            };
            let kind = classify(&*cause);
            if matches!(kind, FailureKind::ConnectionLost | FailureKind::ReadOnly | FailureKind::DiskFull) {
                return Err(unretried(revision, key, cause));
            }
            if !kind.is_transient() || attempt >= self.options.retries || self.outer_depth > 0 {
                return self.fail_again(revision, key, &*cause);
            }
            let delay = lock::backoff(attempt);
            attempt += 1;
            let cause = chain(&*cause);
            self.emit(&Event::Retrying { revision: revision.to_owned(), attempt, delay, cause });
            std::thread::sleep(delay);
        }
    }

    /// The row, its place on the list and the counts in one transaction.
    fn change_row(&mut self, revision: &str, key: &str) -> Result<Option<RetryOutcome>, Stop> {
        let names = self.names.clone();
        begin(self.host.driver(), self.options)?;
        match ledger::lock_rejected(self.host.driver(), &names, revision, key)? {
            Entry::Ours => {}
            Entry::Gone => {
                self.host.driver().rollback()?;
                return Ok(None);
            }
            Entry::Busy => return Err(Stop::Busy),
        }
        let depth = self.host.driver().transaction_depth();
        let request = Request::Row { key: key.to_owned(), apply: true };
        let mut answer = self.host.ask(revision, request).map_err(|error| Stop::Row(error.into_source()))?;
        if let Some(fault) = answer.fault.take() {
            return Err(Stop::Row(match fault {
                Fault::Read(error) | Fault::Apply(error, ..) => error.into_source(),
                Fault::Contract(error) => Box::new(error),
            }));
        }
        let driver = self.host.driver();
        let is_settled = driver.transaction_depth() == depth
            && !has_ended(driver)
            && ledger::settle_rejected(driver, &names, revision, key, answer.rows)?;
        if !is_settled {
            let cause = BodyError::new("the backfill left a transaction open, or ended the one it runs in");
            return Err(Stop::Run(unretried(revision, key, cause.into_source())));
        }
        driver.commit()?;
        Ok(Some(if answer.rows > 0 { RetryOutcome::Changed } else { RetryOutcome::Gone }))
    }

    /// Notes that a row failed once more.
    fn fail_again(
        &mut self,
        revision: &str,
        key: &str,
        cause: &(dyn StdError + 'static),
    ) -> Result<Option<RetryOutcome>, Error> {
        let error = chain(cause);
        let rejection = Rejection { key, error: &error, worker: &self.options.applied_by, blocks: None };
        let is_noted = ledger::reject_again(self.host.driver(), &self.names, revision, rejection)?;
        Ok(is_noted.then_some(RetryOutcome::Failed { error }))
    }
}

fn unretried(revision: &str, key: &str, cause: Box<dyn StdError + Send + Sync>) -> Error {
    Error::Unretried { revision: revision.to_owned(), key: key.to_owned(), cause }
}

/// Begins a transaction with the time limits of a batch.
fn begin(driver: &mut dyn Driver, options: &Options) -> QueryResult<()> {
    let dialect = driver.dialect();
    let limits =
        options.limits(dialect).map(|(name, milliseconds)| format!("SET LOCAL {name} = {milliseconds};"));
    let mut settings: String = limits.collect();
    if dialect == Dialect::Postgres {
        settings.push_str(MARK_TRANSACTION);
    }
    driver.begin(&settings)
}

/// Whether the body ended the transaction by hand: SQLite has no second one within the first. On PostgreSQL the next
/// statement looks for the transaction's mark.
fn has_ended(driver: &mut dyn Driver) -> bool {
    let ended = driver.dialect() == Dialect::Sqlite && driver.batch("BEGIN").is_ok();
    if ended {
        let _ = driver.batch("ROLLBACK");
    }
    ended
}
