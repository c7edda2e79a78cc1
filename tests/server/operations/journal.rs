//! I8: a rerun of a step outside a transaction passes over what is done, and does the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_core::runner::{Error, Event};
use migrate_core::{Migrator, Options};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, Step};

pub(super) fn journal(database: &Database) -> Vec<String> {
    database.column(
        "SELECT CAST(position AS text) || ' ' || state || ' ' || operation FROM migrate_journal ORDER BY position",
    )
}

fn insert(cx: &mut Context<'_, AnyConnection>, table: &str) -> Result<()> {
    cx.data(&format!("fill {table}"), |connection| {
        Ok(connection.batch(&format!("INSERT INTO {table} VALUES (1)"))?)
    })
}

/// A step of four operations that fails after so many.
fn four(fail_after: &Arc<AtomicU32>) -> Step {
    let fail_after = Arc::clone(fail_after);
    let stop = move |number| {
        if fail_after.load(Ordering::SeqCst) == number { Err(BodyError::new("told to stop")) } else { Ok(()) }
    };
    let again = stop.clone();
    Step::new("b1")
        .on(&["a1"])
        .outside_transaction()
        .up(move |cx| {
            cx.execute("CREATE TABLE one (id integer)")?;
            stop(1)?;
            insert(cx, "one")?;
            stop(2)?;
            cx.execute("CREATE TABLE two (id integer); INSERT INTO two VALUES (1)")?;
            stop(3)?;
            insert(cx, "two")
        })
        .down(move |cx| {
            cx.execute("DELETE FROM two WHERE id = 1")?;
            again(1)?;
            insert(cx, "two")?;
            again(2)?;
            cx.execute("DROP TABLE one")?;
            again(3)?;
            cx.execute("DROP TABLE two")
        })
}

fn migrator(step: Step) -> Migrator<AnyConnection> {
    History::chain(&["a1"]).with(step).migrator()
}

fn upgrade(database: &Database, step: Step) -> Result<(), Error> {
    migrator(step).upgrade(&mut database.connect(), "heads").map(drop)
}

#[track_caller]
fn cause(outcome: Result<(), Error>) -> String {
    let Err(Error::Stopped { cause, half_done: true, .. }) = outcome else { panic!("{outcome:?}") };
    cause.to_string()
}

on_each_server! {
    fn what_is_done_is_passed_over(database: &Database) {
        let fail_after = Arc::new(AtomicU32::new(0));
        let mut connection = database.connect();
        let migrator = migrator(four(&fail_after));
        let labels = [
            "execute CREATE TABLE one (id integer)",
            "fill one",
            "execute CREATE TABLE two (id integer); INSERT INTO two VALUES (1)",
            "fill two",
        ];
        for stop in 1..4 {
            fail_after.store(stop, Ordering::SeqCst);
            migrator.upgrade(&mut connection, "heads").unwrap_err();
            let expected: Vec<_> =
                (1..=stop).map(|number| format!("{number} done {}", labels[number as usize - 1])).collect();
            assert_eq!(journal(database), expected);
        }
        fail_after.store(0, Ordering::SeqCst);
        migrator.upgrade(&mut connection, "heads").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(journal(database), [""; 0], "the journal of a step that is done");
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM one"), "1");
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM two"), "2");

        for stop in 1..4 {
            fail_after.store(stop, Ordering::SeqCst);
            migrator.downgrade(&mut connection, "a1").unwrap_err();
            assert_eq!(journal(database).len(), stop as usize);
            assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM two"), if stop == 1 { "0" } else { "1" });
        }
        fail_after.store(0, Ordering::SeqCst);
        migrator.downgrade(&mut connection, "a1").unwrap();
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(journal(database), [""; 0]);
        assert!(!database.has_table("one") && !database.has_table("two"));
    }

    fn an_operation_that_failed_left_nothing_and_may_be_edited(database: &Database) {
        let first = |cx: &mut Context<'_, AnyConnection>| cx.execute("CREATE TABLE one (id integer)");
        let wrong = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
            first(cx)?;
            cx.execute("INSERT INTO one VALUES (1); INSERT INTO nowhere VALUES (1)")
        });
        upgrade(database, wrong).unwrap_err();
        assert_eq!(journal(database), ["1 done execute CREATE TABLE one (id integer)"]);
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM one"), "0");
        let right = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
            first(cx)?;
            cx.execute("INSERT INTO one VALUES (1)")
        });
        upgrade(database, right).unwrap();
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM one"), "1");
    }

    fn an_operation_that_was_edited_after_it_was_done_is_named(database: &Database) {
        let step = |body: fn(&mut Context<'_, AnyConnection>) -> Result<()>| {
            Step::new("b1").on(&["a1"]).outside_transaction().up(body)
        };
        let first = step(|cx| {
            cx.execute("CREATE TABLE one (id integer)")?;
            insert(cx, "one")?;
            Err(BodyError::new("half way"))
        });
        upgrade(database, first).unwrap_err();
        let changed = step(|cx| {
            cx.execute("CREATE TABLE one (id bigint)")?;
            insert(cx, "one")
        });
        assert_eq!(
            cause(upgrade(database, changed)),
            "operation 1 of revision b1 was `execute CREATE TABLE one (id integer)` when it ran, \
             and is `execute CREATE TABLE one (id bigint)` now"
        );
        let swapped = step(|cx| {
            insert(cx, "one")?;
            cx.execute("CREATE TABLE one (id integer)")
        });
        assert_eq!(
            cause(upgrade(database, swapped)),
            "operation 1 of revision b1 was `execute CREATE TABLE one (id integer)` when it ran, \
             and is `fill one` now"
        );
        let shorter = step(|cx| cx.execute("CREATE TABLE one (id integer)"));
        assert_eq!(
            cause(upgrade(database, shorter)),
            "operation 2 of revision b1 was `fill one` when it ran, and is not there now"
        );
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        let longer = step(|cx| {
            cx.execute("CREATE TABLE one (id integer)")?;
            insert(cx, "one")?;
            insert(cx, "one")
        });
        assert_eq!(
            cause(upgrade(database, step(|_| Err(BodyError::new("its own"))))),
            "its own", "the error of the body comes first"
        );
        upgrade(database, longer).unwrap();
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM one"), "2");
    }

    fn a_step_that_was_made_transactional_passes_over_what_was_done(database: &Database) {
        let fail_after = Arc::new(AtomicU32::new(2));
        upgrade(database, four(&fail_after)).unwrap_err();
        let body = |fails: bool| {
            Step::new("b1").on(&["a1"]).up(move |cx| {
                cx.execute("CREATE TABLE one (id integer)")?;
                insert(cx, "one")?;
                insert(cx, "one")?;
                if fails { Err(BodyError::new("once more")) } else { Ok(()) }
            })
        };
        upgrade(database, body(true)).unwrap_err();
        assert_eq!(journal(database), ["1 done execute CREATE TABLE one (id integer)", "2 done fill one"], "rolled back with the step");
        upgrade(database, body(false)).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM one"), "2");
        assert_eq!(journal(database), [""; 0]);
    }

    fn a_step_that_was_stamped_half_way_begins_anew_when_it_comes_again(database: &Database) {
        let fail_after = Arc::new(AtomicU32::new(1));
        let migrator = migrator(four(&fail_after));
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "heads").unwrap_err();
        migrator.stamp(&mut connection, &["b1"], false).unwrap();
        migrator.stamp(&mut connection, &["a1"], false).unwrap();
        assert_eq!(database.ledger(), ["a1 applied"]);
        database.execute("DROP TABLE one");
        fail_after.store(0, Ordering::SeqCst);
        migrator.upgrade(&mut connection, "heads").unwrap();
        assert!(database.has_table("one"));
    }

    fn a_ledger_without_a_journal_gets_one_from_the_first_step_that_needs_it(database: &Database) {
        let fail_after = Arc::new(AtomicU32::new(0));
        let migrator = migrator(four(&fail_after));
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "a1").unwrap();
        database.execute("DROP TABLE migrate_journal");
        migrator.downgrade(&mut connection, "base").unwrap();
        migrator.upgrade(&mut connection, "a1").unwrap();
        assert!(!database.has_table("migrate_journal"));
        fail_after.store(1, Ordering::SeqCst);
        migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(journal(database), ["1 done execute CREATE TABLE one (id integer)"]);
    }

    fn sql_that_refuses_a_transaction_gets_none(database: &Database) {
        let broken = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&broken);
        let step = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
            cx.execute("VACUUM")?;
            cx.execute("BEGIN; CREATE TABLE one (id integer); COMMIT")?;
            if told.load(Ordering::SeqCst) { Err(BodyError::new("half way")) } else { Ok(()) }
        });
        let migrator = migrator(step);
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(journal(database), ["1 done execute VACUUM", "2 done execute BEGIN; CREATE TABLE one (id integer); COMMIT"]);
        broken.store(false, Ordering::SeqCst);
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
    }

    fn sql_outside_a_transaction_that_failed_is_not_in_flight(database: &Database) {
        let step = Step::new("b1").on(&["a1"]).outside_transaction().up(|cx| {
            cx.execute("BEGIN; CREATE TABLE one (id integer); INSERT INTO nowhere VALUES (1); COMMIT")
        });
        upgrade(database, step).unwrap_err();
        assert_eq!(journal(database), [""; 0]);
        assert!(!database.has_table("one"), "the transaction of the text was rolled back");
    }

    fn sql_that_leaves_a_transaction_open_is_refused(database: &Database) {
        let step = Step::new("b1").on(&["a1"]).outside_transaction().up(|cx| {
            cx.execute("BEGIN; CREATE TABLE one (id integer)")?;
            cx.execute("COMMIT")
        });
        assert_eq!(
            cause(upgrade(database, step)),
            "`execute BEGIN; CREATE TABLE one (id integer)` left a transaction open, or ended the one it runs in"
        );
        assert!(!database.has_table("one"));
        assert_eq!(journal(database), [""; 0]);
    }

    fn two_operations_alike_are_two(database: &Database) {
        let step = Step::new("b1").on(&["a1"]).outside_transaction().up(|cx| {
            cx.execute("CREATE TABLE one (id integer)")?;
            insert(cx, "one")?;
            insert(cx, "one")
        });
        upgrade(database, step).unwrap();
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM one"), "2");
    }
}

#[test]
fn a_statement_that_only_the_server_knows_to_refuse_a_transaction_gets_none() {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN CREATE TABLE filled (); COMMIT; END $$",
    );
    let step = Step::new("b1")
        .on(&["a1"])
        .outside_transaction()
        .up(|cx| cx.execute("DO $$ BEGIN CALL fill(); END $$"));
    upgrade(&database, step).unwrap();
    assert!(database.has_table("filled"));
}

#[test]
fn a_data_step_that_commits_by_hand_is_found_out_and_not_taken_for_done() {
    let database = Postgres::shared().database();
    let step = Step::new("b1").on(&["a1"]).outside_transaction().up(|cx| {
        cx.data("commit by hand", |connection| {
            Ok(connection.batch("CREATE TABLE IF NOT EXISTS one (); COMMIT; BEGIN")?)
        })
    });
    let said = cause(upgrade(&database, step));
    assert_eq!(said, "`commit by hand` left a transaction open, or ended the one it runs in");
    assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
    assert!(journal(&database).iter().all(|row| !row.contains("done")));
}

#[test]
fn a_step_that_another_run_has_taken_over_does_nothing_more() {
    let database = Postgres::shared().database();
    let url = database.url().to_owned();
    let step = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
        cx.execute("CREATE TABLE one (id integer)")?;
        migrate_tests::testkit::connect(&url)
            .batch("UPDATE migrate_ledger SET applied_by = 'another run' WHERE revision = 'b1'")?;
        cx.execute("CREATE TABLE two (id integer)")
    });
    assert_eq!(cause(upgrade(&database, step)), "another run has taken revision b1 over");
    assert!(database.has_table("one") && !database.has_table("two"));
}

#[test]
fn taking_a_step_over_waits_for_the_operation_that_runs() {
    let database = Postgres::shared().database();
    let url = database.url().to_owned();
    let seen = Arc::new(AtomicBool::new(false));
    let blocked = Arc::clone(&seen);
    let step = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
        let blocked = Arc::clone(&blocked);
        let url = url.clone();
        cx.data("look who may take it over", move |_| {
            let taken = migrate_tests::testkit::connect(&url).batch(
                "SET lock_timeout = '200ms'; UPDATE migrate_ledger SET applied_by = 'x' WHERE revision = 'b1'",
            );
            blocked.store(taken.is_err(), Ordering::SeqCst);
            Ok(())
        })
    });
    upgrade(&database, step).unwrap();
    assert!(seen.load(Ordering::SeqCst));
}

#[test]
fn the_connection_is_not_journaled() {
    let database = Postgres::shared().database();
    let broken = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&broken);
    let step = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
        cx.connection()?.batch("CREATE TABLE IF NOT EXISTS one (id integer); INSERT INTO one VALUES (1)")?;
        if told.load(Ordering::SeqCst) { Err(BodyError::new("half way")) } else { Ok(()) }
    });
    let migrator = migrator(step);
    migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    broken.store(false, Ordering::SeqCst);
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(database.one("SELECT count(*)::text FROM one"), "2");
}

#[test]
fn a_resumed_step_says_so() {
    let database = Postgres::shared().database();
    let fail_after = Arc::new(AtomicU32::new(1));
    let migrator = migrator(four(&fail_after));
    migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    fail_after.store(0, Ordering::SeqCst);
    let (sender, events) = std::sync::mpsc::channel();
    let options = Options { applied_by: "second".to_owned(), ..migrator.options().clone() };
    let migrator = migrator.with_options(options).on_event(move |event| sender.send(event.clone()).unwrap());
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert!(events.try_iter().any(|event| matches!(event, Event::Resumed { .. })));
}
