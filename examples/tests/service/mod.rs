//! The service: replicas that start together, and every way in which one ends.

mod process;
mod refusals;
mod replicas;
mod serving;

use migrate_core::Migrator;
use migrate_core::connection::DatabaseUrl;
use migrate_tests::testkit::Database;

/// What the ledger reads like when every revision of the sample history is applied.
pub(crate) fn all_applied() -> Vec<String> {
    let mut rows: Vec<_> = revisions().iter().map(|revision| format!("{revision} applied")).collect();
    rows.sort();
    rows
}

/// The sample history, parents first.
fn revisions() -> Vec<String> {
    let migrator =
        Migrator::<migrations_crate::Connection>::new(migrations_crate::MANIFEST).expect("a graph");
    migrator.graph().topological().map(|revision| revision.id.to_string()).collect()
}

/// Migrates a database as an operator would before the service is deployed.
fn migrate(database: &Database, target: &str) {
    let mut connection =
        DatabaseUrl::parse(database.url()).and_then(|url| url.connect()).expect("a connection");
    let migrator = Migrator::new(migrations_crate::MANIFEST).expect("a graph");
    migrator.upgrade(&mut connection, target).expect("an upgrade");
}
