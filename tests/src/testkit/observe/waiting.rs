//! Statements that refuse to run in a transaction.

use std::collections::BTreeMap;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;

use super::Observation;
use super::relations::{Relations, Seen, add_locks, backend_pid};
use crate::testkit::{Database, connect};

/// A statement that still waits then waits for something else than its tables.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a statement outside of a transaction while others read and write the tables `beside` it, and looks at
/// its locks whenever it waits for one of those.
///
/// A statement that takes its locks in several transactions (`CREATE INDEX CONCURRENTLY`) is never seen as a
/// whole. But each table beside it has a reader, a writer, and somebody who maintains it: the statement waits for
/// the first before it holds `ACCESS EXCLUSIVE`, for the second before it holds `SHARE` or more, and for the
/// third before it holds `SHARE UPDATE EXCLUSIVE`. So no such lock goes by unseen; a weaker one is seen if the
/// statement holds it while it waits. Whoever is waited for ends, and another takes its place before that, if the
/// lock lets it, so that the next phase of the statement comes upon one, too. What the statement does stays done.
///
/// # Errors
/// What the server says to the statement.
pub fn observe_waiting(database: &Database, statement: &str, beside: &[&str]) -> QueryResult<Observation> {
    let mut watcher = database.connect();
    let before = Relations::read(&mut watcher)?;
    let rows = before.count_rows(&mut watcher)?;
    let counters = ["pg_stat_get_tuples_returned", "pg_stat_get_tuples_fetched"];
    report_statistics(&mut watcher)?;
    let read_before = before.rows_read(&mut watcher, counters[0], counters[1])?;

    let mut runner = database.connect();
    runner.batch("SET max_parallel_maintenance_workers = 0")?;
    let pid = backend_pid(&mut runner)?;
    let mut others: Vec<_> = beside
        .iter()
        .flat_map(|table| Work::on(table))
        .map(|work| Other::start(database, work))
        .collect::<QueryResult<_>>()?;
    let locks = std::thread::scope(|scope| {
        let running = scope.spawn(|| {
            runner.batch(statement)?;
            report_statistics(&mut runner)
        });
        let locks = watch(database, &mut watcher, &pid, &mut others, &running);
        // Before the join: what still waits for them never ends otherwise.
        others.clear();
        running.join().expect("the statement's thread")?;
        locks
    })?;

    let later = Relations::read(&mut watcher)?;
    let read_after = before.rows_read(&mut watcher, counters[0], counters[1])?;
    let seen = Seen { locks: &locks, rows: &rows, read_before: &read_before, read_after: &read_after };
    Ok(before.compare(&later, &seen))
}

/// Ends, one after the other, whom the statement waits for; returns the locks it had or wanted at those times.
fn watch(
    database: &Database,
    watcher: &mut AnyConnection,
    pid: &str,
    others: &mut Vec<Other>,
    running: &ScopedJoinHandle<'_, QueryResult<()>>,
) -> QueryResult<BTreeMap<String, super::LockMode>> {
    let mut locks = BTreeMap::new();
    let start = Instant::now();
    while !running.is_finished() {
        assert!(start.elapsed() < PATIENCE, "the statement waits for something else: {locks:?}");
        let blocking = watcher.query(
            "SELECT blocking::text FROM unnest(pg_blocking_pids($1::text::int)) AS blocking",
            &[Some(pid)],
        )?;
        let blocks = |other: &Other| blocking.iter().any(|row| row[0].as_deref() == Some(&other.pid));
        let Some(index) = others.iter().position(blocks) else {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        };
        add_locks(watcher, pid, &mut locks)?;
        // Fails where the lock that the statement waits for is in its way, too.
        if let Ok(next) = Other::start(database, others[index].work.clone()) {
            others.push(next);
        }
        others.remove(index);
    }
    Ok(locks)
}

/// What another session does in a transaction that it leaves open.
#[derive(Debug, Clone)]
struct Work(String);

impl Work {
    /// A reader, a writer and somebody who maintains it.
    fn on(table: &str) -> [Self; 3] {
        let table = table.replace('"', "\"\"");
        [
            Self(format!(r#"SELECT FROM "{table}" LIMIT 1"#)),
            Self(format!(r#"DELETE FROM "{table}" WHERE false"#)),
            Self(format!(r#"LOCK TABLE ONLY "{table}" IN SHARE UPDATE EXCLUSIVE MODE"#)),
        ]
    }
}

/// A session with an open transaction and its snapshot; both end with the value.
struct Other {
    pid: String,
    work: Work,
    _connection: AnyConnection,
}

impl Other {
    fn start(database: &Database, work: Work) -> QueryResult<Self> {
        let mut connection = connect(database.url());
        let pid = backend_pid(&mut connection)?;
        connection.batch(&format!(
            "SET lock_timeout = '200ms'; BEGIN ISOLATION LEVEL REPEATABLE READ; {}",
            work.0
        ))?;
        Ok(Self { pid, work, _connection: connection })
    }
}

/// Makes the server's counters include what this session has done.
fn report_statistics(connection: &mut AnyConnection) -> QueryResult<()> {
    connection.batch("SELECT pg_stat_force_next_flush()")
}
