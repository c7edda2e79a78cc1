//! diesel-async's connection to PostgreSQL behind its blocking wrapper.

use diesel::QueryResult;
use diesel::connection::{Connection, SimpleConnection as _, TransactionManager};
use diesel::pg::PgValue;
use diesel::result::Error;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};

use super::{Dialect, Driver, MigrationConnection, driver_statements};

type Transactions<B> = <AsyncConnectionWrapper<AsyncPgConnection, B> as Connection>::TransactionManager;

/// The wrapper is generic over how it blocks; tokio's way is its default.
impl<B: BlockOn + Send + 'static> Driver for AsyncConnectionWrapper<AsyncPgConnection, B> {
    driver_statements!(Dialect::Postgres, text = text);

    // The wrapper's transactions are Diesel's, but the one that begins with a text of the caller's is not reached
    // through it: the settings take a round trip of their own.
    fn begin(&mut self, settings: &str) -> QueryResult<()> {
        Transactions::<B>::begin_transaction(self)?;
        if settings.is_empty() {
            return Ok(());
        }
        let set = self.batch_execute(settings);
        if set.is_err() {
            // The caller has been told that there is no transaction.
            Transactions::<B>::rollback_transaction(self)?;
        }
        set
    }

    fn commit(&mut self) -> QueryResult<()> {
        Transactions::<B>::commit_transaction(self)
    }

    fn rollback(&mut self) -> QueryResult<()> {
        Transactions::<B>::rollback_transaction(self)
    }

    fn transaction_depth(&mut self) -> Option<u32> {
        let status = Transactions::<B>::transaction_manager_status_mut(self);
        status.transaction_depth().ok().map(|depth| depth.map_or(0, std::num::NonZeroU32::get))
    }
}

fn text<'v>(value: &'v mut PgValue<'_>) -> QueryResult<&'v str> {
    std::str::from_utf8(value.as_bytes()).map_err(|error| Error::DeserializationError(Box::new(error)))
}

impl<B: BlockOn + Send + 'static> MigrationConnection for AsyncConnectionWrapper<AsyncPgConnection, B> {}
