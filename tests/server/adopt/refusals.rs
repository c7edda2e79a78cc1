use migrate_core::adopt::{AdoptError, Tool};
use migrate_core::ledger::RowState;
use migrate_core::runner::Error;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Step};

use super::ledgers::{ALL, as_an_application, of};

/// What an adoption and its preview refuse, which write nothing.
#[track_caller]
fn refused(migrator: &Migrator<AnyConnection>, database: &Database, tool: Tool) -> Error {
    let before = database.ledger_rows();
    let mut connection = database.connect();
    let error = migrator.adopt(&mut connection, tool).unwrap_err();
    let preview = migrator.adopt_preview(&mut connection, tool).unwrap_err();
    assert_eq!(error.to_string(), preview.to_string());
    assert_eq!(database.ledger_rows(), before);
    error
}

on_each_server! {
    fn a_table_that_is_not_there_is_not_made(database: &Database) {
        for ledger in ALL {
            let error = refused(&ledger.migrator(), database, ledger.tool);
            assert!(matches!(error, Error::Adopt(AdoptError::NoTable { .. })), "{error:?}");
        }
        assert!(!database.has_table("migrate_ledger"));
    }

    fn rows_without_a_revision_are_listed_with_what_the_tool_says_of_them(database: &Database) {
        let ledger = of(Tool::Sqlx);
        ledger.make(database);
        let migrator = History::chain(&["20240501120000"]).migrator();
        let Error::Adopt(AdoptError::NoRevision { rows, .. }) = refused(&migrator, database, ledger.tool) else {
            panic!()
        };
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].version.as_str(), rows[0].description.as_deref()), ("20240502130000", Some("add email")));
        assert_eq!(rows[0].applied_at.as_deref(), Some("2024-05-02T13:34:56.000Z"));
        assert!(!database.has_table("migrate_ledger"));
    }

    fn what_lacks_something_below_it_is_refused(database: &Database) {
        for ledger in ALL.into_iter().filter(|ledger| ledger.tool != Tool::Alembic) {
            ledger.make(database);
            database.execute(&format!(
                "DELETE FROM {} WHERE CAST(version AS text) = '{}'",
                ledger.tool.table(),
                ledger.revisions[0]
            ));
            let error = refused(&ledger.migrator(), database, ledger.tool);
            assert!(matches!(error, Error::Adopt(AdoptError::NotClosed { .. })), "{error:?}");
        }
    }

    fn a_row_that_failed_is_refused(database: &Database) {
        let ledger = of(Tool::Sqlx);
        ledger.make(database);
        database.execute("UPDATE _sqlx_migrations SET success = FALSE WHERE version = 20240502130000");
        let error = refused(&ledger.migrator(), database, ledger.tool);
        assert_eq!(error.to_string(), "sqlx records that 20240502130000 failed");
    }

    fn heads_of_alembic_that_overlap_are_refused(database: &Database) {
        let ledger = of(Tool::Alembic);
        ledger.make(database);
        database.execute("INSERT INTO alembic_version VALUES ('ae1027a6acf')");
        let error = refused(&ledger.migrator(), database, ledger.tool);
        assert_eq!(
            error.to_string(),
            "alembic_version holds ae1027a6acf, which is below b2138b7bd0a, and b2138b7bd0a too"
        );
    }

    fn a_ledger_that_says_something_else_is_left(database: &Database) {
        let ledger = of(Tool::Refinery);
        ledger.make(database);
        let history = History::chain(&["1", "2"]).with(Step::new("beside"));
        let migrator = as_an_application(history.migrator());
        let mut connection = database.connect();
        migrator.stamp(&mut connection, &["beside"], false).unwrap();
        let error = refused(&migrator, database, ledger.tool);
        assert_eq!(error.to_string(), "the ledger holds beside and not 1, 2, which refinery has applied");
        migrator.stamp(&mut connection, &["beside", "2"], false).unwrap();
        assert!(migrator.adopt(&mut connection, ledger.tool).unwrap().adopted.is_empty());
    }

    fn a_ledger_that_another_program_wrote_is_left(database: &Database) {
        let ledger = of(Tool::Refinery);
        ledger.make(database);
        History::chain(&["gone"]).migrator().stamp(&mut database.connect(), &["gone"], false).unwrap();
        let error = refused(&ledger.migrator(), database, ledger.tool);
        assert!(matches!(error, Error::Unknown { .. }), "{error:?}");
    }

    fn what_a_downgrade_undid_is_not_recorded_again(database: &Database) {
        let ledger = of(Tool::SeaOrm);
        ledger.make(database);
        let (migrator, mut connection) = (ledger.migrator(), database.connect());
        migrator.adopt(&mut connection, ledger.tool).unwrap();
        database.execute("CREATE TABLE t_m20240502_000002_add_email (id integer)");
        migrator.downgrade(&mut connection, "-1").unwrap();
        let error = refused(&migrator, database, ledger.tool);
        assert!(matches!(error, Error::Adopt(AdoptError::Undone { .. })), "{error:?}");
        migrator.upgrade(&mut connection, "heads").unwrap();
        assert!(migrator.adopt(&mut connection, ledger.tool).unwrap().adopted.is_empty());
        // Forgotten is not undone.
        migrator.stamp(&mut connection, &["base"], false).unwrap();
        assert_eq!(migrator.adopt(&mut connection, ledger.tool).unwrap().adopted.len(), 2);
    }

    fn a_step_of_ours_that_is_not_finished_is_left_to_its_run(database: &Database) {
        let ledger = of(Tool::SeaOrm);
        ledger.make(database);
        let (migrator, mut connection) = (ledger.migrator(), database.connect());
        migrator.adopt(&mut connection, ledger.tool).unwrap();
        database.execute(
            "UPDATE migrate_ledger SET state = 'reverting' WHERE revision = 'm20240502_000002_add_email'",
        );
        let error = refused(&migrator, database, ledger.tool);
        assert!(matches!(error, Error::Interrupted { state: RowState::Reverting, .. }), "{error:?}");
    }
}
