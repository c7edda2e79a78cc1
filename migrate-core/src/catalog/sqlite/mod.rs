//! Reads the catalog of SQLite.

use std::collections::BTreeMap;

use super::{Catalog, CatalogError, ObjectName, Scope, Statistics};
use crate::connection::Driver;

pub(super) fn read(_driver: &mut dyn Driver, _scope: &Scope) -> Result<Catalog, CatalogError> {
    Ok(Catalog::default())
}

pub(super) fn statistics(
    _driver: &mut dyn Driver,
    _scope: &Scope,
) -> Result<BTreeMap<ObjectName, Statistics>, CatalogError> {
    Ok(BTreeMap::new())
}
