use std::collections::BTreeMap;

#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "sqlite")]
use super::sqlite;
use super::{Catalog, CatalogError, ObjectName, Scope, Statistics};
use crate::connection::{Dialect, Driver};

/// Reads what the database holds.
///
/// The session is left as it was: its search path, its settings and its transaction. Without an open transaction
/// everything is read in one snapshot.
pub fn read(driver: &mut dyn Driver, scope: &Scope) -> Result<Catalog, CatalogError> {
    match driver.dialect() {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::read(driver, scope),
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::read(driver, scope),
        dialect => Err(CatalogError::Unread { dialect }),
    }
}

/// Reads the server's estimates of how large the tables are.
pub fn statistics(
    driver: &mut dyn Driver,
    scope: &Scope,
) -> Result<BTreeMap<ObjectName, Statistics>, CatalogError> {
    match driver.dialect() {
        #[cfg(feature = "postgres")]
        Dialect::Postgres => postgres::statistics(driver, scope),
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => sqlite::statistics(driver, scope),
        dialect => Err(CatalogError::Unread { dialect }),
    }
}
