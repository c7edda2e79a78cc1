//! The journal of a step, as the runner hands it to the step's body.

use std::sync::Arc;

use super::event::Event;
use super::run::tell;
use super::step::{Failure, Steps};
use crate::journal::{Journal, Retry, Settings};
use crate::ledger::{self, JournalKey, JournalRow};
use crate::lock::Held;

impl Steps<'_, '_, '_> {
    /// The journal of a step outside a transaction.
    pub(super) fn journal(&mut self, number: usize) -> Result<Journal, Failure> {
        let key = self.journal_key(number);
        let rows = ledger::read_journal(self.run.host.driver(), &self.run.names, &key)?;
        Ok(self.keep(key, rows, false))
    }

    /// What an earlier run has journaled of a step that is transactional now: the migration was edited.
    pub(super) fn journal_left(&mut self, number: usize) -> Result<Option<Journal>, Failure> {
        let key = self.journal_key(number);
        let rows = ledger::read_journal(self.run.host.driver(), &self.run.names, &key)?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.forget_journal(number)?;
        Ok(Some(self.keep(key, rows, true)))
    }

    /// Removes the journal of a step, within the transaction that begins or ends it.
    pub(super) fn forget_journal(&mut self, number: usize) -> Result<(), Failure> {
        let revision = self.plan.steps[number].id();
        Ok(ledger::forget_step(self.run.host.driver(), &self.run.names, revision)?)
    }

    fn journal_key(&self, number: usize) -> JournalKey {
        let step = &self.plan.steps[number];
        JournalKey {
            revision: step.id().to_owned(),
            direction: step.direction(),
            applied_by: self.run.options.applied_by.clone(),
        }
    }

    fn keep(&mut self, key: JournalKey, rows: Vec<JournalRow>, in_transaction: bool) -> Journal {
        let emit = Arc::clone(self.run.emit);
        let notify = move |retry: Retry| {
            let Retry { revision, operation, attempt, delay, cause } = retry;
            tell(&emit, &Event::RetryingOperation { revision, operation, attempt, delay, cause });
        };
        let settings = Settings {
            names: self.run.names.clone(),
            key,
            in_transaction,
            limits: self.limits("SET LOCAL"),
            limits_locks: self.run.options.lock_timeout.is_some(),
            own_session: !matches!(self.held, Held::Lease { .. }),
            retries: self.run.options.retries,
            notify: Box::new(notify),
        };
        Journal::new(settings, rows)
    }
}
