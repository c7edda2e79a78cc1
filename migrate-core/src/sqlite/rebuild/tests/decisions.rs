//! SQLite's own `ALTER TABLE`, or a copy.

use super::*;
use crate::sqlite::{SchemaSnapshot, plan_rebuild};

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INT);
    INSERT INTO users VALUES (1, 'Ada', 36), (2, 'Bob', NULL)";

#[test]
fn sqlite_adds_the_columns_that_it_can_and_the_others_take_a_copy() {
    for definition in [
        "c",
        "c TEXT NOT NULL DEFAULT ''",
        "c INT DEFAULT -1 CHECK (c < 0)",
        "c AS (age + 1)",
        "c COLLATE nocase",
    ] {
        let mut database = database(USERS);
        assert!(!copied(&change(&mut database, "users", &[add_column(definition)])), "{definition}");
    }
    for definition in [
        "c UNIQUE",
        "c DEFAULT CURRENT_TIMESTAMP",
        "c DEFAULT (abs(-1))",
        "c INT AS (age + 1) STORED",
        "c INT DEFAULT 1 REFERENCES users",
    ] {
        let mut database = database(USERS);
        let changes = change(&mut database, "users", &[add_column(definition)]);
        assert!(copied(&changes), "{definition}");
        assert!(changes[0].because().unwrap().starts_with("SQLite's ADD COLUMN takes no "), "{changes:?}");
        // SQLite itself must agree that there was no other way.
        let mut plain = super::database(USERS);
        plain.batch(&format!("ALTER TABLE users ADD COLUMN {definition}")).unwrap_err();
    }
}

#[test]
fn sqlite_drops_the_columns_that_it_can_and_the_others_take_a_copy() {
    let script = "CREATE TABLE t (a UNIQUE, b INT NOT NULL CHECK (b > 0), c REFERENCES t (a), d);
        INSERT INTO t VALUES (1, 2, 1, 4)";
    for (column, by_copy) in [("a", true), ("b", false), ("c", true), ("d", false)] {
        let mut database = database(script);
        let mut edits = vec![drop_column(column)];
        if column == "a" {
            // Nothing may refer to it.
            edits.insert(0, drop_column("c"));
        }
        assert_eq!(copied(&change(&mut database, "t", &edits)), by_copy, "{column}");
        assert!(!rows(&mut database, "SELECT name FROM pragma_table_info('t')").contains(&column.to_owned()));
    }
}

#[test]
fn several_changes_share_one_copy() {
    let mut database = database(USERS);
    let edits = [
        add_column("email TEXT"),
        set_type("age", "REAL"),
        set_not_null("name"),
        add_constraint("CONSTRAINT grown CHECK (age IS NULL OR age > 0)"),
        drop_column("email"),
        add_column("mail TEXT DEFAULT 'x'"),
    ];
    let changes = change(&mut database, "users", &edits);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].because(), Some("SQLite's ALTER TABLE cannot change the type of a column"));
    assert_eq!(
        rows(&mut database, "SELECT id, name, age, typeof(age), mail FROM users ORDER BY id"),
        ["1|Ada|36.0|real|x", "2|Bob|NULL|null|x"]
    );
    assert_eq!(
        rows(&mut database, "SELECT sql FROM sqlite_schema"),
        [
            "CREATE TABLE \"users\" (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age REAL, mail TEXT DEFAULT 'x', \
          CONSTRAINT grown CHECK (age IS NULL OR age > 0))"
        ]
    );
}

#[test]
fn what_is_so_already_changes_nothing() {
    let mut database = database(USERS);
    assert_eq!(change(&mut database, "USERS", &[set_type("NAME", "TEXT")]), []);
    assert_eq!(change(&mut database, "users", &[]), []);
}

#[test]
fn a_renamed_column_is_known_by_its_new_name_afterwards() {
    let mut database = database(USERS);
    database
        .batch("CREATE INDEX by_name ON users (name); CREATE VIEW names AS SELECT name FROM users")
        .unwrap();
    let edits = [
        set_not_null("name"),
        rename_column("name", "full name"),
        rename_column("age", "years"),
        set_type("full name", "VARCHAR"),
        add_constraint("CHECK (years < 200)"),
    ];
    let changes = change(&mut database, "users", &edits);
    let kinds: Vec<_> = changes.iter().map(|change| change.because().is_some()).collect();
    assert_eq!(kinds, [true, false, false, true]);
    assert_eq!(rows(&mut database, "SELECT * FROM names"), ["Ada", "Bob"]);
    assert_eq!(rows(&mut database, "SELECT name FROM pragma_index_info('by_name')"), ["full name"]);
    let error = plan_rebuild(
        &SchemaSnapshot::read(&mut database).unwrap(),
        "users",
        &[rename_column("years", "age"), set_type("age", "REAL")],
    );
    assert!(matches!(error, Err(RebuildError::AfterRename { .. })), "{error:?}");
}

#[test]
fn the_statements_of_a_plan_do_the_same_as_a_run() {
    let script = "CREATE TABLE p (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT CHECK (p.name <> ''));
        CREATE TABLE c (p REFERENCES \"P\" ON DELETE CASCADE);
        CREATE INDEX by_name ON p (lower(name)) WHERE name IS NOT NULL;
        CREATE VIEW v AS SELECT name FROM p;
        CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE p SET name = 'x' WHERE id = new.p; END;
        INSERT INTO p VALUES (7, 'a'), (9, 'b'); INSERT INTO c VALUES (7); DELETE FROM p WHERE id = 9";
    let edits = [set_not_null("name"), rename_column("name", "title")];
    let (mut run, mut planned) = (database(script), database(script));
    change(&mut run, "p", &edits);
    let plan = plan_rebuild(&SchemaSnapshot::read(&mut planned).unwrap(), "p", &edits).unwrap();
    planned.batch("PRAGMA foreign_keys = OFF; BEGIN").unwrap();
    for statement in plan.iter().flat_map(Change::statements) {
        planned.batch(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    planned.batch("COMMIT; PRAGMA foreign_keys = ON").unwrap();
    assert_eq!(schema(&mut planned), schema(&mut run));
    for query in
        ["SELECT * FROM p", "SELECT * FROM c", "SELECT * FROM sqlite_sequence", "PRAGMA legacy_alter_table"]
    {
        assert_eq!(rows(&mut planned, query), rows(&mut run, query), "{query}");
    }
    assert_eq!(rows(&mut run, "SELECT * FROM c"), ["7"]);
    assert_eq!(rows(&mut run, "SELECT * FROM sqlite_sequence"), ["p|9"]);
}
