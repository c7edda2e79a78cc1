//! The ledger's tables: made where a history may begin.

use super::error::Error;
use super::run::Run;
use crate::ledger;

impl Run<'_, '_> {
    /// Creates the ledger's tables if they are not there, in a database where a history may begin; under the run
    /// lock.
    pub(super) fn begin_ledger(&mut self) -> Result<(), Error> {
        if self.has_ledger()? {
            return Ok(());
        }
        self.refuse_unadopted()?;
        self.create_tables()
    }

    /// Creates the ledger's tables if they are not there, whatever else is; under the run lock.
    pub(super) fn ensure_tables(&mut self) -> Result<(), Error> {
        if self.has_ledger()? { Ok(()) } else { self.create_tables() }
    }

    fn has_ledger(&mut self) -> Result<bool, Error> {
        Ok(ledger::exists(self.host.driver(), &self.names)?)
    }

    fn create_tables(&mut self) -> Result<(), Error> {
        let names = self.names.clone();
        let driver = self.host.driver();
        let created =
            driver.begin("").and_then(|()| ledger::create(driver, &names)).and_then(|()| driver.commit());
        self.unwind_transactions();
        created.map_err(|error| self.busy_or(error))
    }
}
