//! Statements that run in a transaction.

use std::collections::BTreeMap;

use diesel::QueryResult;
use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;

use super::Observation;
use super::relations::{Relations, Seen, add_locks, backend_pid};

/// Runs statements in one transaction, looks at what they did, and rolls back.
///
/// # Errors
/// What the server says to a statement. The connection is usable afterwards.
pub fn observe(connection: &mut AnyConnection, statements: &[&str]) -> QueryResult<Observation> {
    // In transactions of their own: the locks of counting are not the statements'.
    let rows = Relations::read(connection)?.count_rows(connection)?;
    connection.batch("BEGIN")?;
    let observation = observe_and_stay(connection, statements, &rows);
    connection.batch("ROLLBACK")?;
    observation
}

fn observe_and_stay(
    connection: &mut AnyConnection,
    statements: &[&str],
    rows: &BTreeMap<String, u64>,
) -> QueryResult<Observation> {
    connection.batch(
        "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL max_parallel_maintenance_workers = 0",
    )?;
    let before = Relations::read(connection)?;
    let counters = ["pg_stat_get_xact_tuples_returned", "pg_stat_get_xact_tuples_fetched"];
    // Not zero: they also hold what earlier transactions of this session have not reported yet.
    let read_before = before.rows_read(connection, counters[0], counters[1])?;
    for statement in statements {
        connection.batch(statement)?;
    }
    let mut locks = BTreeMap::new();
    let pid = backend_pid(connection)?;
    add_locks(connection, &pid, &mut locks)?;
    let later = Relations::read(connection)?;
    let read_after = before.rows_read(connection, counters[0], counters[1])?;
    let seen = Seen { locks: &locks, rows, read_before: &read_before, read_after: &read_after };
    Ok(before.compare(&later, &seen))
}
