use std::collections::BTreeMap;
use std::time::Duration;

use super::error::JournalError;
use super::task::Task;
use crate::connection::{Dialect, Driver, FailureKind, classify};
use crate::error::{BodyError, Result, chain};
use crate::ledger::{self, JournalKey, JournalRow, LedgerNames, MARK_TRANSACTION, SAME_TRANSACTION};
use crate::lock::backoff;
use crate::operation::{Operation, TableChange};
use crate::sqlite::{ForeignKeyCheck, asks_for_foreign_keys_off, foreign_keys};

/// Where an operation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a transaction of its own, together with its row in the journal.
    Transaction,
    /// In none, between two statements of the journal.
    Outside,
}

/// How long the operations of a turn may wait for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockWait {
    /// As long as the run says.
    AsTheRunSays,
    /// The same, and a moment if it says nothing: whoever waits for a strong lock keeps everybody out who comes
    /// after, for as long as somebody who came before takes.
    AMomentAtMost,
}

/// See [`LockWait::AMomentAtMost`].
const A_MOMENT: &str = "SET LOCAL lock_timeout = 1000;";

/// What a run tells about an operation that it is going to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retry {
    pub(crate) revision: String,
    pub(crate) operation: String,
    /// Which retry this is, from 1.
    pub(crate) attempt: u32,
    pub(crate) delay: Duration,
    pub(crate) cause: String,
}

/// How the journal of one step is kept.
pub(crate) struct Settings {
    pub(crate) names: LedgerNames,
    pub(crate) key: JournalKey,
    /// The step runs in a transaction after all: it passes over what an earlier run did outside of one, and what it
    /// does itself stands or falls with its own row.
    pub(crate) in_transaction: bool,
    /// The time limits of a transaction, as `SET LOCAL …`.
    pub(crate) limits: String,
    /// Whether one of them is for locks.
    pub(crate) limits_locks: bool,
    /// Whether the session is this run's own, so that settings of it hold and are nobody else's.
    pub(crate) own_session: bool,
    pub(crate) retries: u32,
    pub(crate) notify: Box<dyn FnMut(Retry)>,
}

/// The journal of a running step.
pub(crate) struct Journal {
    pub(super) settings: Settings,
    rows: BTreeMap<u32, JournalRow>,
    position: u32,
}

/// The operations that a journal is about to do together, and what it knows of them.
pub(crate) struct Turn {
    /// What of them is not done yet.
    pub(super) rows: Vec<JournalRow>,
    pub(super) place: Place,
    /// Whether an earlier run was in the middle of them.
    pub(super) in_flight: bool,
    /// Whether a failure leaves nothing behind, so that they can be tried again.
    pub(super) atomic: bool,
    lock_timeout: Option<&'static str>,
    attempt: u32,
    depth: u32,
    foreign_keys: ForeignKeys,
}

/// What a turn does about SQLite's foreign keys, which cannot be switched off within a transaction.
enum ForeignKeys {
    /// They are as they are.
    Left,
    /// They are off for this turn.
    Off,
    /// The same, and this was broken before it.
    OffSince(ForeignKeyCheck),
}

impl Journal {
    pub(crate) fn new(settings: Settings, rows: Vec<JournalRow>) -> Self {
        let rows = rows.into_iter().map(|row| (row.position, row)).collect();
        Self { settings, rows, position: 0 }
    }

    /// Whether its operations run outside of the step's transaction, because the step has none.
    pub(crate) fn is_outside(&self) -> bool {
        !self.settings.in_transaction
    }

    /// The place of the operation that comes next, from 1.
    pub(super) fn next_position(&self) -> u32 {
        self.position + 1
    }

    /// Takes the next places of the step for operations that belong together; `None` when all are done.
    ///
    /// # Errors
    ///
    /// When the journal says that something else stood there.
    pub(crate) fn turn(&mut self, tasks: &[Task<'_>], wait: LockWait) -> Result<Option<Turn>, JournalError> {
        let mut turn = Turn {
            rows: Vec::new(),
            place: Place::Transaction,
            in_flight: false,
            atomic: true,
            lock_timeout: self.lock_timeout(tasks, wait),
            attempt: 0,
            depth: 0,
            foreign_keys: ForeignKeys::Left,
        };
        for task in tasks {
            self.position += 1;
            let row = JournalRow {
                position: self.position,
                operation: task.label.clone(),
                fingerprint: task.fingerprint.clone(),
                done: false,
            };
            match self.rows.get(&self.position) {
                Some(journaled) if journaled.fingerprint != row.fingerprint => {
                    return Err(JournalError::Changed {
                        revision: self.settings.key.revision.clone(),
                        position: self.position,
                        journaled: journaled.operation.clone(),
                        asked: row.operation,
                    });
                }
                Some(JournalRow { done: true, .. }) => {
                    tracing::debug!(target: "migrate", "passing over `{}`, which is done", row.operation);
                    continue;
                }
                Some(_) => turn.in_flight = true,
                None => {}
            }
            if task.place == Place::Outside {
                turn.put_outside(task);
            }
            turn.rows.push(row);
        }
        Ok((!turn.rows.is_empty()).then_some(turn))
    }

    /// What a turn says about locks that the run does not.
    fn lock_timeout(&self, tasks: &[Task<'_>], wait: LockWait) -> Option<&'static str> {
        if tasks.iter().all(|task| only_validates(task.operation)) {
            // It keeps nobody from reading or writing, neither while it waits nor while it works: there is no
            // reason to give up.
            Some("SET LOCAL lock_timeout = 0;")
        } else if wait == LockWait::AMomentAtMost && !self.settings.limits_locks {
            Some(A_MOMENT)
        } else {
            None
        }
    }

    /// Begins the transaction of a turn, or none, and writes its operations down as begun.
    pub(crate) fn begin(&mut self, driver: &mut dyn Driver, turn: &mut Turn) -> Result<()> {
        let Settings { names, key, limits, in_transaction, .. } = &self.settings;
        if *in_transaction {
            return Ok(());
        }
        turn.depth = driver.transaction_depth().unwrap_or(0);
        if turn.place == Place::Transaction {
            let mut settings = limits.clone();
            if driver.dialect() == Dialect::Postgres {
                settings.push_str(MARK_TRANSACTION);
                settings.push_str(turn.lock_timeout.unwrap_or_default());
            }
            driver.begin(&settings)?;
        }
        if matches!(turn.foreign_keys, ForeignKeys::Off) {
            turn.foreign_keys = ForeignKeys::OffSince(ForeignKeyCheck::of_database(driver)?);
        }
        for row in &turn.rows {
            if !ledger::begin_operation(driver, names, key, row)? {
                return Err(JournalError::TakenOver { revision: key.revision.clone() }.into());
            }
        }
        Ok(())
    }

    /// Writes the operations of a turn down as done, and commits its transaction.
    pub(crate) fn end(&mut self, driver: &mut dyn Driver, turn: &mut Turn) -> Result<()> {
        let Settings { names, key, in_transaction, .. } = &self.settings;
        if *in_transaction {
            return Ok(());
        }
        let in_own = turn.place == Place::Transaction;
        let mark = (in_own && driver.dialect() == Dialect::Postgres).then_some(SAME_TRANSACTION);
        for row in &turn.rows {
            let same_depth = driver.transaction_depth() == Some(turn.depth + u32::from(in_own));
            if !same_depth || !ledger::end_operation(driver, names, key, row.position, mark)? {
                return Err(JournalError::LeftTransaction { operation: row.operation.clone() }.into());
            }
        }
        if let ForeignKeys::OffSince(before) = &turn.foreign_keys {
            ForeignKeyCheck::of_database(driver)?.nothing_new_since(before)?;
        }
        if in_own {
            driver.commit()?;
        }
        turn.restore_foreign_keys(driver);
        Ok(())
    }

    /// Takes back what a turn that failed has begun, and waits if it is worth another try; fails with its error
    /// otherwise.
    pub(crate) fn failed(
        &mut self,
        driver: &mut dyn Driver,
        turn: &mut Turn,
        error: BodyError,
    ) -> Result<()> {
        if self.settings.in_transaction {
            return Err(error);
        }
        self.take_back(driver, turn);
        if turn.switch_foreign_keys_off(driver, &error)? {
            return Ok(());
        }
        turn.restore_foreign_keys(driver);
        if !turn.atomic || turn.attempt >= self.settings.retries || !is_passing(driver, &error) {
            return Err(error);
        }
        let delay = backoff(turn.attempt);
        turn.attempt += 1;
        let labels: Vec<_> = turn.rows.iter().map(|row| row.operation.clone()).collect();
        (self.settings.notify)(Retry {
            revision: self.settings.key.revision.clone(),
            operation: labels.join(", "),
            attempt: turn.attempt,
            delay,
            cause: chain(error.source()),
        });
        std::thread::sleep(delay);
        Ok(())
    }

    /// Rolls a turn back; what ran outside of a transaction is no longer in flight, for the server has answered.
    pub(super) fn take_back(&mut self, driver: &mut dyn Driver, turn: &Turn) {
        while driver.transaction_depth().is_some_and(|depth| depth > turn.depth) {
            if driver.rollback().is_err() {
                break;
            }
        }
        if turn.place == Place::Outside {
            if !turn.atomic {
                // A transaction that the text began by hand; without one this is refused, which is as well.
                let _ = driver.batch("ROLLBACK");
            }
            for row in &turn.rows {
                let _ =
                    ledger::forget_operation(driver, &self.settings.names, &self.settings.key, row.position);
            }
        }
    }

    /// Looks for operations that were done and that the body no longer has.
    pub(crate) fn finish(&self) -> Result<(), JournalError> {
        match self.rows.range(self.position + 1..).next() {
            None => Ok(()),
            Some((_, row)) => Err(JournalError::Gone {
                revision: self.settings.key.revision.clone(),
                position: row.position,
                journaled: row.operation.clone(),
            }),
        }
    }
}

impl Turn {
    /// Switches foreign keys off, if that is what the copy of a table asks for; says whether it did.
    fn switch_foreign_keys_off(&mut self, driver: &mut dyn Driver, error: &BodyError) -> Result<bool> {
        let asked =
            matches!(self.foreign_keys, ForeignKeys::Left) && asks_for_foreign_keys_off(error.source());
        if !asked || self.depth > 0 {
            return Ok(false);
        }
        foreign_keys::enforce(driver, false)?;
        self.foreign_keys = ForeignKeys::Off;
        Ok(true)
    }

    fn restore_foreign_keys(&mut self, driver: &mut dyn Driver) {
        if !matches!(self.foreign_keys, ForeignKeys::Left) {
            self.foreign_keys = ForeignKeys::Left;
            let _ = foreign_keys::enforce(driver, true);
        }
    }

    /// Does them outside of a transaction.
    pub(super) fn put_outside(&mut self, task: &Task<'_>) {
        self.place = Place::Outside;
        // Of several statements some may have stayed; and after CREATE INDEX CONCURRENTLY as text, of which nothing
        // is known, its invalid leftover is in the way.
        self.atomic = !matches!(task.operation, Operation::Execute(_));
    }
}

/// Whether another try may succeed. A busy SQLite file is not such a failure: the connection has waited for it as
/// long as it was told to.
fn is_passing(driver: &dyn Driver, error: &BodyError) -> bool {
    let kind = classify(error.source());
    kind.is_transient() && !(driver.dialect() == Dialect::Sqlite && kind == FailureKind::LockTimeout)
}

fn only_validates(operation: &Operation) -> bool {
    match operation {
        Operation::AlterTable(alter) => {
            let validates = |change: &TableChange| matches!(change, TableChange::ValidateConstraint(_));
            !alter.changes.is_empty() && alter.changes.iter().all(validates)
        }
        _ => false,
    }
}
