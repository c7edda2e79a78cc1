//! A primary and its standby: how far the one may be behind, and what can be asked of it.

use std::time::Duration;

use migrate_tests::backfills::{create_items, texts};
use migrate_tests::testkit::Postgres;

use super::command_line::{done, run, start, succeeded};
use super::read_only::{reads, refuses, run as run_on};
use crate::worker::wait_until;

#[test]
fn the_work_waits_while_a_standby_is_behind_and_goes_on_when_it_is_not() {
    let primary = Postgres::own().start();
    let standby = primary.standby();
    let database = primary.database();
    create_items(&database, 3_000);
    standby.execute("SELECT pg_wal_replay_pause()");
    let worker = start(&database, 40, &["upgrade", "--max-lag", "500ms"]);
    wait_until("the worker waits", || {
        let rows = done(&database);
        std::thread::sleep(Duration::from_millis(1_200));
        rows > 0 && done(&database) == rows
    });
    let rows = done(&database);
    assert!(rows < 3_000, "{rows}");
    let told = succeeded(run(&database, &["backfill", "status"])).stdout;
    assert!(told.contains("running, 1 worker") && !told.contains("gone"), "{told}");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(done(&database), rows, "it waits as long as the standby is behind");
    standby.execute("SELECT pg_wal_replay_resume()");
    let finished = succeeded(worker.finish());
    assert_eq!(texts(&database), ["+ 3000"]);
    let (_, name) = database.url().rsplit_once('/').expect("a URL with a database");
    let copy = standby.url(name);
    wait_until("the standby is there", || {
        let told = run_on(&copy, "backfill status");
        told.stdout.contains("done")
    });
    reads(&copy);
    refuses(&copy, "stamp a1");
    assert!(finished.stderr.contains("Backfill b1 waits: a standby is "), "{}", finished.stderr);
}
