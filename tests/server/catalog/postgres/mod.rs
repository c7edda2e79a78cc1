//! What is read from PostgreSQL.

mod changes;
mod eighteen;
mod kinds;
mod names;
mod restore;
mod scope;
mod session;
mod statistics;

use migrate_core::catalog::{Catalog, ObjectName, Scope, Table, read};
use migrate_core::connection::MigrationConnection as _;
use migrate_tests::testkit::{Database, Postgres};

/// One of everything.
const RICH: &str = include_str!("rich.sql");

fn rich() -> Database {
    with(RICH)
}

fn with(sql: &str) -> Database {
    let database = Postgres::shared().database();
    database.execute(sql);
    database
}

fn catalog(database: &Database) -> Catalog {
    scoped(database, &Scope::default())
}

fn scoped(database: &Database, scope: &Scope) -> Catalog {
    read(database.connect().driver(), scope).unwrap()
}

fn public(name: &str) -> ObjectName {
    ObjectName::new("public", name)
}

fn app(name: &str) -> ObjectName {
    ObjectName::new("app", name)
}

/// A column as it stands in the catalog, in one line.
fn column(table: &Table, name: &str) -> String {
    let column = table.columns.iter().find(|column| column.name == name).unwrap();
    let bare = migrate_core::catalog::Column::new(name, "");
    let from = Table { columns: vec![bare], ..Table::default() };
    let to = Table { columns: vec![column.clone()], ..Table::default() };
    let [from, to] =
        [from, to].map(|table| Catalog { tables: [(public("t"), table)].into(), ..Catalog::default() });
    let text = from.difference(&to).to_string();
    text.trim().split_once(": type  -> ").map(|(_, column)| column.to_owned()).unwrap_or(text)
}
