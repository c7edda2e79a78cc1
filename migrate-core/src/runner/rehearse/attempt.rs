//! One request to the backfill, and what a failure of it means.

use std::error::Error as StdError;

use super::rest::Part;
use super::stage::Stage;
use crate::backfill::{Answer, Request};
use crate::connection::{Dialect, FailureKind, classify};
use crate::error::chain;
use crate::ledger::SAME_TRANSACTION;
use crate::rehearsal::RehearsalError;
use crate::runner::backfill::Failed;
use crate::runner::error::Error;

/// Why a try of a rehearsal ended.
pub(super) enum Fallen {
    /// Others were in the way: it may pass.
    InTheWay(Box<dyn StdError + Send + Sync>),
    Error(Error),
}

/// What a backfill answered, or what is wrong with it or with its rows.
pub(super) type Asked = Result<Answer, Failed>;

impl Stage<'_, '_, '_> {
    /// Asks the backfill for something, within a savepoint of the caller's.
    ///
    /// A failure that says nothing about the rows ends the try.
    pub(super) fn ask(&mut self, request: Request) -> Result<Asked, Fallen> {
        let asked = self.run.host.ask(self.revision, request);
        let mut answer = asked.map_err(|error| RehearsalError::Stopped(error.into_source()))?;
        let Some(fault) = answer.fault.take() else {
            self.must_be_within_transaction()?;
            return Ok(Ok(answer));
        };
        let failed = Failed::of(fault, &answer);
        match failed.kind() {
            kind if kind.is_transient() => Err(Fallen::InTheWay(failed.cause)),
            FailureKind::ConnectionLost | FailureKind::ReadOnly | FailureKind::DiskFull => {
                Err(RehearsalError::Stopped(failed.cause).into())
            }
            _ => Ok(Err(failed)),
        }
    }

    pub(super) fn begin(&mut self) -> Result<(), Fallen> {
        Ok(self.run.host.driver().begin("")?)
    }

    pub(super) fn release(&mut self) -> Result<(), Fallen> {
        Ok(self.run.host.driver().commit()?)
    }

    pub(super) fn rollback(&mut self) -> Result<(), Fallen> {
        Ok(self.run.host.driver().rollback()?)
    }

    /// Looks whether the body ended the transaction that is to be rolled back.
    fn must_be_within_transaction(&mut self) -> Result<(), Fallen> {
        let driver = self.run.host.driver();
        let is_within = driver.transaction_depth().is_some_and(|depth| depth > 0)
            && match driver.dialect() {
                // SQLite has no second transaction within the first.
                Dialect::Sqlite => driver.batch("BEGIN").is_err(),
                _ => !driver.query(&format!("SELECT '' WHERE {SAME_TRANSACTION}"), &[])?.is_empty(),
            };
        if is_within { Ok(()) } else { Err(RehearsalError::LeftTransaction.into()) }
    }
}

impl Part {
    /// The request for its first rows, which are changed.
    pub(super) fn apply(&self, limit: u32) -> Request {
        self.request(limit, true)
    }

    /// The request for its first rows, which are only read.
    pub(super) fn read(&self, limit: u32) -> Request {
        self.request(limit, false)
    }

    fn request(&self, limit: u32, apply: bool) -> Request {
        Request::Batch { after: self.after.clone(), until: self.until.clone(), limit, apply }
    }
}

impl Failed {
    pub(super) fn kind(&self) -> FailureKind {
        classify(&*self.cause)
    }

    /// The error and its causes.
    pub(super) fn in_full(&self) -> String {
        chain(&*self.cause)
    }
}
