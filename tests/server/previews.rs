//! `plan`: what a run would do, told without doing it.

use migrate_core::connection::Dialect;
use migrate_core::operation::{Name, TableLock};
use migrate_core::prelude::*;
use migrate_core::preview::StepPreview;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, SqliteFile, Step};

fn users() -> Step {
    Step::new("a1").up(|cx| {
        cx.create_table(
            table("users")
                .column(column("id", BigInt).identity().primary_key())
                .column(column("age", Integer)),
        )
    })
}

fn sql(step: &StepPreview) -> Vec<&str> {
    let statements = step.operations.iter().flat_map(|operation| &operation.statements);
    statements.map(|preview| preview.statement.sql.as_str()).collect()
}

on_each_server! {
    fn a_preview_changes_nothing_and_runs_no_rust(database: &Database) {
        let step = Step::new("b1").on(&["a1"]).up(|cx| {
            cx.data("count", |_| panic!("a preview runs no Rust"))?;
            cx.create_index(index("idx_users_age").on("users", ["age"]))?;
            cx.connection()?;
            panic!("there is no connection")
        });
        let migrator = History::new().with(users()).with(step).silent().migrator();
        let before = database.schema();
        let preview = migrator.preview_upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(database.schema(), before);
        let [first, second] = preview.steps.as_slice() else { panic!("{preview:?}") };
        assert!(!first.opaque && second.opaque && second.fault.is_none());
        assert_eq!(second.operations.len(), 2, "what is asked for before the connection is known");
        assert!(preview.tables.is_empty(), "no table of the plan is there yet");
    }

    fn a_preview_says_where_a_step_would_fail(database: &Database) {
        let step = Step::new("b1").on(&["a1"]).up(|cx| {
            cx.create_index(index("idx_users_age").on("users", ["age"]))?;
            Err(BodyError::new("not today"))
        });
        let migrator = History::new().with(users()).with(step).silent().migrator();
        let preview = migrator.preview_upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(preview.steps[1].fault.as_deref(), Some("not today"));
        assert_eq!(sql(&preview.steps[1]).len(), 1);
    }
}

#[test]
fn a_preview_knows_the_tables_and_their_sizes() {
    let database = Postgres::shared().database();
    let change = Step::new("b1").on(&["a1"]).up(|cx| {
        cx.set_not_null("users", "age")?;
        cx.create_index(index("idx_users_age").on("users", ["age"]))
    });
    let migrator = History::new().with(users()).with(change).silent().migrator();
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    database.execute("INSERT INTO users (age) SELECT n FROM generate_series(1, 5000) AS n; ANALYZE users");
    let preview = migrator.preview_upgrade(&mut database.connect(), "heads").unwrap();
    let users = Name::from("users");
    let effects: Vec<_> = preview.steps[0].effects().collect();
    assert_eq!(effects[0].locks[&users], TableLock::AccessExclusive);
    assert_eq!(effects[1].locks[&users], TableLock::Share);
    assert!(effects.iter().all(|effect| effect.scans.contains(&users) && !effect.unknown));
    assert_eq!(preview.tables[&users].rows, Some(5000));
    assert!(preview.tables[&users].bytes > 100_000);
}

#[test]
fn a_preview_of_sqlite_has_the_statements_that_a_run_takes() {
    let database = SqliteFile::new().into_database();
    assert_eq!(database.dialect(), Dialect::Sqlite);
    let change = Step::new("b1").on(&["a1"]).up(|cx| cx.set_not_null("users", "age"));
    let migrator = History::new().with(users()).with(change).silent().migrator();
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    database.execute("CREATE INDEX by_hand ON users (age)");
    let preview = migrator.preview_upgrade(&mut database.connect(), "heads").unwrap();
    let statements = sql(&preview.steps[0]);
    assert!(statements.iter().any(|sql| sql.contains("by_hand")), "of the schema as it is: {statements:?}");
    assert!(preview.steps[0].effects().any(|effect| effect.rewrites.contains(&"users".into())));
    database.execute(&statements.join(";\n"));
    let schema = database.schema();
    let run = SqliteFile::new().into_database();
    migrator.upgrade(&mut run.connect(), "a1").unwrap();
    run.execute("CREATE INDEX by_hand ON users (age)");
    migrator.upgrade(&mut run.connect(), "heads").unwrap();
    assert_eq!(schema, run.schema());
}

#[test]
fn a_preview_of_sqlite_sees_past_virtual_tables() {
    let database = SqliteFile::new().into_database();
    let change = Step::new("b1").on(&["a1"]).up(|cx| cx.set_not_null("users", "age"));
    let migrator = History::new().with(users()).with(change).silent().migrator();
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    // The last one is of an extension that only the writer of the file has loaded.
    database.execute(
        "CREATE VIRTUAL TABLE words USING fts5(word); CREATE VIRTUAL TABLE areas USING rtree(id, low, high);
         CREATE VIEW both_of_them AS SELECT word, low FROM words, areas;
         PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
         VALUES ('table', 'elsewhere', 'elsewhere', 0, 'CREATE VIRTUAL TABLE elsewhere USING nowhere(a)')",
    );
    let preview = migrator.preview_upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(preview.steps[0].fault, None);
    assert!(sql(&preview.steps[0]).iter().any(|sql| sql.contains("NOT NULL")));
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
}
