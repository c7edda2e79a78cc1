//! `kill -9` at random moments.
//!
//! `MIGRATE_REPEAT=200` kills 200 processes in each test; the counts are printed (`--no-capture`).

use migrate_core::connection::Dialect;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Chance, Database, repetitions};

use super::trial::{BATCH, Moment, Trial, like, report};

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

fn changes(database: &Database) -> usize {
    database.one("SELECT CAST(last_value AS text) FROM changes").parse().unwrap()
}

/// Kills processes that have `workers` each until `kills` are dead, and starts the next one each time.
fn kill(database: &Database, workers: u32, kills: u32) {
    const ROWS: u32 = 4_000;
    let mut chance = Chance::new();
    let mut tally = Tally::default();
    while tally.kills < kills || tally.in_the_middle == 0 {
        let trial = Trial::new(like(database), ROWS);
        let is_watched = database.dialect() == Dialect::Postgres;
        if is_watched {
            trial.database.execute(WITNESS);
        }
        tally.backfills += 1;
        let before = tally.kills;
        while trial.state().as_deref() != Some("applied") && tally.kills < kills.max(before + 1) {
            let moment = Moment::random(&mut chance, 10 * u64::from(workers));
            let mut victim = trial.start(&[]);
            if trial.wait(&mut victim, moment) {
                victim.kill();
                tally.kills += 1;
                tally.in_the_middle += u32::from(trial.state().as_deref() == Some("running"));
            } else {
                crate::worker::assert_succeeded(&victim.finish());
            }
        }
        trial.finish(&[]);
        let again = trial.assert_done();
        assert_eq!(again.survived, [], "a batch was done again by the one who had done it");
        assert!(again.batches.values().all(|batches| *batches == 1), "{again:?}");
        assert!(again.most_of_a_process() <= workers, "{again:?}");
        assert!(again.total() <= workers * (tally.kills - before), "{again:?}");
        assert!(again.rows <= (again.total() * BATCH) as usize, "{again:?}");
        if is_watched {
            let changes = changes(&trial.database);
            assert!((ROWS as usize..=ROWS as usize + again.rows).contains(&changes), "{changes}: {again:?}");
        }
        tally.batches_again += again.total();
        tally.rows_again += again.rows;
    }
    report(&format!("{}, {workers} workers: {tally:?}", database.dialect()));
}

on_each_server! {
    fn one_worker_killed_at_random_moments_changes_each_row_once(database: &Database) {
        kill(database, 1, repetitions(12));
    }
}
