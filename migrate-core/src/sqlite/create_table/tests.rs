use super::*;

#[track_caller]
fn parse(sql: &str) -> CreateTable {
    CreateTable::parse(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Each column as its name, its type and the texts of its constraints.
fn columns(table: &CreateTable) -> Vec<(&str, Option<&str>, Vec<&str>)> {
    table
        .columns()
        .iter()
        .map(|Column { name, type_, constraints, .. }| {
            let constraints = constraints.iter().map(|constraint| table.slice(&constraint.span)).collect();
            (name.value.as_str(), type_.as_ref().map(|span| table.slice(span)), constraints)
        })
        .collect()
}

#[test]
fn every_part_of_a_definition_has_its_place() {
    let table = parse(
        "CREATE TABLE \"main\".[my table] (
            id INTEGER CONSTRAINT pk PRIMARY KEY ASC ON CONFLICT ROLLBACK AUTOINCREMENT, -- id
            `key` VARCHAR ( 10 , -2 ) NOT NULL ON CONFLICT IGNORE DEFAULT -1.5e3 COLLATE nocase,
            'c' long key text UNIQUE REFERENCES p (x) ON DELETE SET NULL MATCH full NOT DEFERRABLE,
            d INT GENERATED ALWAYS AS (id || ')') STORED CHECK (d > (1)),
            e AS (1),
            /* last */ f DEFAULT CURRENT_TIMESTAMP CONSTRAINT nothing,
            CONSTRAINT \"f k\" FOREIGN KEY (id, [key]) REFERENCES [my table] DEFERRABLE INITIALLY DEFERRED,
            UNIQUE (id COLLATE binary DESC) CHECK (id) ON CONFLICT FAIL
        ) STRICT , WITHOUT ROWID ;",
    );
    assert_eq!(table.name().value, "my table");
    assert_eq!(
        columns(&table),
        [
            ("id", Some("INTEGER"), vec!["CONSTRAINT pk PRIMARY KEY ASC ON CONFLICT ROLLBACK AUTOINCREMENT"]),
            (
                "key",
                Some("VARCHAR ( 10 , -2 )"),
                vec!["NOT NULL ON CONFLICT IGNORE", "DEFAULT -1.5e3", "COLLATE nocase"]
            ),
            (
                "c",
                Some("long key text"),
                vec!["UNIQUE", "REFERENCES p (x) ON DELETE SET NULL MATCH full NOT DEFERRABLE"]
            ),
            ("d", Some("INT"), vec!["GENERATED ALWAYS AS (id || ')') STORED", "CHECK (d > (1))"]),
            ("e", None, vec!["AS (1)"]),
            ("f", None, vec!["DEFAULT CURRENT_TIMESTAMP", "CONSTRAINT nothing"]),
        ]
    );
    let constraints: Vec<_> = table.constraints().iter().map(|found| table.slice(&found.span)).collect();
    assert_eq!(
        constraints,
        [
            "CONSTRAINT \"f k\" FOREIGN KEY (id, [key]) REFERENCES [my table] DEFERRABLE INITIALLY DEFERRED",
            "UNIQUE (id COLLATE binary DESC)",
            "CHECK (id) ON CONFLICT FAIL",
        ]
    );
    assert_eq!(table.options(), Options { strict: true, without_rowid: true });
    assert!(table.is_autoincrement());
    let keys: Vec<_> =
        table.foreign_keys().map(|(columns, target)| (columns, &*target.table.value)).collect();
    assert_eq!(keys, [(vec!["c"], "p"), (vec!["id", "key"], "my table")]);
}

#[test]
fn the_rowid_has_another_name_only_where_sqlite_gives_it_one() {
    let alias = |body: &str| {
        parse(&format!("CREATE TABLE t {body}")).rowid_alias().map(|column| column.name.value.clone())
    };
    assert_eq!(alias("(a integer PRIMARY KEY)").as_deref(), Some("a"));
    assert_eq!(alias("(a, b INTEGER, PRIMARY KEY (\"B\" DESC))").as_deref(), Some("b"));
    for body in [
        "(a INT PRIMARY KEY)",
        "(a INTEGER PRIMARY KEY DESC)",
        "(a INTEGER, b, PRIMARY KEY (a, b))",
        "(a INTEGER PRIMARY KEY) WITHOUT ROWID",
        "(a INTEGER UNIQUE)",
    ] {
        assert_eq!(alias(body), None, "{body}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    let refused = [
        ("CREATE VIRTUAL TABLE t USING fts5(a)", "it is a virtual table"),
        ("CREATE VIEW v AS SELECT 1", "expected TABLE at byte 7"),
        ("CREATE TABLE t", "expected ( at byte 14"),
        ("CREATE TABLE t ()", "expected a name at byte 16"),
        ("CREATE TABLE t (a, )", "expected a name at byte 19"),
        ("CREATE TABLE t (a INT(x))", "expected a number at byte 22"),
        ("CREATE TABLE t (a SOMETHING > 1)", "expected a column constraint at byte 28"),
        ("CREATE TABLE t (a CHECK (a > (1))", "expected ) at byte 33"),
        ("CREATE TABLE t (a) FAST", "expected a table option at byte 19"),
        ("CREATE TABLE t (a) STRICT x", "expected the end at byte 26"),
        ("CREATE TABLE t (a DEFAULT 'x)", "a string without an end at byte 26"),
    ];
    for (sql, message) in refused {
        assert_eq!(CreateTable::parse(sql).unwrap_err().to_string(), message, "{sql}");
    }
}
