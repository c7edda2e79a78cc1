//! Whether views and triggers still make sense to SQLite.
//!
//! `DROP TABLE` and the old way of renaming look at none of them, so this does: SQLite compiles what would use
//! each of them, and runs nothing.

use std::collections::BTreeMap;

use super::schema::SchemaSnapshot;
use super::uses::dependents;
use crate::connection::Driver;
use crate::sqlite::name::{literal, quote};

/// What does not compile among the views and triggers that have to do with a table, with what SQLite says of it.
pub(super) fn broken(
    driver: &mut dyn Driver,
    schema: &SchemaSnapshot,
    table: &str,
) -> BTreeMap<String, String> {
    let mut broken = BTreeMap::new();
    let mut watched = Vec::new();
    for object in dependents(schema, table) {
        if object.kind == "view" {
            let select = format!("EXPLAIN SELECT * FROM main.{}", quote(&object.name));
            note(driver, &select, object.described(), &mut broken);
        } else if !watched.contains(&object.table.as_str()) {
            watched.push(object.table.as_str());
        }
    }
    for table in watched {
        for (event, statement) in writes(driver, table) {
            note(driver, &statement, format!("a trigger of {table} on {event}"), &mut broken);
        }
    }
    broken
}

fn note(driver: &mut dyn Driver, sql: &str, object: String, broken: &mut BTreeMap<String, String>) {
    if let Err(error) = driver.query(sql, &[]) {
        broken.insert(object, error.to_string());
    }
}

/// Statements that fire every trigger of a table or view, to be compiled only.
fn writes(driver: &mut dyn Driver, table: &str) -> Vec<(&'static str, String)> {
    let columns = driver.query(
        &format!("SELECT name FROM pragma_table_xinfo({}, 'main') WHERE hidden = 0", literal(table)),
        &[],
    );
    // The columns of a view that does not compile are not known; the view itself is found broken.
    let columns: Vec<_> = columns.unwrap_or_default().into_iter().flatten().flatten().collect();
    let name = format!("main.{}", quote(table));
    let mut writes = vec![
        ("DELETE", format!("EXPLAIN DELETE FROM {name}")),
        ("INSERT", format!("EXPLAIN INSERT INTO {name} DEFAULT VALUES")),
    ];
    if !columns.is_empty() {
        let set: Vec<_> = columns.iter().map(|column| format!("{0} = {0}", quote(column))).collect();
        writes.push(("UPDATE", format!("EXPLAIN UPDATE {name} SET {}", set.join(", "))));
    }
    writes
}
