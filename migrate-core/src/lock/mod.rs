//! The run lock: one runner at a time, and a word about who it is.
//!
//! Courtesy and visibility only (I4). That no step happens twice rests on the ledger row that each step writes
//! first (I3), whatever becomes of the lock.
//!
//! - PostgreSQL: a session advisory lock on the migrating connection, polled with `pg_try_advisory_lock`. A
//!   *blocked* `pg_advisory_lock` holds a snapshot, and `CREATE INDEX CONCURRENTLY` waits for that snapshot: a
//!   deadlock. The key is made of database, schema and ledger name.
//! - Behind a pooler in transaction mode a session does not stay on one server connection: there the lease is
//!   used, a row with a fencing token and an expiry by the database's clock. Each step renews it in its own
//!   transaction, which also keeps the row locked, so a lease cannot be taken from a step that is at work.
//! - SQLite: nothing of its own; each step's transaction is `BEGIN IMMEDIATE` with a busy timeout.

mod advisory;
mod lease;

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::QueryResult;

use crate::connection::{Dialect, Driver, not_spoken};
use crate::ledger::LedgerNames;

/// How runners keep out of each other's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LockMode {
    /// The session lock on PostgreSQL, the write lock of the file on SQLite.
    #[default]
    Auto,
    /// A session advisory lock; on SQLite the same as [`Auto`](Self::Auto).
    Session,
    /// A lease row: for PostgreSQL behind a pooler in transaction mode.
    ///
    /// The connection keeps no prepared statements from then on, also for what the caller does with it later; so
    /// with [`None`](Self::None).
    Lease,
    /// None: the ledger's fence alone. Two runners may then do the same work at once, and one of them loses it.
    None,
}

impl LockMode {
    /// Whether the session may be a pooler's, and another one with the next transaction.
    pub(crate) fn is_for_poolers(self) -> bool {
        matches!(self, Self::Lease | Self::None)
    }
}

/// Who holds the run lock, as far as the server tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockHolder {
    /// User, program, address and process id.
    pub who: String,
    /// Since when that session or lease exists, RFC 3339 in UTC; empty when this login may not know.
    pub since: String,
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.who)?;
        if self.since.is_empty() { Ok(()) } else { write!(f, ", since {}", self.since) }
    }
}

/// Proof that the run lock was taken, and what a step checks to see that it still is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Held {
    Nothing,
    /// `key` is absent when the lock belongs to the caller's transaction and ends with it.
    Session {
        backend: String,
        key: Option<String>,
        schema: Option<String>,
    },
    Lease {
        token: String,
        schema: Option<String>,
    },
}

/// Why a step may not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The server connection under the session is another one than the lock was taken on.
    SessionMoved,
    /// Somebody else took the lease after it expired.
    LeaseTaken,
}

/// What taking the lock needs to know.
#[derive(Debug, Clone)]
pub(crate) struct LockRequest<'a> {
    pub(crate) mode: LockMode,
    pub(crate) names: &'a LedgerNames,
    pub(crate) wait: Duration,
    pub(crate) holder: &'a str,
    /// Ends the wait when it is set.
    pub(crate) stop: &'a AtomicBool,
}

/// How waiting for the lock ended without it.
#[derive(Debug)]
pub(crate) enum LockFailure {
    TimedOut { waited: Duration, holder: Option<LockHolder> },
    Stopped { waited: Duration },
    Database(diesel::result::Error),
}

impl From<diesel::result::Error> for LockFailure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

/// Takes the lock, waiting for it as long as the request allows.
///
/// `waiting` is told who holds it, at once and then every ten seconds.
pub(crate) fn acquire(
    driver: &mut dyn Driver,
    request: &LockRequest<'_>,
    waiting: &mut dyn FnMut(Duration, Option<&LockHolder>),
) -> Result<Held, LockFailure> {
    let attempt: fn(&mut dyn Driver, &LockRequest<'_>) -> QueryResult<Option<Held>> =
        match (request.mode, driver.dialect()) {
            (_, Dialect::Sqlite) => return Ok(Held::Nothing),
            (_, Dialect::Mysql) => return Err(not_spoken().into()),
            (LockMode::None, Dialect::Postgres) => {
                // Nothing here would notice a pooler that moves the session.
                driver.disable_prepared_statements();
                return Ok(Held::Nothing);
            }
            (LockMode::Lease, Dialect::Postgres) => {
                driver.disable_prepared_statements();
                lease::try_acquire
            }
            (LockMode::Auto | LockMode::Session, Dialect::Postgres) => advisory::try_acquire,
        };
    let (started, mut told) = (Instant::now(), None::<Instant>);
    let mut pause = Duration::from_millis(20);
    loop {
        if let Some(held) = attempt(driver, request)? {
            return Ok(held);
        }
        let waited = started.elapsed();
        if request.stop.load(Ordering::Relaxed) {
            return Err(LockFailure::Stopped { waited });
        }
        let timed_out = waited >= request.wait;
        if timed_out || told.is_none_or(|at| at.elapsed() >= Duration::from_secs(10)) {
            let holder = match request.mode {
                LockMode::Lease => lease::holder(driver, request)?,
                _ => advisory::holder(driver, request)?,
            };
            if timed_out {
                return Err(LockFailure::TimedOut { waited, holder });
            }
            waiting(waited, holder.as_ref());
            told = Some(Instant::now());
        }
        std::thread::sleep(jitter(pause).min(request.wait.saturating_sub(waited)));
        pause = (pause * 2).min(Duration::from_millis(500));
    }
}

/// Gives the lock back; errors are of no consequence, because the end of the session or the lease's expiry
/// does the same.
pub(crate) fn release(driver: &mut dyn Driver, names: &LedgerNames, held: &Held) {
    let _ = match held {
        Held::Nothing | Held::Session { key: None, .. } => Ok(()),
        Held::Session { key: Some(key), .. } => advisory::release(driver, key),
        Held::Lease { token, .. } => lease::release(driver, names, token),
    };
}

/// Checks, in a step's transaction, that the lock is still held, and renews a lease.
pub(crate) fn confirm(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    held: &Held,
    outside_transaction: bool,
) -> QueryResult<Result<(), Lost>> {
    match held {
        Held::Nothing => Ok(Ok(())),
        Held::Session { backend, .. } => advisory::confirm(driver, backend),
        Held::Lease { token, .. } => lease::renew(driver, names, token, outside_transaction),
    }
}

/// How long to wait before a retry, the first one being 0: 100 ms, doubled each time up to 5 s, with jitter.
pub(crate) fn backoff(attempt: u32) -> Duration {
    jitter(Duration::from_millis(100 << attempt.min(6)).min(Duration::from_secs(5)))
}

/// A duration between half and all of `of`, so that waiting processes spread out.
pub(crate) fn jitter(of: Duration) -> Duration {
    // A fresh `RandomState` is the standard library's own source of randomness.
    let random = RandomState::new().build_hasher().finish() % 1000;
    of / 2 + of.mul_f64(f64::from(u32::try_from(random).unwrap_or(0)) / 2000.0)
}
