//! Rebuilds on the bundled SQLite.

mod changes;
mod decisions;
mod failures;
mod foreign_keys;
mod kept;
mod model;
mod procedure;
mod settings;

use diesel::{Connection as _, SqliteConnection};

use super::{Change, RebuildError, rebuild};
use crate::connection::Driver;
use crate::sqlite::Edit;

/// A database in memory, with foreign keys enforced, in which a script has run.
fn database(script: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch("PRAGMA foreign_keys = ON").unwrap();
    connection.batch(script).unwrap_or_else(|error| panic!("{script}: {error}"));
    connection
}

/// The rows of a query, each as its columns joined with `|`.
#[track_caller]
fn rows(driver: &mut dyn Driver, sql: &str) -> Vec<String> {
    let rows = driver.query(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let text = |row: Vec<Option<String>>| {
        row.into_iter()
            .map(|column| column.unwrap_or_else(|| "NULL".to_owned()))
            .collect::<Vec<_>>()
            .join("|")
    };
    rows.into_iter().map(text).collect()
}

/// Every object with its statement, in alphabetical order.
fn schema(driver: &mut dyn Driver) -> Vec<String> {
    rows(driver, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
}

/// The settings that a rebuild must leave alone, and what it must not leave behind.
fn traces(driver: &mut dyn Driver) -> Vec<String> {
    let mut traces = rows(driver, "PRAGMA foreign_keys");
    traces.extend(rows(driver, "PRAGMA legacy_alter_table"));
    traces.extend(rows(driver, "SELECT name FROM sqlite_schema WHERE name LIKE '%migrate_rebuild%'"));
    traces.extend(driver.transaction_depth().map(|depth| format!("depth {depth}")));
    traces
}

/// Whether the changes took a copy of the table.
fn copied(changes: &[Change]) -> bool {
    changes.iter().any(|change| matches!(change, Change::Rebuild(_)))
}

/// Changes a table, which must work, and leaves no traces.
#[track_caller]
fn change(driver: &mut dyn Driver, table: &str, edits: &[Edit]) -> Vec<Change> {
    let before = traces(driver);
    let changes =
        rebuild(driver, table, edits).unwrap_or_else(|error| panic!("{edits:?}: {}", chain(&error)));
    assert_eq!(traces(driver), before);
    assert_eq!(rows(driver, "PRAGMA integrity_check"), ["ok"]);
    changes
}

/// Changes a table, which must not work, and leaves everything as it was.
#[track_caller]
fn refused(driver: &mut dyn Driver, table: &str, edits: &[Edit]) -> RebuildError {
    let before = (traces(driver), schema(driver));
    let error = rebuild(driver, table, edits).expect_err("a refusal");
    assert_eq!((traces(driver), schema(driver)), before);
    error
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn set_type(column: &str, declared: &str) -> Edit {
    Edit::SetType { column: column.to_owned(), declared: declared.to_owned() }
}

fn set_not_null(column: &str) -> Edit {
    Edit::SetNotNull { column: column.to_owned() }
}

fn fill(column: &str, expression: &str) -> Edit {
    Edit::Fill { column: column.to_owned(), expression: expression.to_owned() }
}

fn add_column(definition: &str) -> Edit {
    Edit::AddColumn { definition: definition.to_owned() }
}

fn drop_column(column: &str) -> Edit {
    Edit::DropColumn { column: column.to_owned() }
}

fn rename_column(column: &str, to: &str) -> Edit {
    Edit::RenameColumn { column: column.to_owned(), to: to.to_owned() }
}

fn add_constraint(definition: &str) -> Edit {
    Edit::AddConstraint { definition: definition.to_owned() }
}
