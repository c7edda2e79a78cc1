use diesel::connection::Connection as _;
use migrate_core::adopt::{Source, Tool};
use migrate_core::catalog::ObjectName;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::runner::Error;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, Step};

use super::ledgers::{ALL, Ledger, as_an_application, of, times};

fn forget(database: &Database, ledger: &Ledger) {
    let own = ["ledger", "event", "lease", "journal"].map(|table| format!("DROP TABLE migrate_{table};"));
    let ours = "DELETE FROM applied_log; DROP TABLE t_our1;";
    database.execute(&format!("{ours} {} DROP TABLE {};", own.concat(), ledger.tool.table()));
}

on_each_server! {
    fn what_a_tool_has_applied_is_taken_over_and_only_the_rest_runs(database: &Database) {
        for ledger in ALL {
            ledger.make(database);
            let (migrator, mut connection) = (ledger.migrator(), database.connect());
            let refused = migrator.upgrade(&mut connection, "heads");
            assert!(matches!(refused, Err(Error::TablesWithoutLedger(_))), "{refused:?}");
            let before = ledger.rows(database);

            let report = migrator.adopt(&mut connection, ledger.tool).unwrap();
            let adopted: Vec<_> = report.adopted.iter().map(|adopted| adopted.revision.as_str()).collect();
            assert_eq!(adopted, ledger.revisions);
            assert_eq!(report.heads, [ledger.revisions[1]]);
            assert_eq!(database.ledger(), ledger.revisions.map(|revision| format!("{revision} applied")));
            assert_eq!(database.events(), ledger.revisions.map(|revision| format!("stamp {revision}")));
            if let Some(expected) = ledger.times {
                assert_eq!(times(database), expected, "{}", ledger.tool);
            } else {
                assert!(times(database).iter().all(|time| time.as_str() > "2025"));
            }

            let steps = migrator.upgrade(&mut connection, "heads").unwrap().steps;
            assert_eq!(steps.len(), 1, "{}", ledger.tool);
            assert_eq!(database.log(), ["upgrade our1"]);
            assert_eq!(ledger.rows(database), before);
            let again = migrator.adopt(&mut connection, ledger.tool).unwrap();
            assert!(again.adopted.is_empty());
            assert_eq!((again.agreeing, again.heads), (ledger.revisions.map(Into::into).into(), vec!["our1".into()]));
            forget(database, &ledger);
        }
    }

    fn the_event_says_where_a_row_comes_from(database: &Database) {
        let ledger = of(Tool::Sqlx);
        ledger.make(database);
        ledger.migrator().adopt(&mut database.connect(), ledger.tool).unwrap();
        let said = database.column("SELECT DISTINCT detail FROM migrate_event");
        assert_eq!(said, ["adopted from _sqlx_migrations"]);
        let facts = "SELECT revision || ' ' || checksum || ' ' || message || ' ' || binary_version FROM migrate_ledger";
        assert_eq!(database.column(facts)[0], "20240501120000 original step 20240501120000 fixture 1.2.3");
    }

    fn a_preview_writes_nothing(database: &Database) {
        for ledger in ALL {
            ledger.make(database);
            let migrator = ledger.migrator();
            let mut connection = database.connect();
            let preview = migrator.adopt_preview(&mut connection, ledger.tool).unwrap();
            assert!(!database.has_table("migrate_ledger"));
            assert_eq!(migrator.adopt(&mut connection, ledger.tool).unwrap(), preview);
            migrator.upgrade(&mut connection, "heads").unwrap();
            forget(database, &ledger);
        }
    }

    fn a_tool_that_has_applied_nothing_leaves_nothing_to_do(database: &Database) {
        for ledger in ALL {
            ledger.make(database);
            database.execute(&format!("DELETE FROM {}", ledger.tool.table()));
            let report = ledger.migrator().adopt(&mut database.connect(), ledger.tool).unwrap();
            assert_eq!((report.adopted.len(), report.agreeing.len(), report.heads.len()), (0, 0, 0));
            assert!(!database.has_table("migrate_ledger"));
            database.execute(&format!("DROP TABLE {}", ledger.tool.table()));
        }
    }

    fn what_the_tool_applied_since_is_added(database: &Database) {
        let ledger = of(Tool::Sqlx);
        ledger.make(database);
        let (migrator, mut connection) = (ledger.migrator(), database.connect());
        database.execute("CREATE TABLE later AS SELECT * FROM _sqlx_migrations WHERE version = 20240502130000");
        database.execute("DELETE FROM _sqlx_migrations WHERE version = 20240502130000");
        assert_eq!(migrator.adopt(&mut connection, ledger.tool).unwrap().heads, ["20240501120000"]);
        database.execute("INSERT INTO _sqlx_migrations SELECT * FROM later");
        let report = migrator.adopt(&mut connection, ledger.tool).unwrap();
        assert_eq!((report.adopted.len(), report.agreeing.len()), (1, 1));
        assert_eq!(times(database), ledger.times.unwrap());
    }

    fn a_table_of_another_name_is_read_where_it_is(database: &Database) {
        let ledger = of(Tool::SeaOrm);
        ledger.make(database);
        let table = if database.dialect() == Dialect::Postgres {
            database.execute("CREATE SCHEMA \"App\"; ALTER TABLE seaql_migrations SET SCHEMA \"App\"");
            ObjectName::new("App", "seaql_migrations")
        } else {
            database.execute("ALTER TABLE seaql_migrations RENAME TO \"Versions of it\"");
            ObjectName::bare("Versions of it")
        };
        let (migrator, mut connection) = (ledger.migrator(), database.connect());
        assert!(matches!(migrator.adopt(&mut connection, ledger.tool), Err(Error::Adopt(_))));
        let source = Source::from(ledger.tool).with_table(table);
        assert_eq!(migrator.adopt(&mut connection, source).unwrap().adopted.len(), 2);
    }

    fn an_adoption_within_a_transaction_goes_with_it(database: &Database) {
        let ledger = of(Tool::Refinery);
        ledger.make(database);
        let (migrator, mut connection) = (ledger.migrator(), database.connect());
        let outcome: Result<(), Error> = connection.transaction(|connection| {
            migrator.adopt(connection, Tool::Diesel).unwrap_err();
            assert_eq!(migrator.adopt(connection, ledger.tool)?.adopted.len(), 2);
            Err(diesel::result::Error::RollbackTransaction.into())
        });
        assert!(outcome.is_err() && !database.has_table("migrate_ledger"));
        connection.transaction(|connection| migrator.adopt(connection, ledger.tool)).unwrap();
        assert_eq!(database.ledger().len(), 2);
    }

    fn branches_of_alembic_are_taken_over_by_their_heads(database: &Database) {
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)");
        database.execute("INSERT INTO alembic_version VALUES ('left'), ('right')");
        let history = History::chain(&["base1", "left"])
            .with(Step::new("right").on(&["base1"]))
            .with(Step::new("merged").on(&["left", "right"]));
        let migrator = as_an_application(history.migrator());
        let mut connection = database.connect();
        let report = migrator.adopt(&mut connection, Tool::Alembic).unwrap();
        assert_eq!((report.adopted.len(), report.heads), (3, vec!["left".to_owned(), "right".to_owned()]));
        assert_eq!(migrator.upgrade(&mut connection, "heads").unwrap().steps.len(), 1);
    }

    fn of_many_at_once_one_writes(database: &Database) {
        let ledger = of(Tool::Diesel);
        ledger.make(database);
        let adopted: usize = std::thread::scope(|scope| {
            let adopt = || ledger.migrator().adopt(&mut database.connect(), ledger.tool).unwrap().adopted.len();
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(adopt)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(adopted, 2);
        assert_eq!(database.events().len(), 2);
    }
}

#[test]
fn the_time_zone_of_the_session_moves_no_time() {
    let database = Postgres::shared().database();
    for ledger in ALL {
        ledger.make(&database);
        let mut connection = database.connect();
        connection.batch("SET TIME ZONE 'Asia/Kathmandu'").unwrap();
        let preview = ledger.migrator().adopt_preview(&mut connection, ledger.tool).unwrap();
        let previewed: Vec<_> =
            preview.adopted.into_iter().filter_map(|adopted| adopted.applied_at).collect();
        ledger.migrator().adopt(&mut connection, ledger.tool).unwrap();
        if let Some(expected) = ledger.times {
            assert_eq!(previewed, expected);
            assert_eq!(times(&database), expected);
        }
        ledger.migrator().upgrade(&mut connection, "heads").unwrap();
        forget(&database, &ledger);
    }
}
