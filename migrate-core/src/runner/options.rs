use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::identity;
use crate::connection::Dialect;
use crate::ledger::LedgerNames;
use crate::lock::LockMode;
use crate::safety::Levels;

/// How a run behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the ledger is and what its tables are called.
    pub names: LedgerNames,
    /// How runners keep out of each other's way.
    pub lock: LockMode,
    /// How long to wait for another runner: for the run lock, and for the write lock of an SQLite file.
    pub lock_wait: Duration,
    /// How long a statement of a step may wait for a lock of the server (`lock_timeout`); no limit when absent.
    ///
    /// At least 1 ms. Without effect on SQLite, where a step holds the only lock there is from its beginning, and
    /// on a step outside a transaction under [`LockMode::Lease`], whose session may be a pooler's.
    pub lock_timeout: Option<Duration>,
    /// How long a statement of a step may take (`statement_timeout`, PostgreSQL only); no limit when absent.
    ///
    /// At least 1 ms; without effect where [`lock_timeout`](Self::lock_timeout) has none under a lease.
    pub statement_timeout: Option<Duration>,
    /// How often a step is tried again after a lock timeout, a deadlock or a serialization failure; outside a
    /// transaction, how often each of its operations is.
    pub retries: u32,
    /// How many workers this process has for one backfill, each with a connection from
    /// [`Migrator::with_connector`](crate::Migrator::with_connector); 1 works on the connection of the run.
    ///
    /// On SQLite, which has one writer, and in a transaction of the caller's one does the work.
    pub workers: u32,
    /// When a backfill leaves the database alone.
    pub throttle: Throttle,
    /// Whether all steps share one transaction, so that either all of them happen or none.
    pub single_transaction: bool,
    /// Whether an upgrade leaves out the backfills that are pending or half done, and whatever needs one of them, so
    /// that an application can start and a process of its own does them beside it.
    ///
    /// [`Report::deferred`](super::Report::deferred) says what was left. A backfill that somebody works on meanwhile
    /// is no obstacle.
    pub defer_backfills: bool,
    /// Whether tables that are there before the ledger are none of this history's.
    ///
    /// Otherwise a database without a ledger in which there are any is refused: its schema may be that of some
    /// revision, which then is to be stamped. Looked at are the schemas of the search path, on SQLite the main
    /// database; what belongs to extensions and temporary tables does not count, nor does another tool's ledger as
    /// long as nothing is recorded in it. Without effect once the ledger is there.
    pub allow_tables: bool,
    /// Ends the run while it waits for another one, before the next step, or after the current batch of a backfill,
    /// when it is set.
    pub stop: StopFlag,
    /// How much each safety rule matters: an upgrade refuses what a denied one finds. None is denied by default.
    pub safety: Levels,
    /// Who runs it, for the ledger; by default user, host and process.
    pub applied_by: String,
}

/// When a backfill leaves the database alone; never by default. A backfill may have its own say besides, see
/// [`Backfill::throttle`](crate::backfill::Backfill::throttle).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Throttle {
    /// How long each worker rests after a batch.
    pub rest: Duration,
    /// The part of its time that a worker may be at work, above 0 and up to 1: with 0.25 it rests three times as long
    /// as a batch took.
    pub duty_cycle: Option<f64>,
    /// How far standbys may be behind (`replay_lag`, PostgreSQL only) for work to go on.
    ///
    /// What the login may not see counts as not being behind; the role `pg_monitor` may see it.
    pub max_lag: Option<Duration>,
}

impl Throttle {
    /// How long to rest after a batch that took so long.
    pub(crate) fn after_batch(&self, took: Duration) -> Duration {
        let duty = self.duty_cycle.filter(|duty| *duty > 0.0 && *duty < 1.0);
        let rest = duty.map_or(Duration::ZERO, |duty| {
            Duration::try_from_secs_f64(took.as_secs_f64() * (1.0 / duty - 1.0)).unwrap_or(LONGEST_REST)
        });
        rest.max(self.rest).min(LONGEST_REST)
    }
}

/// Nobody means a longer one, whatever the numbers say.
const LONGEST_REST: Duration = Duration::from_secs(3600);

/// Asks a run to end where it can be continued: what a handler of Ctrl-C sets. Clones are one flag.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Asks for it.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether somebody did.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}

impl From<Arc<AtomicBool>> for StopFlag {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(flag)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            names: LedgerNames::default(),
            lock: LockMode::Auto,
            lock_wait: Duration::from_secs(300),
            lock_timeout: None,
            statement_timeout: None,
            retries: 5,
            workers: 1,
            throttle: Throttle::default(),
            single_transaction: false,
            defer_backfills: false,
            allow_tables: false,
            stop: StopFlag::default(),
            safety: Levels::default(),
            applied_by: identity::current(),
        }
    }
}

impl Options {
    /// The settings of a server that limit the time of statements, with their milliseconds.
    ///
    /// On PostgreSQL 0 stands for no limit: the shortest is 1 ms.
    pub(crate) fn limits(&self, dialect: Dialect) -> impl Iterator<Item = (&'static str, u128)> {
        let limits = [("lock_timeout", self.lock_timeout), ("statement_timeout", self.statement_timeout)];
        let is_postgres = dialect == Dialect::Postgres;
        limits.into_iter().filter_map(move |(name, limit)| {
            let milliseconds = limit.filter(|_| is_postgres)?.as_millis();
            Some((name, milliseconds.clamp(1, i32::MAX as u128)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_the_longer_of_the_fixed_one_and_what_the_duty_cycle_asks_for() {
        let took = Duration::from_millis(100);
        let throttle =
            |rest, duty_cycle| Throttle { rest: Duration::from_millis(rest), duty_cycle, max_lag: None };
        for (throttle, expected) in [
            (throttle(0, None), 0),
            (throttle(50, None), 50),
            (throttle(50, Some(0.25)), 300),
            (throttle(500, Some(0.25)), 500),
            (throttle(0, Some(1.0)), 0),
            (throttle(0, Some(0.0)), 0),
            (throttle(0, Some(-1.0)), 0),
        ] {
            assert_eq!(throttle.after_batch(took).as_millis(), expected, "{throttle:?}");
        }
        assert_eq!(throttle(0, Some(f64::MIN_POSITIVE)).after_batch(took), LONGEST_REST);
    }
}
