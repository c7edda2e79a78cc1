//! The application, which goes on writing while its rows are migrated.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use migrate_core::connection::Driver as _;
use migrate_core::runner::Event;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::Database;

/// One write of the application, the one of a number; its result is what it wrote.
pub(super) type Write<T> = Box<dyn FnMut(&mut AnyConnection, u32) -> T + Send>;

/// Migrates while the writers write, one write after the other, until so many rows were visited.
///
/// Returns what they wrote, each in its order.
pub(super) fn upgrade_beside<T: Send + 'static>(
    database: &Database,
    migrator: Migrator<AnyConnection>,
    target: &str,
    visited: u64,
    writers: Vec<Write<T>>,
) -> Vec<Vec<T>> {
    let stop = Arc::new(AtomicBool::new(false));
    let start = |write| writer(database, write, Arc::clone(&stop));
    let writers: Mutex<Vec<_>> = Mutex::new(writers.into_iter().map(start).collect());
    let written = Arc::new(Mutex::new(Vec::new()));
    let results = Arc::clone(&written);
    let migrator = migrator.on_event(move |event| {
        let Event::Progress { progress, .. } = event else { return };
        if progress.rows < visited {
            // SQLite's writers take turns by trying again, so they need a while between the batches.
            std::thread::sleep(Duration::from_millis(20));
            return;
        }
        stop.store(true, Ordering::Relaxed);
        for writer in writers.lock().unwrap().drain(..) {
            results.lock().unwrap().push(writer.join().unwrap());
        }
    });
    super::upgrade(&migrator, database, target).unwrap();
    let written = std::mem::take(&mut *written.lock().unwrap());
    assert!(written.iter().all(|written| written.len() > 10), "the writers had no turn");
    written
}

fn writer<T: Send + 'static>(
    database: &Database,
    mut write: Write<T>,
    stop: Arc<AtomicBool>,
) -> JoinHandle<Vec<T>> {
    let mut connection = database.connect();
    std::thread::spawn(move || {
        if connection.dialect() == migrate_core::connection::Dialect::Sqlite {
            connection.batch("PRAGMA busy_timeout = 60000; PRAGMA foreign_keys = ON").unwrap();
        }
        let mut written = Vec::new();
        for number in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            written.push(write(&mut connection, number));
            std::thread::sleep(Duration::from_millis(2));
        }
        written
    })
}
