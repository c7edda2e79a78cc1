//! Nothing of a rehearsal stays, however it ends.

use std::time::Duration;

use migrate_core::AnyConnection;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_tests::backfills::{Append, create_items, history, texts};
use migrate_tests::on_each_server;
use migrate_tests::testkit::Database;

use super::{Each, counts, rehearse, rows, table};
use crate::worker::{assert_succeeded, start};

/// All that a database holds, to the byte.
fn everything(database: &Database) -> Vec<u8> {
    if database.dialect() == Dialect::Sqlite {
        let path = database.url().trim_start_matches("sqlite://");
        return std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let dump = database.dump(&["--inserts"]);
    // Made anew for each dump by recent versions.
    let lines: Vec<_> = dump.lines().filter(|line| !line.contains("restrict ")).collect();
    lines.join("\n").into_bytes()
}

on_each_server! {
    fn the_database_is_as_it_was(database: &Database) {
        create_items(database, 500);
        database.execute("CREATE TABLE parts (id bigint PRIMARY KEY, name text)");
        history(Append::default()).upgrade(&mut database.connect(), "a1").unwrap();
        let before = everything(database);
        let everywhere = Each::sql(
            "INSERT INTO parts VALUES ({id}, 'x'); UPDATE items SET text = 'y' WHERE id = {id} AND id < 100;
             DELETE FROM items WHERE id = {id} AND id > 900; CREATE TABLE IF NOT EXISTS stray (id integer)",
        );
        let rehearsal = rehearse(database, everywhere);
        assert!(rehearsal.rows >= 90, "{rehearsal:#?}");
        assert_eq!(counts(table(&rehearsal, "parts"))[0], rehearsal.rows);
        assert!(everything(database) == before, "the database is as it was");
        assert!(!database.has_table("migrate_checkpoint") && !database.has_table("stray"));
    }

    fn a_connection_is_left_as_it_was(database: &Database) {
        create_items(database, 50);
        let migrator = history(Append::default());
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "a1").unwrap();
        let settings = |connection: &mut AnyConnection| match database.dialect() {
            Dialect::Sqlite => connection.query("SELECT CAST(timeout AS text) FROM pragma_busy_timeout UNION ALL SELECT name FROM temp.sqlite_master", &[]),
            _ => connection.query("SELECT current_setting('lock_timeout') || current_setting('statement_timeout') || current_setting('transaction_isolation')", &[]),
        };
        let before = settings(&mut connection).unwrap();
        migrator.rehearse_backfill(&mut connection, "b1", rows(20)).unwrap();
        assert_eq!(settings(&mut connection).unwrap(), before);
        assert_eq!(connection.transaction_depth(), Some(0));
        migrator.upgrade(&mut connection, "heads").unwrap();
    }

    fn a_panic_in_the_backfill_leaves_nothing(database: &Database) {
        create_items(database, 50);
        let migrator = history(Append::default().before_apply(|conn, rows| {
            conn.batch("UPDATE items SET text = 'x'")?;
            assert!(rows.iter().all(|(id, _)| *id < 20), "meant to panic");
            Ok(())
        }));
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "a1").unwrap();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            migrator.rehearse_backfill(&mut connection, "b1", 50)
        }));
        assert!(panicked.is_err());
        assert_eq!((connection.transaction_depth(), texts(database)), (Some(0), vec![" 50".to_owned()]));
    }

    fn a_rehearsal_that_is_killed_leaves_nothing(database: &Database) {
        create_items(database, 5_000);
        assert_succeeded(&start(database.url(), &["--backfill", "upgrade", "a1"]).finish());
        let before = everything(database);
        for moment in [20, 60, 100, 150, 200, 300] {
            let mut victim = start(database.url(), &["--backfill", "rehearse", "b1"]);
            std::thread::sleep(Duration::from_millis(moment));
            victim.kill();
            // The server notices by itself; the next one waits for it at most a second.
            let next = start(database.url(), &["--backfill", "rehearse", "b1"]).finish();
            assert_succeeded(&next);
            assert!(next.stdout.contains("rehearsed"), "{}", next.stdout);
            assert!(everything(database) == before, "killed after {moment} ms");
        }
    }
}
