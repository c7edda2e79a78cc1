//! What is refused, and that nothing is left of the attempt.

use super::*;
use crate::sqlite::{ConstraintRef, EditError};

const STRICT: &str = "CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY, b TEXT) STRICT;
    INSERT INTO t VALUES (1, 1, 'x'), (2, 'two', NULL), (3, x'03', 'y'), (4, '4', NULL), (5, 5.5, 'z'), (6, 6.0, '')";

#[test]
fn rows_that_do_not_fit_are_counted_and_one_is_shown() {
    let all = [
        (set_type("a", "INTEGER"), "3 rows do not fit INTEGER of column a, such as 'two'"),
        (set_type("a", "REAL"), "2 rows do not fit REAL of column a, such as 'two'"),
        (set_type("a", "TEXT"), "1 row does not fit TEXT of column a, such as X'03'"),
        (set_type("a", "BLOB"), "5 rows do not fit BLOB of column a, such as '4'"),
        (set_not_null("b"), "2 rows do not fit NOT NULL of column b, such as (2, 'two', NULL)"),
        (
            add_constraint("CHECK (length(b) = 1)"),
            "1 row does not fit CHECK (length(b) = 1), such as (6, 6.0, '')",
        ),
        (
            add_constraint("CONSTRAINT short CHECK (id < 5)"),
            "2 rows do not fit check short, such as (5, 5.5, 'z')",
        ),
    ];
    for (edit, said) in all {
        let mut database = database(STRICT);
        let error = refused(&mut database, "t", &[edit]);
        let expected = format!("the rows of table t do not fit its new definition: {said}");
        assert_eq!(error.to_string(), expected, "{}", chain(&error));
        assert!(!chain(&error).contains("migrate_rebuild"), "{}", chain(&error));
        assert_eq!(rows(&mut database, "SELECT count(*) FROM t"), ["6"]);
    }
}

#[test]
fn a_column_that_something_uses_is_not_dropped() {
    let script = "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b CHECK (b > \"a\"), c AS (d) STORED, d, e, f, g, UNIQUE (e, f));
        CREATE INDEX by_g ON t (lower(\"g\")); CREATE VIEW v AS SELECT \"f\" FROM t;
        CREATE TRIGGER on_g AFTER UPDATE OF g ON t BEGIN SELECT 1; END;";
    let all = [
        ("a", "the definition of column b"),
        ("d", "the definition of column c"),
        ("e", "the constraint UNIQUE (e, f)"),
        ("g", "index by_g"),
    ];
    for (column, user) in all {
        let mut database = database(script);
        let error = refused(&mut database, "t", &[drop_column(column)]);
        assert_eq!(error.to_string(), format!("column {column} of table t is used by {user}"));
        // SQLite's own ALTER TABLE refuses, too.
        database.batch(&format!("ALTER TABLE t DROP COLUMN {column}")).unwrap_err();
    }
    let mut database = database(script);
    let without = Edit::DropConstraint(ConstraintRef::Unique(vec!["e".to_owned(), "f".to_owned()]));
    let error = refused(&mut database, "t", &[without.clone(), drop_column("f")]);
    assert_eq!(error.to_string(), "column f of table t is used by view v");
    change(&mut database, "t", &[without, drop_column("e")]);
    database.batch("DROP INDEX by_g").unwrap();
    let error = refused(&mut database, "t", &[set_type("a", "INT"), drop_column("g")]);
    assert_eq!(error.to_string(), "column g of table t is used by trigger on_g");
}

/// A change that the generated tables came upon: behind `ON` stands the table of a trigger, and no column.
#[test]
fn a_column_with_the_name_of_its_table_can_go_from_under_triggers_and_views() {
    let script = "CREATE TABLE log (what);
        CREATE TABLE \"naïve ☃\" (a, b, \"naïve ☃\", log);
        CREATE TRIGGER own AFTER UPDATE ON \"naïve ☃\" WHEN new.a IS NULL
            BEGIN INSERT INTO log VALUES (new.b); END;
        CREATE TRIGGER \"naïve ☃\" AFTER INSERT ON log BEGIN
            UPDATE \"naïve ☃\" SET b = \"naïve ☃\".b WHERE a IN \"log\";
            UPDATE OR IGNORE \"naïve ☃\" SET b = 1 WHERE 0; DELETE FROM \"naïve ☃\" WHERE 0; END;
        CREATE VIEW seen AS SELECT \"naïve ☃\".a AS \"naïve ☃\" FROM log JOIN \"naïve ☃\" ON a = what;
        INSERT INTO \"naïve ☃\" VALUES (1, 2, 3, 4)";
    for edits in [vec![], vec![set_type("a", "TEXT")]] {
        let mut database = database(script);
        let kept =
            rows(&mut database, "SELECT name, sql FROM sqlite_schema WHERE type <> 'table' ORDER BY name");
        change(&mut database, "naïve ☃", &[edits, vec![drop_column("naïve ☃"), drop_column("log")]].concat());
        assert_eq!(rows(&mut database, "SELECT * FROM \"naïve ☃\""), ["1|2"]);
        assert_eq!(
            rows(&mut database, "SELECT name, sql FROM sqlite_schema WHERE type <> 'table' ORDER BY name"),
            kept
        );
    }
}

#[test]
fn a_view_or_trigger_that_would_no_longer_work_is_an_error_and_one_that_did_not_is_none() {
    let script = "CREATE TABLE t (a, b); CREATE TABLE log (x);
        CREATE VIEW works AS SELECT a, b FROM t; CREATE VIEW never AS SELECT absent FROM t;
        CREATE VIEW above AS SELECT b FROM works;
        CREATE TRIGGER adds AFTER INSERT ON log BEGIN INSERT INTO t (a, b) VALUES (new.x, 1); END;";
    let mut database = database(script);
    change(&mut database, "t", &[set_type("a", "TEXT")]);
    let edits = [set_type("a", "INT"), drop_column("b")];
    let error = refused(&mut database, "t", &edits);
    assert_eq!(
        error.to_string(),
        "a trigger of log on INSERT does not fit the new definition of table t: table t has no column named b"
    );
    database.batch("DROP TRIGGER adds").unwrap();
    let error = refused(&mut database, "t", &edits);
    assert_eq!(error.to_string(), "view above does not fit the new definition of table t: no such column: b");
    database.batch("DROP VIEW above; DROP VIEW works").unwrap();
    change(&mut database, "t", &edits);
}

#[test]
fn what_cannot_be_changed_is_refused_before_anything_runs() {
    let mut database = database(
        "CREATE TABLE t (a, b); CREATE VIEW v AS SELECT 1; CREATE VIRTUAL TABLE f USING fts5(a);
         CREATE TABLE watched (a); CREATE TEMP TRIGGER tr AFTER INSERT ON main.watched BEGIN SELECT 1; END;
         CREATE TABLE hidden (a); CREATE TEMP TABLE hidden (b);",
    );
    let edits = [set_type("a", "INT")];
    assert!(matches!(refused(&mut database, "nothing", &edits), RebuildError::NoTable { .. }));
    assert!(matches!(refused(&mut database, "v", &edits), RebuildError::NoTable { .. }));
    let error = refused(&mut database, "f", &edits);
    assert_eq!(chain(&error), "the definition of table f is not understood: it is a virtual table");
    let error = refused(&mut database, "watched", &edits);
    assert_eq!(error.to_string(), "table watched is hidden or watched by trigger tr, which is temporary");
    assert!(matches!(refused(&mut database, "hidden", &edits), RebuildError::Temporary { .. }));
    let error = refused(&mut database, "t", &[set_type("b", "INT"), set_type("c", "INT")]);
    assert!(matches!(error, RebuildError::Edit(EditError::NoColumn { .. })), "{error:?}");
    let error = refused(&mut database, "t", &[set_type("b", "INT"), rename_column("c", "d")]);
    assert!(matches!(error, RebuildError::Edit(EditError::NoColumn { .. })), "{error:?}");
}

#[test]
fn a_definition_that_sqlite_refuses_leaves_nothing() {
    let mut database = database("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)");
    for (edit, said) in [
        (add_constraint("CHECK (absent > 0)"), "no such column: absent"),
        (add_constraint("PRIMARY KEY (x)"), "no such column: x"),
        (
            Edit::SetCollation { column: "a".to_owned(), collation: "klingon".to_owned() },
            "no such collation sequence: klingon",
        ),
    ] {
        let mut edits = vec![edit];
        // A collation is looked up where something is compared.
        edits.push(add_constraint("UNIQUE (a)"));
        let error = refused(&mut database, "t", &edits);
        assert!(chain(&error).contains(said), "{}", chain(&error));
    }
    let error = refused(
        &mut database,
        "t",
        &[set_type("a", "INT"), add_constraint("UNIQUE (b)"), rename_column("a", "b")],
    );
    assert!(chain(&error).contains("duplicate column name: b"), "{}", chain(&error));
}

#[test]
fn a_statement_that_would_end_and_begin_another_is_none() {
    let mut database = database("CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 2)");
    for edit in [
        fill("a", "1) FROM t; DROP TABLE t; --"),
        add_column("c INT); DROP TABLE t; --"),
        add_constraint("CHECK (a); DROP TABLE t; --"),
        set_type("a", "INT); DROP TABLE t; --"),
    ] {
        let error = refused(&mut database, "t", &[edit]);
        assert!(matches!(error, RebuildError::Edit(EditError::Definition { .. })), "{error:?}");
    }
}
