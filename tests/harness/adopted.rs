//! A Diesel application that goes on with typed revisions: its history is kept, and a backfill comes on top.

use diesel_migrations::MigrationHarness as _;
use migrate_core::adopt::Tool;
use migrate_core::connection::Dialect;
use migrate_core::plan::Step;
use migrate_core::runner::Error;
use migrate_core::{Migrator, Options};
use migrate_tests::testkit::Database;

use super::servers::{App, for_each_app};

/// What the application's database holds after a year: readers with addresses as they typed them, and loans.
const ROWS: &str = "\
    INSERT INTO readers (name, email) VALUES ('Ada', ' Ada@Example.org '), ('Grace', 'GRACE+loans@navy.example'), \
    ('Edsger', 'edsger@tue.example'); \
    INSERT INTO loans (reader_id, isbn, lent_on, back_on) VALUES \
    (1, '9780201896831', '2024-10-01', NULL), (2, '020103801X', '2024-10-02', '2024-10-20')";

/// A database as the application left it, migrated by Diesel's own harness.
fn old_database<A: App>() -> Database {
    let database = A::database();
    database.execute("DROP TABLE applied_log");
    let mut connection = A::connect(&database);
    assert_eq!(connection.run_pending_migrations(A::embedded()).unwrap().len(), 5);
    database.execute(ROWS);
    database
}

/// A copy to try the way on: what is done to it is not done to the application's own.
fn copy(database: &Database) -> Option<Database> {
    (database.dialect() == Dialect::Postgres).then(|| database.copy())
}

fn diesel_table(database: &Database) -> Vec<Vec<String>> {
    database.rows("SELECT version, CAST(run_on AS text) FROM __diesel_schema_migrations ORDER BY version")
}

fn migrator<A: App>() -> Migrator<A::Connection> {
    A::migrator().with_options(Options::default())
}

for_each_app! {
    fn its_history_is_kept_and_a_backfill_runs_on_top<A>() {
        let original = old_database::<A>();
        let diesel_before = diesel_table(&original);
        let database = copy(&original);
        let database = database.as_ref().unwrap_or(&original);
        let migrator = migrator::<A>();
        let mut connection = A::connect(database);

        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
        adopt::<A>(&migrator, &mut connection);
        let plan = migrator.plan_upgrade(&mut connection, "heads").unwrap();
        let pending: Vec<_> = plan.steps.iter().map(Step::id).collect();
        assert_eq!(pending, ["5d2c7e90a1b4", "8f03b6aa21d9", "c71e5d0f3a82"]);

        let report = migrator.upgrade(&mut connection, "heads").unwrap();
        let order: Vec<_> = report.steps.iter().map(|step| step.revision.as_str()).collect();
        assert_eq!(order, pending);
        assert_eq!(
            database.column("SELECT email_key FROM readers ORDER BY id"),
            ["ada@example.org", "grace@navy.example", "edsger@tue.example"]
        );
        assert_eq!(database.column("SELECT isbn FROM loans ORDER BY id"), ["9780201896831", "020103801X"]);
        assert_eq!(diesel_table(database), diesel_before);
        migrator.ensure_current(&mut connection).unwrap();
    }

    fn a_database_begun_anew_gets_both_in_order<A>() {
        let database = A::database();
        database.execute("DROP TABLE applied_log");
        let migrator = migrator::<A>();
        let mut connection = A::connect(&database);
        assert_eq!(migrator.upgrade(&mut connection, "20240910163305").unwrap().steps.len(), 5);
        database.execute(ROWS);
        assert_eq!(migrator.upgrade(&mut connection, "heads").unwrap().steps.len(), 3);
        assert_eq!(database.column("SELECT email_key FROM readers ORDER BY id")[1], "grace@navy.example");
        assert!(!database.has_table("__diesel_schema_migrations"));
    }
}

/// Takes over what Diesel's table says.
fn adopt<A: App>(migrator: &Migrator<A::Connection>, connection: &mut A::Connection) {
    let preview = migrator.adopt_preview(connection, Tool::Diesel).unwrap();
    let report = migrator.adopt(connection, Tool::Diesel).unwrap();
    assert_eq!(preview, report);
    assert_eq!(report.heads, ["20240910163305"]);
    assert_eq!(report.adopted.len(), 5);
    assert!(report.adopted.iter().all(|adopted| adopted.applied_at.is_some()));
}

#[test]
fn an_application_may_stay_with_diesels_harness() {
    type A = super::servers::OnPostgres;
    let database = old_database::<A>();
    let mut connection = A::connect(&database);
    let error = super::app::start::migrate(&mut connection).unwrap_err().to_string();
    assert!(error.contains("cannot be applied alone"), "{error}");
    adopt::<A>(&migrator::<A>(), &mut connection);
    super::app::start::migrate(&mut connection).unwrap();
    super::app::start::migrate(&mut connection).unwrap();
    assert_eq!(diesel_table(&database).len(), 8);
    let again = migrator::<A>().adopt(&mut connection, Tool::Diesel).unwrap();
    assert_eq!((again.adopted.len(), again.agreeing.len()), (0, 8));
    migrator::<A>().ensure_current(&mut connection).unwrap();
}
