//! Work under the run lock: whatever it does, the lock goes back and no transaction stays open.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use super::error::Error;
use super::event::Event;
use super::run::{Run, tell};
use crate::ledger;
use crate::lock::{self, Held, LockFailure, LockHolder, LockRequest};

impl Run<'_, '_> {
    /// Runs `work` with the run lock held, and gives it back on every path.
    pub(super) fn locked<T>(
        &mut self,
        work: impl FnOnce(&mut Self, &Held) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let emit = self.emit;
        self.locked_within(
            self.options.lock_wait,
            &mut |waited, holder| tell(emit, &Event::Waiting { waited, holder: holder.cloned() }),
            work,
        )
    }

    /// The same for who says how long to wait, and is told of it.
    pub(super) fn locked_within<T>(
        &mut self,
        wait: Duration,
        waiting: &mut dyn FnMut(Duration, Option<&LockHolder>),
        work: impl FnOnce(&mut Self, &Held) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (names, options) = (self.names.clone(), self.options);
        let request = LockRequest {
            mode: options.lock,
            names: &names,
            wait,
            holder: &options.applied_by,
            stop: options.stop.flag(),
        };
        let held = lock::acquire(self.host.driver(), &request, waiting).map_err(|failure| match failure {
            LockFailure::TimedOut { waited, holder } => Error::Locked { waited, holder },
            LockFailure::Stopped { waited } => Error::HaltedWaiting { waited },
            LockFailure::Database(error) => self.busy_or(error),
        })?;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            // From here on the tables are named with their schema: a body may change the search path.
            let schema = match &held {
                Held::Session { schema, .. } | Held::Lease { schema, .. } => schema.clone(),
                Held::Nothing => ledger::locate(self.host.driver(), &names)?,
            };
            self.names = names.within(schema);
            work(self, &held)
        }));
        self.unwind_transactions();
        self.restore_session_limits();
        self.restore_foreign_keys();
        lock::release(self.host.driver(), &self.names, &held);
        match outcome {
            Ok(result) => result,
            Err(panic) => {
                self.restore();
                resume_unwind(panic)
            }
        }
    }

    /// Runs `work`, and rolls back what it left open, also when it panics.
    pub(super) fn unwinding<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let outcome = catch_unwind(AssertUnwindSafe(|| work(self)));
        self.unwind_transactions();
        match outcome {
            Ok(result) => result,
            Err(panic) => {
                self.restore();
                resume_unwind(panic)
            }
        }
    }

    pub(super) fn restore_session_limits(&mut self) {
        if let Some(settings) = self.session_limits.take() {
            let _ = self.host.driver().batch(&settings);
        }
    }

    /// Rolls back whatever is open beyond what the caller had open.
    pub(super) fn unwind_transactions(&mut self) {
        let driver = self.host.driver();
        while driver.transaction_depth().is_some_and(|depth| depth > self.outer_depth) {
            if driver.rollback().is_err() {
                break;
            }
        }
    }
}
