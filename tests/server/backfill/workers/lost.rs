//! Connections that are lost, with and without the answer to a COMMIT.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_core::connection::Driver as _;
use migrate_core::runner::Event;
use migrate_tests::backfills::{Append, checkpoint, create_items, history, texts};
use migrate_tests::testkit::{Cut, Postgres, Proxy, connect};

use super::hooked::Hooked;
use super::{append_slowly, at_work, connecting_to, with_workers};
use crate::backfill::upgrade;
use crate::worker::wait_until;

/// Ends its own session in the batch of this item, the first time.
fn terminating_at(item: i64) -> Append {
    let times = AtomicU32::new(0);
    Append::default().before_apply(move |connection, rows| {
        let is_here = rows.iter().any(|(id, _)| *id == item);
        if is_here && times.fetch_add(1, Ordering::Relaxed) == 0 {
            connection.batch("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    })
}

#[test]
fn an_upgrade_whose_connection_is_lost_in_a_batch_goes_on_with_another_one() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let migrator = connecting_to(history(terminating_at(41)), database.url()).on_event(move |event| {
        if matches!(event, Event::Reconnecting { .. }) {
            seen.lock().unwrap().push(event.to_string());
        }
    });
    let mut connection = database.connect();
    let report = migrator.upgrade(&mut connection, "heads").unwrap();
    let steps: Vec<_> = report.steps.iter().map(|step| step.revision.as_str()).collect();
    assert_eq!(steps, ["a1", "b1"], "what was done before the loss is in the report");
    assert_eq!(texts(&database), ["+ 95"]);
    assert_eq!(checkpoint(&database), "done 95 10 0 189");
    let told = told.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains("the connection was lost in the batch after 39"), "{told:?}");
    assert!(connection.query("SELECT 'alive'", &[]).is_ok(), "the caller has a connection that works");
}

#[test]
fn a_thread_whose_connection_is_lost_goes_on_with_another_one() {
    let database = Postgres::shared().database();
    create_items(&database, 1_000);
    let migrator = with_workers(terminating_at(801), &database, 3);
    upgrade(&migrator, &database).unwrap();
    assert_eq!(texts(&database), ["+ 1000"]);
    assert_eq!(checkpoint(&database), "done 1000 100 0 1999");
}

#[test]
fn a_worker_that_joined_goes_on_after_its_connection_was_lost() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let migrator = connecting_to(history(terminating_at(41)), database.url());
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    migrator.run_backfill(&mut database.connect(), "b1").unwrap();
    assert_eq!(texts(&database), ["+ 95"]);
    assert_eq!(checkpoint(&database), "done 95 10 0 189");
}

#[test]
fn the_connection_of_a_run_that_is_lost_while_its_threads_work_is_replaced() {
    let database = Postgres::shared().database();
    create_items(&database, 3_000);
    let migrator = with_workers(append_slowly(60), &database, 2);
    std::thread::scope(|scope| {
        let mut connection = database.connect();
        let pid =
            connection.query("SELECT CAST(pg_backend_pid() AS text)", &[]).unwrap()[0][0].clone().unwrap();
        let run = scope.spawn(move || migrator.upgrade(&mut connection, "heads"));
        wait_until("two are at work", || at_work(&database) == 2);
        database.execute(&format!("SELECT pg_terminate_backend({pid})"));
        let report = run.join().unwrap().unwrap();
        assert_eq!(report.steps.len(), 2);
    });
    assert_eq!(texts(&database), ["+ 3000"]);
    assert_eq!(database.events(), ["upgrade a1", "upgrade b1"]);
}

#[test]
fn losing_the_connection_again_and_again_ends_the_run() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    let append = Append::default().before_apply(|connection, rows| {
        if rows[0].0 > 20 {
            connection.batch("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    });
    let migrator = connecting_to(history(append), database.url());
    let options = migrate_core::Options { retries: 2, ..migrator.options().clone() };
    let error = crate::backfill::stopped(upgrade(&migrator.with_options(options), &database));
    assert_eq!(error.to_string(), "the connection was lost in the batch after 19");
    assert_eq!(texts(&database), [" 15", "+ 10"]);
}

#[test]
fn losing_the_connection_often_ends_no_run_that_gets_on() {
    let database = Postgres::shared().database();
    create_items(&database, 95);
    let batches = AtomicU32::new(0);
    let append = Append::default().before_apply(move |connection, _| {
        if batches.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            connection.batch("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(())
    });
    let lost = Arc::new(AtomicU32::new(0));
    let told = Arc::clone(&lost);
    let migrator = connecting_to(history(append), database.url()).on_event(move |event| {
        told.fetch_add(u32::from(matches!(event, Event::Reconnecting { .. })), Ordering::Relaxed);
    });
    let options = migrate_core::Options { retries: 1, ..migrator.options().clone() };
    upgrade(&migrator.with_options(options), &database).unwrap();
    assert_eq!(lost.load(Ordering::Relaxed), 9, "after each batch but the last one");
    assert_eq!(texts(&database), ["+ 95"]);
    assert_eq!(checkpoint(&database), "done 95 10 0 189");
}

#[test]
fn an_upgrade_whose_connection_is_lost_while_it_counts_the_rows_goes_on_with_another_one() {
    let database = Postgres::shared().database();
    create_items(&database, 25);
    let counts = AtomicU32::new(0);
    let hooked = Hooked::new(Append::default()).counting(move |connection| {
        if counts.fetch_add(1, Ordering::Relaxed) == 0 {
            connection.batch("SELECT pg_terminate_backend(pg_backend_pid())")?;
        }
        Ok(Some(25))
    });
    let report = upgrade(&hooked.migrator(database.url()), &database).unwrap();
    assert_eq!(report.steps[1].backfill.clone().unwrap().total, Some(25));
    assert_eq!(texts(&database), ["+ 25"]);
}

#[test]
fn a_commit_whose_answer_was_lost_is_looked_up_and_the_work_goes_on() {
    for passing in 0..14 {
        let database = Postgres::shared().database();
        create_items(&database, 45);
        let proxy = Proxy::start(Postgres::shared().port());
        proxy.cut(passing, Cut::AfterCommit);
        upgrade_a1(&database);
        let migrator = connecting_to(history(Append::default()), database.url());
        let outcome = migrator.run_backfill(&mut connect(&proxy.url(&database)), "b1");
        if outcome.is_err() {
            // The claim of the step is no batch: there the run ends.
            upgrade(&migrator, &database).unwrap();
        }
        assert_eq!(texts(&database), ["+ 45"], "cut at {passing}: {outcome:?}");
        assert_eq!(checkpoint(&database), "done 45 5 0 89", "cut at {passing}");
        assert!(outcome.is_ok() || passing < 5, "cut at {passing}: {outcome:?}");
    }
}

fn upgrade_a1(database: &migrate_tests::testkit::Database) {
    history(Append::default()).upgrade(&mut database.connect(), "a1").unwrap();
}

#[test]
fn a_server_that_is_restarted_in_the_middle_is_waited_for() {
    let server = Postgres::own().start();
    for workers in [1, 3] {
        let database = server.database();
        create_items(&database, 2_000);
        let migrator = with_workers(append_slowly(5), &database, workers);
        std::thread::scope(|scope| {
            let run = scope.spawn(|| upgrade(&migrator, &database));
            let workers = u64::from(workers);
            wait_until("all are at work", || at_work(&database) == workers || run.is_finished());
            server.crash();
            std::thread::sleep(Duration::from_millis(1_500));
            server.start_again();
            run.join().unwrap().unwrap();
        });
        assert_eq!(texts(&database), ["+ 2000"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }
}
