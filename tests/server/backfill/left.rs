//! Who ends in order is not taken for somebody at work.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use migrate_core::backfill::BackfillError;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_core::runner::{BackfillState, BackfillStatus, Event};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::backfills::{Append, Item, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, Step, connect};

use super::{stopped, upgrade};

fn status(migrator: &Migrator<AnyConnection>, database: &Database) -> BackfillStatus {
    migrator.backfills(&mut database.connect()).unwrap().remove(0)
}

/// Items that the backfill passes over, and that `remaining` counts.
fn with_items_left(database: &Database) -> Migrator<AnyConnection> {
    create_items(database, 25);
    let late = database.url().to_owned();
    history(Append::default()).on_event(move |event| {
        if matches!(event, Event::Progress { progress, .. } if progress.batches == 3) {
            connect(&late).batch("INSERT INTO items (id) VALUES (2), (4)").unwrap();
        }
    })
}

on_each_server! {
    fn one_that_found_rows_at_the_end_is_stopped_at_once(database: &Database) {
        let migrator = with_items_left(database);
        let error = stopped(upgrade(&migrator, database));
        assert!(matches!(error, BackfillError::Remaining { remaining: 2, .. }), "{error:?}");
        let seen = status(&migrator, database);
        assert_eq!((seen.state, seen.workers), (BackfillState::Stopped, vec![]));
        database.execute("UPDATE items SET text = '+' WHERE id IN (2, 4)");
        upgrade(&migrator, database).unwrap();
        assert_eq!(texts(database), ["+ 27"]);
    }

    fn one_that_cannot_count_what_remains_is_stopped_at_once(database: &Database) {
        create_items(database, 25);
        let url = database.url().to_owned();
        let migrator = history(Append::default()).on_event(move |event| {
            if matches!(event, Event::Progress { progress, .. } if progress.batches == 3) {
                // SQLite tells it like this, and PostgreSQL ends the batch's own statements with it, too.
                connect(&url).batch("ALTER TABLE items RENAME TO gone").unwrap();
            }
        });
        let error = stopped(upgrade(&migrator, database));
        let told = error.to_string();
        assert!(told == "the rows that remain cannot be counted" || told.contains("cannot be read"), "{error:?}");
        let seen = status(&migrator, database);
        assert_eq!((seen.state, seen.workers), (BackfillState::Stopped, vec![]));
    }

    fn one_that_is_asked_to_stop_before_its_first_piece_is_stopped_at_once(database: &Database) {
        create_items(database, 25);
        let options = Options::default();
        let stop = options.stop.clone();
        let migrator = history(Append::default()).with_options(Options { allow_tables: true, ..options });
        let migrator = migrator.on_event(move |event| {
            if matches!(event, Event::Started { revision, .. } if revision == "b1") {
                stop.set();
            }
        });
        upgrade(&migrator, database).unwrap_err();
        let seen = status(&migrator, database);
        assert_eq!((seen.state, seen.rows, seen.workers), (BackfillState::Stopped, 0, vec![]));
    }
}

#[test]
fn workers_that_cannot_connect_leave_nothing_that_looks_alive() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    for connector in [false, true] {
        let migrator = history(Append::default());
        let options = Options { workers: 2, retries: 0, ..migrator.options().clone() };
        let mut migrator = migrator.with_options(options);
        if connector {
            migrator = migrator.with_connector(|| Err("no more connections".into()));
        }
        stopped(upgrade(&migrator, &database));
        let seen = status(&migrator, &database);
        assert_eq!((seen.state, seen.workers), (BackfillState::Stopped, vec![]));
    }
}

#[test]
fn who_counts_what_remains_is_seen_by_others_and_so_is_its_end() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    let (counts, counting) = channel();
    let (go_on, told) = channel::<()>();
    let slow = Slow { append: Append::default(), counts, told: Mutex::new(told) };
    let migrator = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], slow).migrator();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&migrator, &database));
        counting.recv().unwrap();
        let seen = status(&migrator, &database);
        assert_eq!((seen.state, seen.workers.len()), (BackfillState::Running, 1));
        assert_eq!((seen.workers[0].piece, seen.workers[0].is_alive), (0, true));
        drop(go_on);
        run.join().unwrap().unwrap();
    });
    assert_eq!(status(&migrator, &database).state, BackfillState::Done);
}

/// Counts until it is told to go on.
struct Slow {
    append: Append,
    counts: Sender<()>,
    told: Mutex<Receiver<()>>,
}

impl Backfill for Slow {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Item;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Item>> {
        self.append.rows(conn, span)
    }

    fn key(&self, row: &Item) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut AnyConnection, rows: Vec<Item>) -> Result<()> {
        self.append.apply(conn, rows)
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        let _ = self.counts.send(());
        let _ = self.told.lock().unwrap().recv();
        Backfill::remaining(&self.append, conn)
    }

    fn total(&self, _: &mut AnyConnection) -> QueryResult<Option<i64>> {
        Ok(None)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
