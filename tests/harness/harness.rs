//! Revisions of a migrator in Diesel's harness.

use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource as _;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_migrations::{HarnessWithOutput, MigrationHarness};
use migrate_core::connection::Driver as _;
use migrate_core::{AnyConnection, DieselSource, Migrator, Options};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, SqliteFile, Step};

fn source(history: History) -> DieselSource<AnyConnection> {
    history.migrator().source()
}

/// What Diesel's table says, in its order.
fn diesel_table(database: &Database) -> Vec<String> {
    database.column("SELECT version FROM __diesel_schema_migrations ORDER BY version")
}

fn run_pending(connection: &mut AnyConnection, source: &DieselSource<AnyConnection>) -> Vec<String> {
    let done = connection.run_pending_migrations(source.clone());
    done.unwrap_or_else(|error| panic!("{error}")).iter().map(ToString::to_string).collect()
}

fn names(source: &DieselSource<AnyConnection>) -> Vec<String> {
    source.migrations().unwrap().iter().map(|migration| migration.name().to_string()).collect()
}

fn forked() -> History {
    History::chain(&["a1", "z1"])
        .with(Step::new("b1").on(&["a1"]))
        .with(Step::new("c1").on(&["b1", "z1"]))
        .with(Step::new("a0").on(&["c1"]))
}

on_each_server! {
    fn pending_revisions_run_in_an_order_that_the_graph_allows(database: &Database) {
        let source = source(forked());
        let mut connection = database.connect();
        assert!(connection.has_pending_migration(source.clone()).unwrap());
        let versions = ["000001-a1", "000002-b1", "000002-z1", "000003-c1", "000004-a0"];
        let pending = connection.pending_migrations(source.clone()).unwrap();
        let pending: Vec<_> = pending.iter().map(|migration| migration.name().version().to_string()).collect();
        assert_eq!(pending, versions);
        assert_eq!(run_pending(&mut connection, &source), versions);
        assert_eq!(diesel_table(database), versions);
        assert_eq!(
            database.ledger(),
            ["a0 applied", "a1 applied", "b1 applied", "c1 applied", "z1 applied"]
        );
        assert!(!connection.has_pending_migration(source.clone()).unwrap());
        assert!(run_pending(&mut connection, &source).is_empty());
        let applied: Vec<_> =
            connection.applied_migrations().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(applied, versions.into_iter().rev().collect::<Vec<_>>());
    }

    fn one_revision_runs_at_a_time(database: &Database) {
        let source = source(History::chain(&["a1", "b1"]));
        let mut connection = database.connect();
        for version in ["000001-a1", "000002-b1"] {
            let ran = connection.run_next_migration(source.clone()).unwrap();
            assert_eq!(ran.to_string(), version);
        }
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
        let error = connection.run_next_migration(source).unwrap_err();
        assert_eq!(error.to_string(), "No migrations have been run. Did you forget `diesel migration run`?");
    }

    fn the_last_revision_is_reverted_and_then_all(database: &Database) {
        let source = source(forked());
        let mut connection = database.connect();
        run_pending(&mut connection, &source);
        assert_eq!(connection.revert_last_migration(source.clone()).unwrap().to_string(), "000004-a0");
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied", "c1 applied", "z1 applied"]);
        let reverted: Vec<_> = connection
            .revert_all_migrations(source.clone())
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(reverted, ["000003-c1", "000002-z1", "000002-b1", "000001-a1"]);
        assert!(database.ledger().is_empty() && diesel_table(database).is_empty());
        assert!(!database.has_table("t_a1"));
        let error = connection.revert_last_migration(source.clone()).unwrap_err();
        assert_eq!(error.to_string(), "No migrations have been run. Did you forget `diesel migration run`?");
        assert!(connection.revert_all_migrations(source).unwrap().is_empty());
    }

    fn a_version_that_the_source_does_not_have_is_not_reverted(database: &Database) {
        let mut connection = database.connect();
        run_pending(&mut connection, &source(History::chain(&["a1", "b1"])));
        let error = connection.revert_last_migration(source(History::chain(&["a1"]))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Unable to find migration version 000002-b1 to revert in the migrations directory."
        );
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn an_error_leaves_what_ran_before_it_and_nothing_of_its_own(database: &Database) {
        let source = source(
            History::chain(&["a1"])
                .with(Step::new("b1").on(&["a1"]).failing())
                .with(Step::new("c1").on(&["b1"])),
        );
        let mut connection = database.connect();
        let error = connection.run_pending_migrations(source).unwrap_err();
        assert_eq!(
            error.to_string(),
            "b1 failed: upgrade stopped at b1 after 0 of 1 steps: this step is meant to fail"
        );
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(diesel_table(database), ["000001-a1"]);
        assert!(!database.has_table("t_b1"));
        assert_eq!(connection.transaction_depth(), Some(0));
    }

    fn an_error_while_reverting_leaves_the_revision_applied(database: &Database) {
        let failing = Step::new("b1").on(&["a1"]).down(|cx| cx.execute("DROP TABLE not_there"));
        let source = source(History::chain(&["a1"]).with(failing));
        let mut connection = database.connect();
        run_pending(&mut connection, &source);
        let error = connection.revert_last_migration(source).unwrap_err().to_string();
        assert!(error.starts_with("b1 failed: downgrade stopped at b1 after 0 of 1 steps"), "{error}");
        assert!(error.contains("not_there"), "{error}");
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
        assert_eq!(diesel_table(database), ["000001-a1", "000002-b1"]);
    }

    fn what_is_irreversible_is_not_reverted(database: &Database) {
        let source = source(History::new().with(Step::new("a1").irreversible("its column is gone")));
        let mut connection = database.connect();
        run_pending(&mut connection, &source);
        let error = connection.revert_last_migration(source).unwrap_err();
        assert_eq!(error.to_string(), "a1 failed: revision a1 is irreversible: its column is gone");
        assert_eq!(diesel_table(database), ["000001-a1"]);
    }

    fn both_tables_commit_or_roll_back_together(database: &Database) {
        let source = source(History::chain(&["a1", "b1"]));
        let mut connection = database.connect();
        let outcome = connection.transaction(|connection| {
            assert_eq!(run_pending(connection, &source).len(), 2);
            Err::<(), _>(diesel::result::Error::RollbackTransaction)
        });
        assert_eq!(outcome, Err(diesel::result::Error::RollbackTransaction));
        assert!(!database.has_table("migrate_ledger") && !database.has_table("t_a1"));
        assert!(!database.has_table("__diesel_schema_migrations"));
        run_pending(&mut connection, &source);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_step_outside_a_transaction_tells_the_harness(database: &Database) {
        let depth = |connection: &mut AnyConnection| connection.transaction_depth().unwrap_or_default();
        let inside = Step::new("a1").up(move |cx| {
            assert!(depth(cx.connection()?) > 0);
            Ok(())
        });
        let outside = Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
            assert_eq!(depth(cx.connection()?), 0);
            Ok(())
        });
        let (inside, outside) = (inside.down(|_| Ok(())), outside.down(|_| Ok(())));
        let source = source(History::new().with(inside).with(outside));
        let within: Vec<_> = source
            .migrations()
            .unwrap()
            .iter()
            .map(|migration| migration.metadata().run_in_transaction())
            .collect();
        assert_eq!(within, [true, false]);
        let mut connection = database.connect();
        assert_eq!(run_pending(&mut connection, &source), ["000001-a1", "000002-b1"]);
        let reverted = connection.revert_all_migrations(source).unwrap().len();
        assert_eq!(reverted, 2);
    }

    fn what_the_ledger_has_is_entered_and_not_run_again(database: &Database) {
        let migrator = History::chain(&["a1", "b1"]).migrator();
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        let source = migrator.source();
        let mut connection = database.connect();
        assert_eq!(run_pending(&mut connection, &source), ["000001-a1", "000002-b1"]);
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
        source.migrator().downgrade(&mut connection, "-1").unwrap();
        assert_eq!(connection.revert_last_migration(source).unwrap().to_string(), "000002-b1");
        assert_eq!(diesel_table(database), ["000001-a1"]);
        assert_eq!(database.ledger(), ["a1 applied"]);
        assert_eq!(database.log(), ["upgrade a1", "downgrade b1", "upgrade b1"]);
    }

    fn a_revision_does_not_move_without_those_that_it_is_tied_to(database: &Database) {
        let source = source(History::chain(&["a1", "b1", "c1"]));
        let mut connection = database.connect();
        run_pending(&mut connection, &source);
        database.execute("DELETE FROM __diesel_schema_migrations WHERE version <> '000001-a1'");
        let error = connection.revert_last_migration(source.clone()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a1 failed: revision a1 cannot be undone alone: c1, b1 build on it"
        );
        source.migrator().downgrade(&mut connection, "base").unwrap();
        let error = connection.run_next_migration(source).unwrap_err();
        assert_eq!(
            error.to_string(),
            "b1 failed: revision b1 cannot be applied alone: the ledger does not have a1, which it builds on"
        );
        assert!(database.ledger().is_empty());
    }

    fn a_harness_with_output_names_each_revision(database: &Database) {
        let history = History::new()
            .with(Step::new("a1").message("Create users"))
            .with(Step::new("b1").on(&["a1"]).message("E-mail: lower case!"));
        let source = source(history);
        assert_eq!(names(&source), ["000001-a1_create_users", "000002-b1_e_mail_lower_case"]);
        let mut connection = database.connect();
        let mut output = Vec::new();
        HarnessWithOutput::new(&mut connection, &mut output).run_pending_migrations(source.clone()).unwrap();
        HarnessWithOutput::new(&mut connection, &mut output).revert_last_migration(source).unwrap();
        assert_eq!(
            String::from_utf8(output).unwrap(),
            "Running migration 000001-a1_create_users\n\
             Running migration 000002-b1_e_mail_lower_case\n\
             Rolling back migration 000002-b1_e_mail_lower_case\n"
        );
    }

    fn an_empty_database_is_begun_and_one_with_tables_is_not(database: &Database) {
        let migrator = History::chain(&["a1"]).silent().migrator();
        let options = Options { allow_tables: false, ..migrator.options().clone() };
        let source = migrator.with_options(options).source();
        let mut connection = database.connect();
        let error = connection.run_pending_migrations(source.clone()).unwrap_err().to_string();
        assert_eq!(error, "a1 failed: the database holds 2 tables and no ledger: __diesel_schema_migrations, applied_log");
        database.execute("DROP TABLE applied_log");
        assert_eq!(run_pending(&mut connection, &source), ["000001-a1"]);
        assert_eq!(database.ledger(), ["a1 applied"]);
    }

    fn what_was_reverted_runs_again(database: &Database) {
        let source = source(History::chain(&["a1", "b1"]));
        let mut connection = database.connect();
        run_pending(&mut connection, &source);
        for _ in 0..2 {
            connection.revert_last_migration(source.clone()).unwrap();
            assert_eq!(run_pending(&mut connection, &source), ["000002-b1"]);
        }
        connection.revert_all_migrations(source.clone()).unwrap();
        assert_eq!(run_pending(&mut connection, &source), ["000001-a1", "000002-b1"]);
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_revision_that_is_added_is_pending(database: &Database) {
        let mut connection = database.connect();
        run_pending(&mut connection, &source(History::chain(&["b1"])));
        let grown = source(History::chain(&["b1", "a1"]));
        assert!(connection.has_pending_migration(grown.clone()).unwrap());
        assert_eq!(run_pending(&mut connection, &grown), ["000002-a1"]);
    }

    fn other_sources_run_beside(database: &Database) {
        let mut connection = database.connect();
        let own = History::chain(&["a1"]);
        run_pending(&mut connection, &source(own));
        database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20200101')");
        let grown = source(History::chain(&["a1", "b1"]));
        assert_eq!(run_pending(&mut connection, &grown), ["000002-b1"]);
        let error = connection.revert_all_migrations(grown).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Unable to find migration version 20200101 to revert in the migrations directory."
        );
    }

    fn a_source_is_read_without_a_connection(_database: &Database) {
        assert_eq!(names(&source(History::chain(&["a1"]))), ["000001-a1_step_a1"]);
    }
}

#[test]
fn a_pooled_connection_is_lent_by_reference() {
    let database = SqliteFile::new().into_database();
    let path = database.url().trim_start_matches("sqlite:").to_owned();
    let pool = Pool::builder().max_size(1).build(ConnectionManager::<SqliteConnection>::new(path)).unwrap();
    let source = Migrator::<SqliteConnection>::new(super::app::sqlite::MANIFEST).unwrap();
    let source = migrate_tests::testkit::among_tables(source).source();
    let mut pooled = pool.get().unwrap();
    let error = pooled.run_next_migration(source.clone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "these migrations run on diesel::sqlite::connection::SqliteConnection, and the harness has another \
         connection; of a pooled one pass `&mut *pooled`"
    );
    let connection: &mut SqliteConnection = &mut pooled;
    connection.batch_execute("SELECT 1").unwrap();
    assert_eq!(connection.run_pending_migrations(source).unwrap().len(), 8);
}

#[test]
fn a_changed_search_path_does_not_lose_a_ledger() {
    let database = migrate_tests::testkit::Postgres::shared().database();
    let step = Step::new("a1").up(|cx| {
        cx.execute("CREATE SCHEMA other")?;
        cx.execute("SELECT set_config('search_path', 'other', true)")
    });
    let source = source(History::new().with(step).with(Step::new("b1").on(&["a1"])));
    let mut connection = database.connect();
    let error = connection.run_pending_migrations(source.clone()).unwrap_err();
    assert_eq!(error.to_string(), "relation \"__diesel_schema_migrations\" does not exist");
    assert!(database.ledger().is_empty(), "ours has not kept what Diesel's has not");
}
