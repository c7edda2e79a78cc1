//! What is rendered for SQLite, run on SQLite. The statements of each kind of operation are in the snapshots of
//! the package `migrate-tests`.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use crate::connection::{Dialect, Driver as _};
use crate::operation::names::{BigInt, Binary, Boolean, Date, Integer, Jsonb, Text, Timestamptz};
use crate::operation::render::Piece;
use crate::operation::*;

fn connection() -> SqliteConnection {
    SqliteConnection::establish(":memory:").unwrap()
}

fn sql(operation: impl Into<Operation>) -> Vec<String> {
    let statement = |piece| match piece {
        Piece::Statement(statement) => statement.sql,
        Piece::Resolve(operation) => panic!("{operation} depends on what is there"),
    };
    operation.into().render(Dialect::Sqlite).unwrap().into_iter().map(statement).collect()
}

fn run(connection: &mut SqliteConnection, operation: impl Into<Operation>) {
    for statement in sql(operation) {
        connection.batch_execute(&statement).unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
}

fn refusal(operation: &Operation) -> String {
    operation.render(Dialect::Sqlite).unwrap_err().to_string()
}

fn answer(connection: &mut SqliteConnection, query: &str) -> String {
    let rows = connection.query(query, &[]).unwrap();
    let row = |row: Vec<Option<String>>| {
        row.into_iter().map(|value| value.unwrap_or("NULL".to_owned())).collect::<Vec<_>>().join("|")
    };
    rows.into_iter().map(row).collect::<Vec<_>>().join("\n")
}

fn users() -> Table {
    table("users")
        .column(column("id", BigInt).identity().primary_key())
        .column(column("email", Text).not_null().unique())
        .column(column("mood", enum_type("mood", ["sad", "it's ok"])).default("it's ok"))
        .column(column("age", Integer).check("age >= 0").check("age < 200"))
        .column(column("payload", Jsonb).not_null().default("{}"))
        .column(column("active", Boolean).not_null().default(true))
        .column(column("born", Date).default(now()))
        .column(column("created_at", Timestamptz).not_null().default(now()))
        .column(column("hash", Binary).default(&b"\x00\xff"[..]))
        .constraint(check("id > 0"))
        .constraint(check("length(email) > 2"))
        .index("idx_users_email", ["email"])
}

#[test]
fn a_table_has_named_constraints_and_what_people_write_for_types() {
    assert_eq!(
        sql(users())[0],
        r#"CREATE TABLE "users" (
  "id" INTEGER NOT NULL CONSTRAINT "users_pkey" PRIMARY KEY AUTOINCREMENT,
  "email" TEXT NOT NULL CONSTRAINT "users_email_key" UNIQUE,
  "mood" TEXT DEFAULT 'it''s ok' CONSTRAINT "users_mood_enum" CHECK ("mood" IN ('sad', 'it''s ok')),
  "age" INTEGER CONSTRAINT "users_age_check" CHECK (age >= 0) CONSTRAINT "users_age_check1" CHECK (age < 200),
  "payload" TEXT NOT NULL DEFAULT '{}',
  "active" BOOLEAN NOT NULL DEFAULT TRUE,
  "born" DATE DEFAULT CURRENT_DATE,
  "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "hash" BLOB DEFAULT x'00ff',
  CONSTRAINT "users_check" CHECK (id > 0),
  CONSTRAINT "users_check1" CHECK (length(email) > 2)
)"#
    );
}

#[test]
fn a_strict_table_has_the_six_types_that_it_may() {
    let connection = &mut connection();
    let mut strict = users().strict();
    strict.columns.push(column("price", decimal(10, 2)));
    strict.columns.push(column("name", varchar(20)));
    run(connection, strict);
    let types =
        "SELECT group_concat(DISTINCT type) FROM (SELECT type FROM pragma_table_info('users') ORDER BY 1)";
    assert_eq!(answer(connection, types), "BLOB,INTEGER,REAL,TEXT");
}

#[test]
fn rows_come_and_go_by_their_keys_and_those_there_already_stay() {
    let connection = &mut connection();
    run(connection, table("roles").column(column("slug", Text).unique()).column(column("rank", Integer)));
    let all = rows("roles", ["slug", "rank"]).rows((0..1200).map(|n| (format!("r{n}"), n))).key(["slug"]);
    assert_eq!(sql(Operation::InsertRows(all.clone())).len(), 3);
    run(connection, Operation::InsertRows(all.clone()));
    let again = rows("roles", ["slug", "rank"]).row(("r7", 99)).row(("new", 1)).skip_existing();
    run(connection, Operation::InsertRows(again));
    let counts = "SELECT count(*), max(rank), sum(slug = 'new') FROM roles";
    assert_eq!(answer(connection, counts), "1201|1199|1");
    run(connection, Operation::DeleteRows(all));
    assert_eq!(answer(connection, "SELECT slug FROM roles"), "new");
}

#[test]
fn a_numbered_table_begins_where_it_is_told_to() {
    let connection = &mut connection();
    let start = Identity { start: Some(1000), ..Identity::default() };
    let invoices = table("in'voices").column(column("id", BigInt).identity_with(start).primary_key());
    run(connection, invoices.if_not_exists());
    connection.batch_execute(r#"INSERT INTO "in'voices" DEFAULT VALUES"#).unwrap();
    assert_eq!(answer(connection, r#"SELECT id FROM "in'voices""#), "1000");
}

#[test]
fn a_primary_key_takes_no_null() {
    let connection = &mut connection();
    run(connection, table("t").column(column("a", Text)).column(column("b", Text)).primary_key(["a", "b"]));
    run(connection, table("u").column(column("a", Text).primary_key()));
    assert!(connection.batch_execute("INSERT INTO t VALUES ('x', NULL)").is_err());
    assert!(connection.batch_execute("INSERT INTO u VALUES (NULL)").is_err());
}

#[test]
fn views_triggers_and_indexes_are_made_replaced_and_dropped() {
    let connection = &mut connection();
    run(connection, users());
    run(
        connection,
        index("idx").on("users", [key("age").desc().nulls_last()]).filter("active").concurrently(),
    );
    run(connection, Operation::CreateView(Box::new(view("v", "SELECT id FROM users").columns(["n"]))));
    let touch = trigger("touch").update_of(["age"]).on("users").when("NEW.age > 3").execute("SELECT 1");
    run(connection, Operation::CreateTrigger(Box::new(touch.clone())));
    run(connection, Operation::CreateTrigger(Box::new(touch.or_replace())));
    assert_eq!(answer(connection, "SELECT count(n) FROM v"), "0");
    run(connection, Operation::RenameTable { from: "users".into(), to: "people".to_owned() });
    run(connection, Operation::Reindex { target: ReindexTarget::Index("idx".into()), concurrently: true });
    run(connection, Operation::DropTrigger { trigger: "touch".into(), table: "people".into() });
    run(
        connection,
        Operation::DropIndex { index: if_exists("idx").into(), table: ("main", "people").into() },
    );
    run(connection, Operation::DropView { view: "v".into(), materialized: false });
    run(connection, Operation::DropTable("people".into()));
    assert_eq!(answer(connection, "SELECT name FROM sqlite_schema WHERE name NOT GLOB 'sqlite_*'"), "");
}

#[test]
fn what_would_be_another_table_than_was_asked_for_is_refused() {
    let id = || column("id", BigInt);
    let refused: [(Operation, &str); 11] = [
        (table("t").column(id().identity()).into(), "it numbers nothing but a primary key of one column"),
        (table("t").column(id().identity_always().primary_key()).into(), "it cannot refuse numbers"),
        (table("t").column(column("a", array(Text))).into(), "it has no arrays"),
        (table("t").column(id().on_delete(Action::Cascade)).into(), "an action without a table"),
        (table("t").column(id()).constraint(unique(["id"]).deferrable()).into(), "it defers nothing but"),
        (index("i").on("t", ["a"]).gin().into(), "it has no other indexes than B-trees"),
        (index("i").on("t", ["a"]).unique().nulls_not_distinct().into(), "two NULLs are always distinct"),
        (Operation::DropTable(cascade("t").into()), "it drops nothing but the object itself"),
        (Operation::CreateSequence(sequence("s")), "it has no sequences"),
        (Operation::InsertRows(rows("t", ["a", "b"]).row(("x",))), "row 1 has 1 values for 2 columns"),
        (Operation::DeleteRows(rows("t", ["a"]).row(("x",))), "no key says which rows they are"),
    ];
    for (operation, reason) in refused {
        let message = refusal(&operation);
        assert!(message.contains(reason), "{message}");
    }
}
