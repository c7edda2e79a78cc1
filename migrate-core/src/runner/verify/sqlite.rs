//! Emptying a database of SQLite.

use diesel::QueryResult;

use crate::connection::Driver;
use crate::ledger::quote_name;
use crate::sqlite::foreign_keys::{are_enforced, enforce};

/// Drops every view and every table; virtual tables first, which take their shadows with them.
pub(super) fn empty(driver: &mut dyn Driver) -> QueryResult<()> {
    let enforced = are_enforced(driver)?;
    enforce(driver, false)?;
    for (kind, condition) in
        [("VIEW", "type = 'view'"), ("TABLE", "sql LIKE 'CREATE VIRTUAL%'"), ("TABLE", "type = 'table'")]
    {
        let sql = format!(
            "SELECT name FROM main.sqlite_schema WHERE {condition} AND name NOT GLOB 'sqlite_*' ORDER BY name"
        );
        for name in driver.query(&sql, &[])?.into_iter().flatten().flatten() {
            driver.batch(&format!("DROP {kind} main.{}", quote_name(&name)))?;
        }
    }
    enforce(driver, enforced)
}
