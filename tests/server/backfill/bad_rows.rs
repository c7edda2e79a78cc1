//! Rows that fail: found, put aside within a limit, and never lost.

use std::sync::atomic::{AtomicBool, Ordering};

use migrate_core::backfill::BackfillError;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::BodyError;
use migrate_core::runner::Event;
use migrate_tests::backfills::{Append, checkpoint, create_items, history, rejected, texts};
use migrate_tests::on_each_server;

use super::{stopped, upgrade};

fn large() -> Append {
    Append { pace: migrate_core::backfill::Pace::default(), ..Append::default() }
}

on_each_server! {
    fn a_row_that_is_put_aside_again_when_all_are_visited_once_more_counts_once(database: &Database) {
        create_items(database, 95);
        let has_come = AtomicBool::new(false);
        let append = Append::default().before_apply(move |connection, rows| {
            if rows.iter().any(|(id, _)| *id == 41) {
                return Err(BodyError::new("item 41 is bad"));
            }
            // Behind the first key, for which all are visited again.
            if rows.iter().any(|(id, _)| *id == 189) && !has_come.swap(true, Ordering::Relaxed) {
                connection.batch("INSERT INTO items (id) VALUES (0)")?;
            }
            Ok(())
        });
        upgrade(&history(Append { rescans: true, max_rejected: 5, ..append }), database).unwrap();
        assert_eq!(texts(database), [" 1", "+ 95"]);
        assert_eq!(database.one("SELECT CAST(rejected_count AS text) FROM migrate_checkpoint"), "1");
    }

    fn a_bad_row_stops_the_backfill_at_its_key(database: &Database) {
        create_items(database, 1_000);
        let error = stopped(upgrade(&history(large().failing_at(&[701])), database));
        assert_eq!(error.to_string(), "the row 701 fails");
        let BackfillError::Row { key, rejected: 0, cause } = &error else { panic!("{error:?}") };
        assert_eq!((key.as_str(), cause.to_string().as_str()), ("701", "item 701 is bad"));
        assert_eq!(texts(database), [" 650", "+ 350"], "what comes before it is done");
        assert_eq!(rejected(database), ["701 blocking 1 item 701 is bad"]);
        stopped(upgrade(&history(large().failing_at(&[701])), database));
        assert_eq!(rejected(database), ["701 blocking 2 item 701 is bad"]);
        // The next version knows what to do with it.
        upgrade(&history(large()), database).unwrap();
        assert_eq!(texts(database), ["+ 1000"]);
        assert_eq!(rejected(database), [""; 0]);
    }

    fn a_row_that_it_stopped_at_is_forgotten_once_a_run_is_past_it(database: &Database) {
        create_items(database, 45);
        stopped(upgrade(&history(Append::default().failing_at(&[21])), database));
        assert_eq!(rejected(database), ["21 blocking 1 item 21 is bad"]);
        // As if another worker had stopped in a piece of its own.
        database.execute(
            "INSERT INTO migrate_rejected_row (revision, row_key, state, error, attempts, worker, span)
             VALUES ('b1', '777', 'blocking', 'bad', 1, 'ci', 9)",
        );
        stopped(upgrade(&history(Append::default().failing_at(&[61])), database));
        assert_eq!(rejected(database), ["61 blocking 1 item 61 is bad", "777 blocking 1 bad"]);
        database.execute("DELETE FROM items WHERE id = 61");
        stopped(upgrade(&history(Append::default().failing_at(&[89])), database));
        assert_eq!(rejected(database), ["89 blocking 1 item 89 is bad", "777 blocking 1 bad"]);
        // The last row of all: nothing comes after it but the end.
        database.execute("DELETE FROM items WHERE id = 89");
        let left = Append::default().before_apply(|_, rows| panic!("{rows:?}"));
        upgrade(&history(left), database).unwrap();
        assert_eq!((rejected(database), texts(database)), (vec![], vec!["+ 43".to_owned()]));
    }

    fn a_row_that_it_stopped_at_and_that_is_gone_leaves_the_list_with_a_retry(database: &Database) {
        create_items(database, 45);
        let (migrator, connection) = (history(Append::default().failing_at(&[21])), &mut database.connect());
        stopped(upgrade(&migrator, database));
        let report = migrator.retry_rejected(connection, "b1").unwrap();
        assert_eq!((report.rows.len(), report.blocking), (0, 1), "the next run begins with it");
        assert_eq!(rejected(database), ["21 blocking 1 item 21 is bad"]);
        database.execute("DELETE FROM items WHERE id = 21");
        let report = migrator.retry_rejected(connection, "b1").unwrap();
        assert_eq!((report.rows.len(), report.gone(), report.blocking), (1, 1, 0));
        let status = migrator.backfills(connection).unwrap().remove(0);
        assert_eq!((status.blocking, status.rejected), (0, 0));
        upgrade(&migrator, database).unwrap();
        assert_eq!(texts(database), ["+ 44"]);
    }

    fn bad_rows_are_put_aside_up_to_the_limit(database: &Database) {
        create_items(database, 1_000);
        let bad = &[1, 3, 999, 1_999];
        let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let keys = std::sync::Arc::clone(&told);
        let migrator = history(Append { max_rejected: 3, ..large().failing_at(bad) }).on_event(move |event| {
            if let Event::Rejected { key, .. } = event {
                keys.lock().unwrap().push(key.clone());
            }
        });
        let error = stopped(upgrade(&migrator, database));
        assert_eq!(error.to_string(), "the row 1999 fails, after 3 that were put aside");
        assert_eq!(*told.lock().unwrap(), ["1", "3", "999"]);
        assert_eq!(texts(database), [" 4", "+ 996"]);
        let migrator = history(Append { max_rejected: 4, ..large().failing_at(bad) });
        let report = upgrade(&migrator, database).unwrap();
        let progress = report.steps[0].backfill.clone().unwrap();
        assert_eq!((progress.rows, progress.rejected), (996, 4));
        assert_eq!(rejected(database), [
            "1 rejected 1 item 1 is bad",
            "3 rejected 1 item 3 is bad",
            "999 rejected 1 item 999 is bad",
            "1999 rejected 2 item 1999 is bad",
        ]);
        assert_eq!(texts(database), [" 4", "+ 996"]);
        assert!(checkpoint(database).starts_with("done 996 "), "{}", checkpoint(database));
    }

    fn an_error_with_a_character_that_no_text_of_the_server_has_is_written_down(database: &Database) {
        create_items(database, 25);
        let append = Append { max_rejected: 1, ..Append::default() }.before_apply(|_, rows| {
            match rows.iter().any(|(id, _)| [5, 41].contains(id)) {
                true => Err(BodyError::new("not a text: a\0b")),
                false => Ok(()),
            }
        });
        let migrator = history(append);
        let error = stopped(upgrade(&migrator, database));
        assert!(matches!(&error, BackfillError::Row { key, .. } if key == "41"), "{error:?}");
        let told = ["5 rejected 1 not a text: a\\0b", "41 blocking 1 not a text: a\\0b"];
        assert_eq!(rejected(database), told);
        let report = migrator.retry_rejected(&mut database.connect(), "b1").unwrap();
        assert_eq!((report.failed(), report.blocking), (1, 1));
        let failures = "SELECT detail FROM migrate_event WHERE kind = 'failure'";
        assert!(database.one(failures).ends_with("a\\0b"));
    }

    fn more_that_remain_than_were_put_aside_are_still_an_error(database: &Database) {
        create_items(database, 25);
        let append = Append { max_rejected: 5, ..Append::default() }.before_apply(|connection, rows| {
            if rows.iter().any(|(id, _)| *id == 41) {
                connection.batch("INSERT INTO items (id) VALUES (2)")?;
            }
            if rows.iter().any(|(id, _)| *id == 5) { Err(BodyError::new("bad")) } else { Ok(()) }
        });
        let error = stopped(upgrade(&history(append), database));
        assert!(matches!(error, BackfillError::Remaining { remaining: 2, rejected: 1 }), "{error:?}");
    }

    fn a_row_that_only_the_commit_refuses_is_found_too(database: &Database) {
        create_items(database, 200);
        if database.dialect() == migrate_core::connection::Dialect::Sqlite {
            database.execute("PRAGMA journal_mode = WAL");
        }
        let append = Append { max_rejected: 1, ..large() }.before_apply(|connection, rows| {
            if rows.iter().any(|(id, _)| *id == 77) {
                connection.batch("UPDATE items SET owner = 5 WHERE id = 77")?;
            }
            Ok(())
        });
        let mut connection = database.connect();
        if database.dialect() == migrate_core::connection::Dialect::Sqlite {
            connection.batch("PRAGMA foreign_keys = ON").unwrap();
        }
        history(append).upgrade(&mut connection, "heads").unwrap();
        assert_eq!(texts(database), [" 1", "+ 199"]);
        let rejected = rejected(database);
        assert!(rejected.len() == 1 && rejected[0].to_lowercase().contains("foreign key"), "{rejected:?}");
        assert!(rejected[0].starts_with("77 rejected 1 "), "{rejected:?}");
    }
}
