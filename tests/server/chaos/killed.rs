//! `kill -9` at random moments.
//!
//! `MIGRATE_REPEAT=200` kills 200 processes in each test; the counts are printed (`--no-capture`).

use migrate_core::connection::Dialect;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Chance, Database, DoneAgain, repetitions};

use super::trial::{BATCH, Moment, Trial, like, report};

use crate::worker::assert_succeeded;

/// How many items a backfill has.
const ROWS: u32 = 4_000;

/// How many kills, and what they came to.
#[derive(Debug, Default)]
struct Tally {
    kills: u32,
    /// Those after which the backfill was begun and not done.
    in_the_middle: u32,
    backfills: u32,
    batches_again: u32,
    rows_again: usize,
}

/// Counts each change of an item by the server, also those that are undone: a sequence takes nothing back.
const WITNESS: &str = "CREATE SEQUENCE changes;
    CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM nextval('changes'); RETURN NEW; END $$;
    CREATE TRIGGER witness AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION count_change()";

/// Kills processes that have `workers` each until `kills` are dead, and starts the next one each time.
fn kill(database: &Database, workers: u32, kills: u32) {
    let mut chance = Chance::new();
    let mut tally = Tally::default();
    let (asked, expected) = (workers.to_string(), workers_of(database, workers));
    let arguments = ["--workers", &asked];
    while tally.kills < kills || tally.in_the_middle == 0 {
        let trial = watched(database);
        tally.backfills += 1;
        let before = tally.kills;
        while trial.state().as_deref() != Some("applied") && tally.kills < kills.max(before + 1) {
            let moment = Moment::random(&mut chance, 10 * u64::from(workers));
            let mut victim = trial.start(&arguments);
            if trial.wait(&mut victim, moment) {
                victim.kill();
                tally.kills += 1;
                tally.in_the_middle += u32::from(trial.state().as_deref() == Some("running"));
            } else {
                assert_succeeded(&victim.finish());
            }
        }
        trial.finish(&arguments);
        let again = done(&trial);
        assert_eq!(again.survived, [], "a batch was done again by the one who had done it");
        assert!(again.batches.values().all(|batches| *batches == 1), "{again:?}");
        assert!(again.most_of_a_process() <= expected, "{again:?}");
        assert!(again.total() <= expected * (tally.kills - before), "{again:?}");
        tally.batches_again += again.total();
        tally.rows_again += again.rows;
    }
    report(&format!("{}, {workers} workers: {tally:?}", database.dialect()));
}

/// Kills one of four processes at a time, and starts another in its place.
fn kill_one_of_many(database: &Database, kills: u32) {
    let mut chance = Chance::new();
    let mut tally = Tally::default();
    while tally.kills < kills || tally.in_the_middle == 0 {
        let trial = watched(database);
        assert_succeeded(&trial.start_with(trial.database.url(), &["upgrade", "a1"]).finish());
        tally.backfills += 1;
        let before = tally.kills;
        let mut workers: Vec<_> = (0..4).map(|_| trial.start_one_of_many()).collect();
        while trial.state().as_deref() != Some("applied") && tally.kills < kills.max(before + 1) {
            let moment = Moment::random(&mut chance, 20);
            let one = usize::try_from(chance.number(0..4)).unwrap();
            if trial.wait(&mut workers[one], moment) {
                workers[one].kill();
                workers[one] = trial.start_one_of_many();
                tally.kills += 1;
                tally.in_the_middle += u32::from(trial.state().as_deref() == Some("running"));
            } else {
                assert_succeeded(&workers.swap_remove(one).finish());
                workers.push(trial.start_one_of_many());
            }
        }
        for worker in workers {
            assert_succeeded(&worker.finish());
        }
        let again = done(&trial);
        // Who is alone at first takes the whole table, and does the batch again in which the second one has it shared.
        let shared = u32::try_from(again.survived.len()).unwrap();
        assert!(again.batches.values().all(|batches| *batches <= 2), "{again:?}");
        assert!(again.total() <= tally.kills - before + shared, "{again:?}");
        assert!(shared <= 1 + tally.kills - before, "{again:?}");
        tally.batches_again += again.total();
        tally.rows_again += again.rows;
    }
    report(&format!("{}, one of four processes: {tally:?}", database.dialect()));
}

/// How many work at once when so many are asked for: SQLite has one writer.
fn workers_of(database: &Database, asked: u32) -> u32 {
    if database.dialect() == Dialect::Sqlite { 1 } else { asked }
}

/// A backfill on a fresh database; on PostgreSQL with its witness.
fn watched(database: &Database) -> Trial {
    let trial = Trial::new(like(database), ROWS);
    if database.dialect() == Dialect::Postgres {
        trial.database.execute(WITNESS);
    }
    trial
}

/// Asserts that it is done, and that what the server has seen fits what was written down.
fn done(trial: &Trial) -> DoneAgain {
    let again = trial.assert_done();
    assert!(again.rows <= (again.total() * BATCH) as usize, "{again:?}");
    if trial.database.dialect() == Dialect::Postgres {
        let changes = trial.database.one("SELECT CAST(last_value AS text) FROM changes");
        let possible = ROWS as usize..=ROWS as usize + again.rows;
        assert!(possible.contains(&changes.parse().unwrap()), "{changes} changes: {again:?}");
    }
    again
}

on_each_server! {
    fn one_worker_killed_at_random_moments_changes_each_row_once(database: &Database) {
        kill(database, 1, repetitions(12));
    }

    fn four_workers_killed_at_random_moments_change_each_row_once(database: &Database) {
        kill(database, 4, repetitions(12));
    }

    fn one_of_four_processes_killed_at_random_moments_leaves_each_row_changed_once(database: &Database) {
        kill_one_of_many(database, repetitions(12));
    }
}
