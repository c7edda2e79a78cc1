//! What the ledger and the events say, and what stamping makes of them.

use migrate_core::Options;
use migrate_core::connection::Dialect;
use migrate_core::runner::Error;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Step};

fn now(database: &Database) -> String {
    database.one(match database.dialect() {
        Dialect::Sqlite => "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        _ => "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    })
}

on_each_server! {
    fn a_row_says_what_when_how_long_who_and_which_program(database: &Database) {
        let slow = Step::new("a1").up(|_| {
            std::thread::sleep(std::time::Duration::from_millis(120));
            Ok(())
        });
        let migrator = History::new().with(slow).migrator();
        let options = Options { applied_by: "deploy@ci".to_owned(), ..migrator.options().clone() };
        let migrator = migrator.with_options(options);
        let before = now(database);
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        let after = now(database);
        let status = migrator.status(&mut database.connect()).unwrap();
        let row = status.revisions[0].row.clone().unwrap();
        assert_eq!(row.message, "step a1");
        assert_eq!(row.checksum.as_deref(), Some("original"));
        assert_eq!(row.applied_by, "deploy@ci");
        assert_eq!(row.binary_version, "fixture 1.2.3");
        assert_eq!(row.format, 1);
        assert!((120..10_000).contains(&row.duration_ms.unwrap()), "{row:?}");
        assert_eq!(row.applied_at.len(), "2026-11-22T12:00:00.000Z".len());
        assert!(before <= row.applied_at && row.applied_at <= after, "{before} {row:?} {after}");
        let event = database.rows(
            "SELECT kind, revision, CAST(duration_ms AS text), detail, applied_by, binary_version \
             FROM migrate_event",
        );
        let duration = row.duration_ms.unwrap().to_string();
        assert_eq!(event, [["upgrade", "a1", &duration, "NULL", "deploy@ci", "fixture 1.2.3"]]);
    }

    fn times_are_utc_whatever_the_session_thinks(database: &Database) {
        use migrate_core::connection::Driver as _;

        let migrator = History::chain(&["a1"]).migrator();
        let mut connection = database.connect();
        if database.dialect() == Dialect::Postgres {
            connection.batch("SET timezone = 'Asia/Tokyo'").unwrap();
        }
        let before = now(database);
        migrator.upgrade(&mut connection, "heads").unwrap();
        let status = migrator.status(&mut connection).unwrap();
        let applied_at = status.revisions[0].row.clone().unwrap().applied_at;
        assert!(before <= applied_at && applied_at <= now(database), "{before} {applied_at}");
    }

    fn who_runs_it_is_user_host_and_process_by_default(database: &Database) {
        History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        let who = database.one("SELECT applied_by FROM migrate_ledger");
        assert!(who.contains('@') && who.ends_with(&format!("(pid {})", std::process::id())), "{who}");
    }

    fn a_text_of_any_kind_is_kept_as_it_is(database: &Database) {
        let odd = "O'Brien \"quoted\" \\ % ; -- ünïcode 🦀\nsecond line";
        let migrator = History::chain(&["a1"]).migrator();
        let options = Options { applied_by: odd.to_owned(), ..migrator.options().clone() };
        migrator.with_options(options).upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(database.one("SELECT applied_by FROM migrate_ledger"), odd);
    }

    fn a_stamp_records_without_running(database: &Database) {
        let migrator = History::chain(&["a1", "b1", "c1"]).migrator();
        let mut connection = database.connect();
        let report = migrator.stamp(&mut connection, &["b1"], false).unwrap();
        assert_eq!(report.inserted, ["a1", "b1"]);
        assert_eq!(report.heads, ["b1"]);
        assert!(report.deleted.is_empty());
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(database.events(), ["stamp a1", "stamp b1"]);
        assert!(database.log().is_empty() && !database.has_table("t_a1"));
        let row = migrator.status(&mut connection).unwrap().revisions[0].row.clone().unwrap();
        assert_eq!((row.duration_ms, row.checksum.as_deref()), (None, Some("original")));
        let report = migrator.stamp(&mut connection, &["a1"], false).unwrap();
        assert_eq!(report.deleted, ["b1"]);
        assert_eq!(database.events(), ["stamp a1", "stamp b1", "unstamp b1"]);
        let report = migrator.stamp(&mut connection, &["base"], false).unwrap();
        assert_eq!(report.deleted, ["a1"]);
        assert!(report.heads.is_empty() && database.ledger().is_empty());
    }

    fn a_purge_is_the_way_out_of_unknown_revisions(database: &Database) {
        History::chain(&["a1", "x9"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        let migrator = History::chain(&["a1", "b1"]).migrator();
        let mut connection = database.connect();
        assert!(matches!(migrator.stamp(&mut connection, &["a1"], false), Err(Error::Unknown { .. })));
        let report = migrator.stamp(&mut connection, &["a1"], true).unwrap();
        assert_eq!(report.deleted, ["x9"]);
        assert_eq!(database.ledger(), ["a1 applied"]);
        migrator.upgrade(&mut connection, "heads").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        migrator.stamp(&mut connection, &["base"], true).unwrap();
        assert!(database.ledger().is_empty());
    }

    fn a_stamp_that_fails_changes_nothing(database: &Database) {
        let migrator = History::chain(&["a1", "b1"]).migrator();
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        migrator.stamp(&mut database.connect(), &["b1", "zz"], true).unwrap_err();
        assert_eq!(database.ledger(), ["a1 applied"]);
    }

    fn a_stamp_settles_a_step_that_was_left_in_the_middle(database: &Database) {
        let failing = Step::new("b1").on(&["a1"]).outside_transaction().failing();
        let migrator = History::chain(&["a1"]).with(failing).migrator();
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);
        migrator.stamp(&mut database.connect(), &["b1"], false).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn downgrade_by_one_undoes_what_was_applied_last(database: &Database) {
        let migrator = History::chain(&["a1"])
            .with(Step::new("z2").on(&["a1"]))
            .with(Step::new("b3").on(&["z2"]))
            .migrator();
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "heads").unwrap();
        let report = migrator.downgrade(&mut connection, "-1").unwrap();
        assert_eq!(report.steps[0].revision, "b3");
        assert_eq!(report.heads, ["z2"]);
        assert_eq!(database.events(), ["upgrade a1", "upgrade z2", "upgrade b3", "downgrade b3"]);
    }
}
