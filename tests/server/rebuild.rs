//! Steps that rebuild an SQLite table while foreign keys are enforced.

use std::sync::{Arc, Mutex};

use diesel::connection::SimpleConnection as _;
use diesel::result::DatabaseErrorKind;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_core::runner::{Error, Event};
use migrate_core::sqlite::{Edit, rebuild};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::rebuilds;
use migrate_tests::testkit::{Database, History, SqliteFile, Step};

use crate::worker::{assert_succeeded, start, wait_until};

/// A parent whose children would go with it.
fn family() -> Database {
    let database = SqliteFile::new().into_database();
    database.execute(
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE);
         INSERT INTO parent VALUES (1, 'a'), (2, 'b'); INSERT INTO child VALUES (10, 1), (20, 2)",
    );
    database
}

fn children(database: &Database) -> Vec<String> {
    database.column("SELECT id || ' of ' || parent FROM child ORDER BY id")
}

fn parent_is_rebuilt(database: &Database) -> bool {
    database.one("SELECT \"notnull\" FROM pragma_table_info('parent') WHERE name = 'name'") == "1"
}

fn rebuild_parent(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    let edits = [Edit::SetNotNull { column: "name".to_owned() }];
    rebuild(cx.connection()?, "parent", &edits)?;
    Ok(())
}

fn enforces(connection: &mut AnyConnection) -> bool {
    connection.query("PRAGMA foreign_keys", &[]).unwrap()[0][0].as_deref() == Some("1")
}

fn single(migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    let options = Options { single_transaction: true, ..migrator.options().clone() };
    migrator.with_options(options)
}

fn step() -> Step {
    Step::new("b1").on(&["a1"]).up(rebuild_parent)
}

/// The connection enforces foreign keys before, and afterwards.
#[track_caller]
fn upgrade(migrator: &Migrator<AnyConnection>, database: &Database) -> Result<(), Error> {
    let mut connection = database.connect();
    assert!(enforces(&mut connection));
    let outcome = migrator.upgrade(&mut connection, "heads");
    assert!(enforces(&mut connection));
    assert_eq!(connection.transaction_depth(), Some(0));
    outcome.map(|report| assert_eq!(report.steps.len(), 3))
}

fn history(step: Step) -> History {
    History::chain(&["a1"]).with(step).with(Step::new("c1").on(&["b1"]))
}

#[test]
fn the_children_of_a_rebuilt_table_survive_in_every_mode() {
    for mode in ["step by step", "outside a transaction", "one transaction"] {
        let database = family();
        let step = if mode == "outside a transaction" { step().outside_transaction() } else { step() };
        let migrator = history(step).migrator();
        let migrator = if mode == "one transaction" { single(migrator) } else { migrator };
        upgrade(&migrator, &database).unwrap_or_else(|error| panic!("{mode}: {error:?}"));
        assert!(parent_is_rebuilt(&database), "{mode}");
        assert_eq!(children(&database), ["10 of 1", "20 of 2"], "{mode}");
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied", "c1 applied"], "{mode}");
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1", "upgrade c1"], "{mode}");
    }
}

#[test]
fn a_step_that_runs_again_is_announced_once() {
    for in_one_transaction in [false, true] {
        let database = family();
        let (sender, events) = std::sync::mpsc::channel();
        let migrator = history(step()).migrator();
        let migrator = if in_one_transaction { single(migrator) } else { migrator };
        let migrator = migrator.on_event(move |event| sender.send(event.clone()).unwrap());
        upgrade(&migrator, &database).unwrap();
        let told = |event: Event| match event {
            Event::Started { revision, .. } => Some(format!("{revision} started")),
            Event::Finished { revision, .. } => Some(format!("{revision} finished")),
            _ => None,
        };
        let told: Vec<_> = events.try_iter().filter_map(told).collect();
        let each = ["a1", "b1", "c1"].map(|id| [format!("{id} started"), format!("{id} finished")]);
        assert_eq!(told, each.concat());
    }
}

#[test]
fn what_the_database_would_have_carried_over_meanwhile_is_an_error() {
    for in_one_transaction in [false, true] {
        let database = family();
        let step = Step::new("b1").on(&["a1"]).up(|cx| {
            rebuild_parent(cx)?;
            cx.execute("DELETE FROM parent WHERE id = 2")
        });
        let migrator = history(step).migrator();
        let migrator = if in_one_transaction { single(migrator) } else { migrator };
        let Err(Error::Stopped { cause, .. }) = upgrade(&migrator, &database) else { panic!("no refusal") };
        assert_eq!(
            cause.to_string(),
            "1 foreign key is broken by the step: row 20 of child, which refers to parent"
        );
        assert_eq!(children(&database), ["10 of 1", "20 of 2"]);
        assert_eq!(database.one("SELECT count(*) FROM parent"), "2");
        assert!(!parent_is_rebuilt(&database));
    }
}

#[test]
fn keys_that_were_broken_before_are_no_reason_to_stop() {
    let database = family();
    database.execute("PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (30, 99)");
    upgrade(&history(step()).migrator(), &database).unwrap();
    assert_eq!(children(&database), ["10 of 1", "20 of 2", "30 of 99"]);
}

#[test]
fn foreign_keys_are_on_again_after_a_failure_and_after_a_panic() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    for ends in ["error", "panic"] {
        for in_one_transaction in [false, true] {
            let database = family();
            let note = Arc::clone(&seen);
            let step = Step::new("b1").on(&["a1"]).up(move |cx| {
                rebuild_parent(cx)?;
                note.lock().unwrap().push(enforces(cx.connection()?));
                if ends == "panic" { panic!("a bug in a migration") } else { Err(BodyError::new("no")) }
            });
            let migrator = history(step).migrator();
            let migrator = if in_one_transaction { single(migrator) } else { migrator };
            let mut connection = database.connect();
            let run =
                std::panic::AssertUnwindSafe(|| migrator.upgrade(&mut connection, "heads").unwrap_err());
            assert_eq!(std::panic::catch_unwind(run).is_err(), ends == "panic");
            assert!(enforces(&mut connection));
            assert_eq!(children(&database), ["10 of 1", "20 of 2"]);
            assert!(!parent_is_rebuilt(&database));
        }
    }
    assert_eq!(*seen.lock().unwrap(), [false; 4], "they were off meanwhile");
}

#[test]
fn the_step_after_a_rebuild_has_foreign_keys_again() {
    let database = family();
    let after = Step::new("c1").on(&["b1"]).up(|cx| {
        assert!(enforces(cx.connection()?));
        cx.execute("DELETE FROM parent WHERE id = 2")
    });
    let migrator = History::chain(&["a1"]).with(step()).with(after).migrator();
    upgrade(&migrator, &database).unwrap();
    assert_eq!(children(&database), ["10 of 1"], "the other one went with its parent");
}

#[test]
fn a_passing_failure_of_a_rebuilding_step_is_tried_again() {
    let database = family();
    let left = Arc::new(Mutex::new(2));
    let step = Step::new("b1").on(&["a1"]).up(move |cx| {
        rebuild_parent(cx)?;
        let mut left = left.lock().unwrap();
        if *left == 0 {
            return Ok(());
        }
        *left -= 1;
        let said = Box::new("database is locked".to_owned());
        Err(diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, said))?
    });
    upgrade(&history(step).migrator(), &database).unwrap();
    assert!(parent_is_rebuilt(&database));
    assert_eq!(children(&database), ["10 of 1", "20 of 2"]);
}

#[test]
fn in_the_callers_transaction_a_rebuild_is_refused() {
    let database = family();
    let mut connection = database.connect();
    let migrator = history(step()).migrator();
    connection.begin("").unwrap();
    let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(
        cause.to_string(),
        "table parent cannot be rebuilt or dropped in a transaction in which foreign keys are enforced"
    );
    connection.rollback().unwrap();
    assert_eq!(children(&database), ["10 of 1", "20 of 2"]);
    assert!(enforces(&mut connection));
}

#[test]
fn a_connection_without_foreign_keys_stays_without() {
    let database = family();
    let mut connection = database.connect();
    connection.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
    history(step()).migrator().upgrade(&mut connection, "heads").unwrap();
    assert!(!enforces(&mut connection));
    assert!(parent_is_rebuilt(&database));
    assert_eq!(children(&database), ["10 of 1", "20 of 2"]);
}

/// What a file holds, the rows as their numbers and sums.
fn contents(database: &Database) -> Vec<String> {
    let mut contents = database
        .column("SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1");
    for sum in [
        "SELECT 'authors ' || count(*) || ' ' || sum(id * born + best_book) || ' ' || sum(length(name)) FROM authors",
        "SELECT 'books ' || count(*) || ' ' || sum(id * pages + author) || ' ' || sum(length(title)) FROM books",
        "SELECT 'log ' || count(*) FROM log",
        "SELECT name || ' ' || seq FROM sqlite_sequence",
    ] {
        contents.extend(database.column(sum));
    }
    contents
}

/// Two tables of 100,000 rows that refer to each other, at the revision before the one that rebuilds both.
fn full_tables() -> Database {
    let database = SqliteFile::new().into_database();
    database.execute(&rebuilds::tables(100_000));
    assert_succeeded(&start(database.url(), &["--rebuilds", "upgrade", "a1"]).finish());
    database
}

#[test]
fn two_tables_that_refer_to_each_other_are_rebuilt_in_one_step() {
    let database = full_tables();
    let before = contents(&database);
    let views = ["SELECT count(*) || '' FROM catalogue", "SELECT count(*) || '' FROM long_ones"];
    let seen = views.map(|view| database.one(view));
    let mut connection = database.connect();
    assert!(enforces(&mut connection));
    rebuilds::migrator().upgrade(&mut connection, "heads").unwrap();
    assert!(enforces(&mut connection));
    let after = contents(&database);
    let (gone, new): (Vec<_>, Vec<_>) = (
        before.iter().filter(|line| !after.contains(line)).collect(),
        after.iter().filter(|line| !before.contains(line)).collect(),
    );
    assert_eq!((gone.len(), new.len()), (2, 2), "the two tables and nothing else: {gone:?} {new:?}");
    assert!(new[0].contains("name TEXT NOT NULL") && new[1].contains("CHECK (pages >= 0)"), "{new:?}");
    assert_eq!(views.map(|view| database.one(view)), seen);
    assert_eq!(database.column("SELECT 'broken' FROM pragma_foreign_key_check"), [""; 0]);
    assert_eq!(database.one("PRAGMA integrity_check"), "ok");
    connection.batch_execute("DELETE FROM authors WHERE id = 100000").unwrap();
    assert_eq!(database.one("SELECT what FROM log LIMIT 1"), "a title of some length, number 1");
}

/// Killed at ten moments between the first write to the journal and the end.
#[test]
fn a_process_killed_in_the_middle_of_a_rebuild_leaves_the_file_as_it_was() {
    let database = full_tables();
    let path = database.url().trim_start_matches("sqlite://").to_owned();
    let journal = format!("{path}-journal");
    let written = || std::fs::metadata(&journal).and_then(|file| file.modified()).ok();
    // SQLite writes the first byte when what it journaled is safe and the file itself may change.
    let is_hot = || std::fs::read(&journal).is_ok_and(|bytes| bytes.first().is_some_and(|first| *first != 0));
    let before = contents(&database);
    let another = full_tables();
    let began = std::time::Instant::now();
    assert_succeeded(&start(another.url(), &["--rebuilds", "upgrade", "heads"]).finish());
    let whole = began.elapsed();
    let mut hot = 0;
    for moment in 0..10 {
        // A journal that is not hot stays until the next one writes.
        let left = written();
        let mut victim = start(database.url(), &["--rebuilds", "upgrade", "heads"]);
        wait_until("the step writes", || written().is_some_and(|now| left != Some(now)));
        std::thread::sleep(whole * moment / 12);
        victim.kill();
        hot += u32::from(is_hot());
        if database.ledger() == ["a1 applied", "b1 applied"] {
            break;
        }
        assert_eq!(database.ledger(), ["a1 applied"], "moment {moment}");
        assert_eq!(contents(&database), before, "moment {moment}");
        assert_eq!(database.one("PRAGMA integrity_check"), "ok", "moment {moment}");
        assert!(!is_hot(), "moment {moment}");
    }
    assert!(hot > 0, "none was killed while it wrote");
    let mut connection = database.connect();
    rebuilds::migrator().upgrade(&mut connection, "heads").unwrap();
    assert!(enforces(&mut connection));
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    assert_eq!(
        database.column("SELECT name FROM sqlite_schema WHERE name LIKE '%migrate_rebuild%'"),
        [""; 0]
    );
    assert!(!std::fs::exists(&journal).unwrap());
    // The rows, and how far the numbers were given.
    assert!(contents(&database).ends_with(&before[before.len() - 4..]));
}

fn dropping(table: &'static str) -> Step {
    Step::new("b1").on(&["a1"]).up(move |cx| cx.drop_table(table))
}

#[test]
fn rows_do_not_go_with_a_dropped_table_that_they_refer_to() {
    let database = family();
    let error = upgrade(&history(dropping("parent")).migrator(), &database).unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(
        cause.to_string(),
        "2 foreign keys are broken by the step: row 10 of child, which refers to parent, and others"
    );
    assert_eq!(children(&database), ["10 of 1", "20 of 2"]);
}

#[test]
fn a_table_that_no_row_refers_to_any_more_is_dropped() {
    let database = family();
    let step = Step::new("b1").on(&["a1"]).up(|cx| {
        cx.drop_table("parent")?;
        cx.drop_table("child")
    });
    upgrade(&history(step).migrator(), &database).unwrap();
    assert_eq!(database.one("SELECT count(*) FROM sqlite_schema WHERE name IN ('parent', 'child')"), "0");
}

#[test]
fn an_index_on_a_column_that_is_not_there_is_refused() {
    let database = family();
    let step = Step::new("b1").on(&["a1"]).up(|cx| cx.create_index(index("i").on("parent", ["nmae"])));
    let error = upgrade(&history(step).migrator(), &database).unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause.to_string(), "cannot create index i on parent: the table has no column nmae");
}
