//! I3: a step and its ledger row commit together, or neither of them does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::{AnsiTransactionManager, TransactionManager as _};
use migrate_core::AnyConnection;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::runner::Error;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, Step};

fn begin(connection: &mut AnyConnection) {
    match connection {
        AnyConnection::Postgres(inner) => AnsiTransactionManager::begin_transaction(inner),
        AnyConnection::Sqlite(inner) => AnsiTransactionManager::begin_transaction(inner),
        _ => panic!("a server that is not tested"),
    }
    .unwrap();
}

on_each_server! {
    fn a_step_commits_with_its_row_its_changes_and_its_event(database: &Database) {
        let report = History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(report.heads, ["b1"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
        assert_eq!(database.events(), ["upgrade a1", "upgrade b1"]);
        assert!(database.has_table("t_a1") && database.has_table("t_b1"));
    }

    fn a_failing_body_leaves_neither_row_nor_changes(database: &Database) {
        let migrator = History::chain(&["a1"]).with(Step::new("b1").on(&["a1"]).failing()).migrator();
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at b1 after 1 of 2 steps");
        let Error::Stopped { half_done: false, cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(cause.to_string(), "this step is meant to fail");
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(database.log(), ["upgrade a1"]);
        assert_eq!(database.events(), ["upgrade a1", "failure b1"]);
        assert!(!database.has_table("t_b1"));
    }

    fn a_failing_downgrade_keeps_the_row_and_the_changes(database: &Database) {
        let fails = Step::new("b1").on(&["a1"]).down(|cx| {
            cx.execute("DROP TABLE t_b1")?;
            cx.execute("this is not SQL")
        });
        let migrator = History::chain(&["a1"]).with(fails).migrator();
        let mut connection = database.connect();
        migrator.upgrade(&mut connection, "heads").unwrap();
        let error = migrator.downgrade(&mut connection, "base").unwrap_err();
        assert_eq!(error.to_string(), "downgrade stopped at b1 after 0 of 2 steps");
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(database.events(), ["upgrade a1", "upgrade b1", "failure b1"]);
        assert!(database.has_table("t_b1"));
    }

    fn a_ledger_that_refuses_the_row_refuses_the_step(database: &Database) {
        History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        database.execute(match database.dialect() {
            Dialect::Sqlite => {
                "CREATE TRIGGER refuse BEFORE INSERT ON migrate_ledger \
                 BEGIN SELECT RAISE(ABORT, 'the ledger says no'); END"
            }
            _ => {
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'the ledger says no'; END $$; \
                 CREATE TRIGGER refuse BEFORE INSERT ON migrate_ledger FOR EACH ROW EXECUTE FUNCTION refuse()"
            }
        });
        let error = History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
        assert!(cause.to_string().contains("the ledger says no"), "{cause}");
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert!(!database.has_table("t_b1"));
    }

    fn a_ledger_that_refuses_the_end_of_a_step_undoes_it(database: &Database) {
        History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        database.execute(match database.dialect() {
            Dialect::Sqlite => {
                "CREATE TRIGGER refuse BEFORE INSERT ON migrate_event WHEN NEW.kind = 'upgrade' \
                 BEGIN SELECT RAISE(ABORT, 'the event says no'); END"
            }
            _ => {
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'the event says no'; END $$; CREATE TRIGGER refuse BEFORE INSERT \
                 ON migrate_event FOR EACH ROW WHEN (NEW.kind = 'upgrade') EXECUTE FUNCTION refuse()"
            }
        });
        let error = History::chain(&["a1", "b1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
        assert!(cause.to_string().contains("the event says no"), "{cause}");
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(database.events(), ["upgrade a1", "failure b1"]);
        assert!(!database.has_table("t_b1"));
    }

    fn a_body_that_leaves_a_transaction_open_fails_and_leaves_nothing(database: &Database) {
        let step = Step::new("a1").up(|cx| {
            begin(cx.connection()?);
            cx.execute("CREATE TABLE t_a1 (id integer)")
        });
        let mut connection = database.connect();
        let error = History::new().with(step).migrator().upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at a1 after 0 of 1 steps");
        assert_eq!(connection.transaction_depth(), Some(0));
        assert!(database.ledger().is_empty());
        assert!(!database.has_table("t_a1"));
    }

    fn a_body_outside_a_transaction_that_leaves_one_open_fails(database: &Database) {
        let step = Step::new("a1").outside_transaction().up(|cx| {
            begin(cx.connection()?);
            cx.execute("CREATE TABLE t_a1 (id integer)")
        });
        let migrator = History::new().with(step).with(Step::new("b1").on(&["a1"])).migrator();
        let mut connection = database.connect();
        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at a1 after 0 of 2 steps");
        assert_eq!(connection.transaction_depth(), Some(0));
        assert_eq!(database.ledger(), ["a1 running"]);
        assert!(!database.has_table("t_a1"));
    }

    fn a_body_that_rolls_the_transaction_back_is_not_recorded(database: &Database) {
        let step = Step::new("a1").up(|cx| {
            cx.execute("CREATE TABLE t_a1 (id integer)")?;
            cx.execute("ROLLBACK")
        });
        let error = History::new().with(step).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at a1 after 0 of 1 steps");
        assert!(database.ledger().is_empty());
        assert_eq!(database.events(), ["failure a1"]);
    }

    fn a_body_that_commits_and_then_fails_is_not_recorded_as_applied(database: &Database) {
        let failing = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&failing);
        let step = Step::new("a1").up(move |cx| {
            cx.execute("CREATE TABLE IF NOT EXISTS t_a1 (id integer)")?;
            if told.swap(false, Ordering::SeqCst) {
                cx.execute("COMMIT")?;
                cx.execute("this is not SQL")?;
            }
            Ok(())
        });
        let migrator = History::new().with(step).migrator();
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(database.ledger(), ["a1 running"]);
        // The same command goes on: nobody has to clear a flag first.
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(database.ledger(), ["a1 applied"]);
    }

    fn a_constraint_that_is_checked_at_the_commit_undoes_the_step(database: &Database) {
        database.execute("CREATE TABLE parent (id integer PRIMARY KEY)");
        let step = Step::new("a1").up(|cx| {
            cx.execute(
                "CREATE TABLE child (id integer REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED); \
                 INSERT INTO child VALUES (1)",
            )
        });
        let migrator = History::new().with(step).migrator();
        let mut connection = database.connect();
        if database.dialect() == Dialect::Sqlite {
            connection.batch("PRAGMA foreign_keys = ON").unwrap();
        }
        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at a1 after 0 of 1 steps");
        assert_eq!(connection.transaction_depth(), Some(0));
        assert!(database.ledger().is_empty() && !database.has_table("child"));
        assert_eq!(database.events(), ["failure a1"]);
    }

    fn a_panic_leaves_nothing_and_the_connection_usable(database: &Database) {
        let step = Step::new("a1").up(|cx| {
            cx.execute("CREATE TABLE t_a1 (id integer)")?;
            panic!("a bug in a migration")
        });
        let migrator = History::new().with(step).migrator();
        let mut connection = database.connect();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            migrator.upgrade(&mut connection, "heads")
        }));
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"a bug in a migration"));
        assert_eq!(connection.transaction_depth(), Some(0));
        assert!(database.ledger().is_empty());
        assert!(!database.has_table("t_a1"));
        History::chain(&["a1"]).migrator().upgrade(&mut connection, "heads").unwrap();
    }
}

#[test]
fn a_body_that_commits_and_begins_again_is_found_out() {
    let database = Postgres::shared().database();
    let step = Step::new("a1").up(|cx| cx.execute("COMMIT; BEGIN; CREATE TABLE t_a1 (id integer)"));
    let error = History::new().with(step).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
    assert_eq!(error.to_string(), "upgrade stopped at a1 after 0 of 1 steps");
    assert_eq!(database.ledger(), ["a1 running"]);
}

#[test]
fn a_body_that_changes_the_search_path_moves_no_row_of_the_ledger() {
    for mode in [migrate_core::runner::LockMode::Auto, migrate_core::runner::LockMode::None] {
        let database = Postgres::shared().database();
        let step = Step::new("a1").up(|cx| {
            cx.execute("CREATE SCHEMA elsewhere; SET search_path = elsewhere; CREATE TABLE t_a1 (id integer)")
        });
        let other = Step::new("b1").on(&["a1"]).up(|cx| cx.execute("SELECT 1"));
        // The second step's log is not on the new search path.
        database.execute("CREATE SCHEMA spare");
        let migrator = History::new().with(step).with(other).migrator();
        let options = migrate_core::Options { lock: mode, ..migrator.options().clone() };
        let mut connection = database.connect();
        let error = migrator.with_options(options).upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at b1 after 1 of 2 steps", "{mode:?}");
        assert_eq!(database.ledger(), ["a1 applied"], "{mode:?}");
        assert_eq!(database.events(), ["upgrade a1", "failure b1"], "{mode:?}");
    }
}
