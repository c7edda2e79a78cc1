//! What a copy keeps.

use super::*;

#[test]
fn rowids_are_kept_whether_or_not_a_column_shows_them() {
    let mut database = database(
        "CREATE TABLE plain (a); INSERT INTO plain (rowid, a) VALUES (5, 'x'), (3, 'y'), (-9, 'z');
         CREATE TABLE taken (rowid, \"_ROWID_\"); INSERT INTO taken (oid, rowid) VALUES (4, 'x');
         CREATE TABLE none (rowid, _rowid_, oid); INSERT INTO none VALUES (1, 2, 3);
         CREATE TABLE keyed (id INTEGER PRIMARY KEY, a); INSERT INTO keyed VALUES (8, 'x');
         CREATE TABLE without (a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO without VALUES ('x', 1);",
    );
    change(&mut database, "plain", &[set_type("a", "TEXT")]);
    assert_eq!(rows(&mut database, "SELECT rowid, a FROM plain ORDER BY 1"), ["-9|z", "3|y", "5|x"]);
    change(&mut database, "taken", &[set_type("rowid", "TEXT")]);
    assert_eq!(rows(&mut database, "SELECT oid, rowid, _rowid_ FROM taken"), ["4|x|NULL"]);
    change(&mut database, "none", &[set_type("rowid", "TEXT")]);
    assert_eq!(rows(&mut database, "SELECT * FROM none"), ["1|2|3"]);
    change(&mut database, "keyed", &[set_type("a", "TEXT")]);
    assert_eq!(rows(&mut database, "SELECT rowid, id FROM keyed"), ["8|8"]);
    // The key is no other name of the rowid any more, and the rowid stays.
    change(&mut database, "keyed", &[set_type("id", "BIGINT")]);
    assert_eq!(rows(&mut database, "SELECT rowid, id FROM keyed"), ["8|8"]);
    change(&mut database, "without", &[set_type("b", "TEXT")]);
    assert_eq!(rows(&mut database, "SELECT a, b, typeof(b) FROM without"), ["x|1|text"]);
}

#[test]
fn numbers_that_were_given_once_are_not_given_again() {
    let mut database = database(
        "CREATE TABLE \"it's\" (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
         CREATE TABLE never (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
         INSERT INTO \"it's\" (a) VALUES ('x'), ('y'), ('z'); DELETE FROM \"it's\" WHERE id > 1;",
    );
    change(&mut database, "it's", &[set_type("a", "TEXT")]);
    change(&mut database, "never", &[set_type("a", "TEXT")]);
    assert_eq!(rows(&mut database, "SELECT name, seq FROM sqlite_sequence"), ["it's|3"]);
    database.batch("INSERT INTO \"it's\" (a) VALUES ('new')").unwrap();
    assert_eq!(rows(&mut database, "SELECT id FROM \"it's\""), ["1", "4"]);
}

#[test]
fn indexes_triggers_and_views_are_the_same_texts_and_work() {
    let script = "CREATE TABLE Users (id INTEGER PRIMARY KEY, name TEXT, age INT);
        CREATE TABLE log (what);
        CREATE UNIQUE INDEX \"by name\" ON users (name COLLATE nocase DESC) WHERE age > 0;
        CREATE INDEX by_expression ON [USERS] (lower(name), age -- comment
        );
        CREATE TRIGGER own AFTER UPDATE OF name ON uSERS WHEN new.age > 0 BEGIN
            INSERT INTO log SELECT 'renamed ' || old.name FROM users WHERE id = new.id;
        END;
        CREATE TRIGGER foreign_one AFTER DELETE ON log BEGIN DELETE FROM users WHERE name = old.what; END;
        CREATE VIEW adults AS SELECT u.name FROM main.users AS u WHERE u.age >= 18;
        CREATE VIEW old_adults (n) AS SELECT name FROM adults;
        CREATE TRIGGER instead INSTEAD OF INSERT ON adults BEGIN INSERT INTO users (name) VALUES (new.name); END;
        INSERT INTO users VALUES (1, 'Ada', 36), (2, 'Bob', 7)";
    let mut database = database(script);
    let before = schema(&mut database);
    change(&mut database, "users", &[set_type("age", "REAL")]);
    let expected: Vec<_> = before
        .iter()
        .map(|object| {
            object.replace("CREATE TABLE Users", "CREATE TABLE \"Users\"").replace("age INT)", "age REAL)")
        })
        .collect();
    assert_ne!(expected, before);
    assert_eq!(schema(&mut database), expected);
    database.batch("INSERT INTO adults VALUES ('Eve'); UPDATE users SET name = 'Ida' WHERE id = 1").unwrap();
    assert_eq!(rows(&mut database, "SELECT * FROM log"), ["renamed Ada"]);
    assert_eq!(rows(&mut database, "SELECT * FROM old_adults"), ["Ida"]);
    database.batch("INSERT INTO log VALUES ('Bob'); DELETE FROM log WHERE what = 'Bob'").unwrap();
    assert_eq!(rows(&mut database, "SELECT name FROM users ORDER BY name"), ["Eve", "Ida"]);
}

#[test]
fn computed_columns_are_computed_again_or_become_ordinary() {
    let mut database = database(
        "CREATE TABLE t (a INT, b INT AS (a + 1), c INT GENERATED ALWAYS AS (a * 10) STORED, CHECK (\"t\".b > a));
         INSERT INTO t VALUES (1), (2)",
    );
    change(&mut database, "t", &[set_type("a", "REAL")]);
    assert_eq!(rows(&mut database, "SELECT * FROM t"), ["1.0|2|10", "2.0|3|20"]);
    change(&mut database, "t", &[Edit::DropGenerated { column: "b".to_owned() }]);
    database.batch("UPDATE t SET b = 50 WHERE a = 1").unwrap();
    let edit = Edit::SetGenerated { column: "c".to_owned(), expression: "a + b".to_owned(), stored: true };
    change(&mut database, "t", &[edit]);
    assert_eq!(rows(&mut database, "SELECT * FROM t"), ["1.0|50|51", "2.0|3|5"]);
}

#[test]
fn values_are_converted_as_the_type_or_an_expression_says() {
    let mut database = database(
        "CREATE TABLE t (a TEXT, b TEXT, c); INSERT INTO t VALUES ('12', '1,5', x'00'), ('x', '2,25', NULL)",
    );
    let edits = [
        set_type("a", "INTEGER"),
        set_type("b", "REAL"),
        fill("b", "CAST(replace(b, ',', '.') AS REAL)"),
        add_column("d TEXT NOT NULL"),
        fill("d", "a || b"),
    ];
    change(&mut database, "t", &edits);
    assert_eq!(
        rows(&mut database, "SELECT a, typeof(a), b, hex(c), d FROM t"),
        ["12|integer|1.5|00|121,5", "x|text|2.25||x2,25"]
    );
}

/// A change that the generated tables came upon.
#[test]
fn a_column_that_is_dropped_and_added_again_has_none_of_its_old_values() {
    let script = "CREATE TABLE t (a INTEGER PRIMARY KEY, b AS (a || '!')); INSERT INTO t (a) VALUES (1), (2);
        CREATE TABLE u (a, b); INSERT INTO u VALUES (1, 'old'), (2, NULL)";
    let again = [fill("b", "'filled'"), drop_column("b"), add_column("b INTEGER NOT NULL DEFAULT -1.5")];
    for (table, edits) in [("t", &again[1..]), ("u", &again[1..]), ("u", &again)] {
        for other in [None, Some(set_not_null("a"))] {
            let mut database = database(script);
            change(&mut database, table, &edits.iter().cloned().chain(other).collect::<Vec<_>>());
            assert_eq!(rows(&mut database, &format!("SELECT b FROM {table}")), ["-1.5", "-1.5"]);
        }
    }
    let mut database = database(script);
    change(&mut database, "u", &[&again[1..], &[fill("b", "a + 5")]].concat());
    assert_eq!(rows(&mut database, "SELECT b FROM u"), ["6", "7"]);
}

#[test]
fn no_row_is_lost_to_what_a_constraint_says_of_conflicts() {
    let mut database =
        database("CREATE TABLE t (a INT, b TEXT); INSERT INTO t VALUES (1, 'x'), (1, 'y'), (2, NULL)");
    let error = refused(&mut database, "t", &[add_constraint("UNIQUE (a) ON CONFLICT REPLACE")]);
    assert_eq!(
        chain(&error),
        "the rows of table t do not fit its new definition: 1 row does not fit the key a, which must be unique, \
         such as 1: UNIQUE constraint failed: t.a"
    );
    let not_null = Edit::SetDefault { column: "b".to_owned(), value: "'none'".to_owned() };
    let error = refused(&mut database, "t", &[not_null, set_not_null("b")]);
    assert!(
        error.to_string().contains("1 row does not fit NOT NULL of column b, such as (2, NULL)"),
        "{error}"
    );
}

#[test]
fn what_analyze_found_out_is_kept() {
    let mut database = database(
        "CREATE TABLE t (a UNIQUE, b INT, c INT); CREATE INDEX by_b ON t (b);
         INSERT INTO t VALUES (1, 1, 1), (2, 1, 1), (3, 1, 2); ANALYZE",
    );
    let statistics = "SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 2";
    let before = rows(&mut database, statistics);
    assert_eq!(before, ["t|by_b|3 3", "t|sqlite_autoindex_t_1|3 1"]);
    change(&mut database, "t", &[set_type("c", "TEXT")]);
    assert_eq!(rows(&mut database, statistics), before);
    change(&mut database, "t", &[add_constraint("UNIQUE (a, b)")]);
    assert_eq!(rows(&mut database, statistics), ["t|by_b|3 3"]);
}

#[test]
fn hostile_names_are_names() {
    let hostile = ["a\"b", "it's", "[x]", "`", "select", "naïve ☃", "a.b", "--", "sp ace", "%s", "\\"];
    for table in hostile {
        for column in hostile {
            let (t, c) = (crate::sqlite::quote(table), crate::sqlite::quote(column));
            let mut database = database(&format!(
                "CREATE TABLE {t} (id INTEGER PRIMARY KEY AUTOINCREMENT, {c} TEXT CHECK ({t}.{c} <> ''));
                 CREATE INDEX {i} ON {t} ({c}); CREATE VIEW v AS SELECT {c} FROM {t};
                 CREATE TABLE child (x REFERENCES {t} ON DELETE CASCADE);
                 INSERT INTO {t} ({c}) VALUES ('1'); INSERT INTO child VALUES (1);",
                i = crate::sqlite::quote(&format!("{table} {column}")),
            ));
            let edits =
                [set_type(column, "INTEGER"), set_not_null(column), fill(column, &format!("{c} + 1"))];
            change(&mut database, table, &edits);
            assert_eq!(rows(&mut database, "SELECT * FROM v"), ["2"], "{table} {column}");
            assert_eq!(rows(&mut database, "SELECT * FROM child"), ["1"], "{table} {column}");
            let error = refused(&mut database, table, &[fill(column, "NULL")]);
            let said = format!("NOT NULL of column {column}");
            assert!(error.to_string().contains(&said), "{error}");
        }
    }
}
