//! Steps that rebuild an SQLite table.
//!
//! Whether SQLite enforces foreign keys cannot be changed within a transaction, and a step does not know beforehand
//! that it needs them off. It says so by failing; then the step runs again, from its start, with foreign keys off.
//! What SQLite would have refused or carried over to other rows meanwhile is found before the step commits.

use std::error::Error as StdError;

use super::error::Error;
use super::run::Run;
use super::step::{Failure, Steps};
use crate::sqlite::foreign_keys::{are_enforced, enforce};
use crate::sqlite::{ForeignKeyCheck, asks_for_foreign_keys_off};

impl Run<'_, '_> {
    /// Switches foreign keys off if that is what the failure of a step asks for; says whether it did.
    ///
    /// Not within the caller's transaction, and not twice.
    pub(super) fn switch_foreign_keys_off(
        &mut self,
        cause: &(dyn StdError + 'static),
    ) -> Result<bool, Error> {
        if self.foreign_keys_off || self.outer_depth > 0 || !asks_for_foreign_keys_off(cause) {
            return Ok(false);
        }
        let driver = self.host.driver();
        enforce(driver, false)?;
        self.foreign_keys_off = !are_enforced(driver)?;
        Ok(self.foreign_keys_off)
    }

    /// Puts back what [`switch_foreign_keys_off`](Self::switch_foreign_keys_off) changed; outside of a transaction.
    pub(super) fn restore_foreign_keys(&mut self) {
        if std::mem::take(&mut self.foreign_keys_off) {
            let _ = enforce(self.host.driver(), true);
        }
    }
}

impl Steps<'_, '_, '_> {
    /// Which foreign keys are broken before anything is done with them off.
    pub(super) fn keys_before(&mut self) -> Result<Option<ForeignKeyCheck>, Failure> {
        let check = || ForeignKeyCheck::of_database(self.run.host.driver());
        Ok(self.run.foreign_keys_off.then(check).transpose()?)
    }

    /// Refuses what broke others.
    pub(super) fn confirm_keys(&mut self, before: Option<ForeignKeyCheck>) -> Result<(), Failure> {
        let Some(before) = before else { return Ok(()) };
        let now = ForeignKeyCheck::of_database(self.run.host.driver())?;
        now.nothing_new_since(&before).map_err(|broken| Failure::Step(Box::new(broken)))
    }
}
