//! One request to the backfill, and what a failure of it means.

use std::error::Error as StdError;

use super::Stage;
use crate::backfill::{Answer, Failure, Fault, Request};
use crate::connection::{Dialect, FailureKind, classify};
use crate::error::chain;
use crate::ledger::SAME_TRANSACTION;
use crate::rehearsal::RehearsalError;
use crate::runner::error::Error;

/// Why a try of a rehearsal ended.
pub(super) enum Fallen {
    /// Others were in the way: it may pass.
    InTheWay(Box<dyn StdError + Send + Sync>),
    Error(Error),
}

impl Stage<'_, '_, '_> {
    /// Asks the backfill for something, within a savepoint of the caller's.
    ///
    /// A fault is part of the answer, unless it says nothing about the rows.
    pub(super) fn ask(&mut self, request: Request) -> Result<Answer, Fallen> {
        let asked = self.run.host.ask(self.revision, request);
        let mut answer = asked.map_err(|error| RehearsalError::Stopped(error.into_source()))?;
        match answer.fault.take() {
            Some(fault) => match fault.kind() {
                kind if kind.is_transient() => return Err(Fallen::InTheWay(fault.into_cause())),
                FailureKind::ConnectionLost | FailureKind::ReadOnly | FailureKind::DiskFull => {
                    return Err(RehearsalError::Stopped(fault.into_cause()).into());
                }
                _ => answer.fault = Some(fault),
            },
            None => self.must_be_within_transaction()?,
        }
        Ok(answer)
    }

    /// The request for the next rows.
    pub(super) fn batch(&self, after: Option<&str>, until: Option<&str>, limit: u32, apply: bool) -> Request {
        Request::Batch { after: after.map(str::to_owned), until: until.map(str::to_owned), limit, apply }
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

impl Fault<String> {
    pub(super) fn kind(&self) -> FailureKind {
        classify(self.cause())
    }

    /// What it says about the rows, as in a run.
    pub(super) fn failure(&self) -> Failure {
        let is_of_a_value =
            matches!(self.cause().downcast_ref(), Some(diesel::result::Error::DeserializationError(_)));
        match (self, self.kind()) {
            (Self::Contract(_), _) => Failure::Final,
            (_, FailureKind::StatementTimeout) => Failure::TooLong,
            (Self::Apply(..), _) => Failure::Row,
            (Self::Read(_), _) if is_of_a_value => Failure::Row,
            (Self::Read(_), _) => Failure::Final,
        }
    }

    /// The error and its causes.
    pub(super) fn in_full(&self) -> String {
        chain(self.cause())
    }

    fn cause(&self) -> &(dyn StdError + 'static) {
        match self {
            Self::Read(error) | Self::Apply(error, _) => error.source(),
            Self::Contract(error) => error,
        }
    }

    pub(super) fn into_cause(self) -> Box<dyn StdError + Send + Sync> {
        match self {
            Self::Read(error) | Self::Apply(error, _) => error.into_source(),
            Self::Contract(error) => Box::new(error),
        }
    }
}
