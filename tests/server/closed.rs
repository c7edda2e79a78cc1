//! I1: the applied set is closed downward, whatever runs at once and whether or not it holds the lock.

use migrate_core::registry::Manifest;
use migrate_tests::testkit::{Database, Postgres, SqliteFile, Worker, repetitions};

use crate::worker;

const PARENTS: [(&str, &[&str]); 7] = [
    ("a1", &[]),
    ("b1", &["a1"]),
    ("b2", &["a1"]),
    ("c1", &["b1"]),
    ("c2", &["b2"]),
    ("e1", &["c1", "c2"]),
    ("f1", &["e1"]),
];

fn assert_closed(database: &Database) {
    let applied = database.ledger();
    for (revision, parents) in PARENTS {
        if applied.iter().any(|row| row.starts_with(revision)) {
            for parent in parents {
                assert!(
                    applied.contains(&format!("{parent} applied")),
                    "{revision} without {parent}: {applied:?}"
                );
            }
        }
    }
}

fn assert_matches_the_ledger(database: &Database) {
    let applied = database.ledger();
    for (revision, table) in [
        ("a1", "users"),
        ("b1", "orders"),
        ("b2", "notes"),
        ("c1", "items"),
        ("c2", "tags"),
        ("e1", "joined"),
    ] {
        assert_eq!(
            database.has_table(table),
            applied.contains(&format!("{revision} applied")),
            "the table {table} and the ledger {applied:?}"
        );
    }
}

/// Upgrades and downgrades at once, with no lock but the ledger's own fence.
fn upgrades_and_downgrades_fight(database: &Database) {
    for _ in 0..repetitions(3) {
        let run = |command: &str, target: &str| {
            let arguments = ["--lock", "none", command, target];
            worker::start_with(database.url(), &arguments, &[("STEP_MS", "3")])
        };
        let mut workers: Vec<Worker> = Vec::new();
        for _ in 0..3 {
            workers.push(run("upgrade", "heads"));
            workers.push(run("downgrade", "base"));
        }
        for worker in workers {
            let finished = worker.finish();
            // A run that lost its place says so; nothing else is a reason to fail.
            let lost = ["the ledger changed during the run", "was left in the middle", "deadlock"];
            assert!(
                finished.status.success() || lost.iter().any(|text| finished.stderr.contains(text)),
                "{}{}",
                finished.stdout,
                finished.stderr
            );
            assert_closed(database);
        }
        assert_matches_the_ledger(database);
    }
    worker::assert_succeeded(&worker::run(database.url(), &["upgrade", "heads"]));
    assert_eq!(database.ledger(), worker::ALL_APPLIED);
}

#[test]
fn the_set_stays_closed_when_upgrades_and_downgrades_fight_on_sqlite() {
    upgrades_and_downgrades_fight(&SqliteFile::new().into_database());
}

#[test]
fn the_set_stays_closed_when_upgrades_and_downgrades_fight_on_postgres() {
    upgrades_and_downgrades_fight(&Postgres::shared().database());
}

#[test]
fn the_fixture_is_what_these_tests_think_it_is() {
    let manifest: Manifest = migrate_tests::fixture::MANIFEST;
    assert_eq!(manifest.revisions(), PARENTS.map(|(revision, _)| revision));
}

#[test]
fn a_stamp_waits_for_a_step_that_would_build_on_what_it_removes() {
    use migrate_core::runner::LockMode;
    use migrate_tests::testkit::{History, Step};

    let database = Postgres::shared().database();
    let slow = Step::new("b1").on(&["a1"]).up(|cx| cx.execute("SELECT pg_sleep(1)"));
    let migrator = History::chain(&["a1"]).with(slow).migrator();
    let options = migrate_core::Options { lock: LockMode::None, ..migrator.options().clone() };
    let migrator = migrator.with_options(options);
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    std::thread::scope(|scope| {
        let upgrade = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        worker::wait_until("the step sleeps", || {
            database.one("SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1"
        });
        let _ = migrator.stamp(&mut database.connect(), &["base"], false);
        upgrade.join().unwrap().unwrap();
    });
    let ledger = database.ledger();
    assert!(ledger.is_empty() || ledger == ["a1 applied", "b1 applied"], "{ledger:?}");
}
