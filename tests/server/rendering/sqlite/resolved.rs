//! Changes of tables that depend on the table as it is.

use migrate_core::connection::Driver as _;
use migrate_core::operation::*;
use migrate_core::prelude::{BigInt, Integer, Text};
use migrate_tests::testkit::{History, SqliteFile, Step};

use super::run::perform;

fn sql(text: &'static str) -> Operation {
    Operation::Execute(text.into())
}

fn drop_column(name: &str) -> Operation {
    Operation::alter("t", TableChange::DropColumn(name.into()))
}

fn drop_constraint(dropped: impl Into<Dropped<Constraint>>) -> Operation {
    Operation::alter("t", TableChange::DropConstraint(dropped.into()))
}

fn change(column: &str, change: ColumnChange) -> Operation {
    Operation::alter("t", TableChange::AlterColumn { column: column.to_owned(), change: Box::new(change) })
}

fn schema_after(setup: &'static str, operations: Vec<Operation>) -> String {
    perform(vec![sql(setup)], operations).unwrap_or_else(|said| panic!("{said}")).schema().join(";\n")
}

#[test]
fn a_column_goes_with_the_indexes_and_constraints_that_are_about_it() {
    let setup = "CREATE TABLE t (id INTEGER PRIMARY KEY, a INT, b INT CHECK (b > a), lower TEXT,
            UNIQUE (a, b), CHECK (a > 0), CONSTRAINT kept CHECK (b > 0), FOREIGN KEY (a) REFERENCES t (id));
        CREATE INDEX gone ON t (b, a);
        CREATE INDEX gone_too ON t (b) WHERE a > 3;
        CREATE INDEX stays ON t (b, lower(lower));
        INSERT INTO t VALUES (1, 1, 2, 'x')";
    let schema = schema_after(setup, vec![drop_column("a")]);
    assert_eq!(
        schema,
        "CREATE TABLE \"t\" (id INTEGER PRIMARY KEY, b INT, lower TEXT,\n            CONSTRAINT kept CHECK (b > 0));\n\
         CREATE INDEX stays ON t (b, lower(lower))"
    );
}

#[test]
fn an_index_on_a_function_with_the_name_of_the_column_is_not_taken_for_one_on_the_column() {
    let setup = "CREATE TABLE t (a TEXT, lower TEXT); CREATE INDEX stays ON t (lower(a))";
    let schema = schema_after(setup, vec![drop_column("lower")]);
    assert_eq!(schema, "CREATE TABLE t (a TEXT);\nCREATE INDEX stays ON t (lower(a))");
}

#[test]
fn a_constraint_without_a_name_is_known_by_the_name_that_postgres_gives_it() {
    let setup =
        "CREATE TABLE t (a INT UNIQUE CHECK (a > 0), b INT REFERENCES t (a), CHECK (a > b), UNIQUE (b, a))";
    let named = ["t_b_fkey", "t_a_key", "t_a_check", "t_check", "t_b_a_key"];
    let schema = schema_after(setup, named.iter().map(|name| drop_constraint(*name)).collect());
    assert_eq!(schema, "CREATE TABLE \"t\" (a INT, b INT)");
    let said = perform(vec![sql(setup)], vec![drop_constraint("t_b_key")]).err().unwrap();
    assert!(said.contains("table t has no constraint t_b_key"), "{said}");
    let nothing = schema_after(setup, vec![drop_constraint(if_exists("t_b_key"))]);
    assert_eq!(nothing, setup);
}

#[test]
fn a_row_id_stays_one_when_its_type_becomes_wider() {
    let setup =
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER); INSERT INTO t VALUES (7, 1)";
    let schema =
        schema_after(setup, vec![change("id", alter().type_(BigInt)), change("n", alter().type_(BigInt))]);
    assert_eq!(schema, "CREATE TABLE \"t\" (id INTEGER PRIMARY KEY AUTOINCREMENT, n BIGINT)");
}

#[test]
fn a_type_brings_and_takes_what_stands_for_it() {
    let setup = "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT); INSERT INTO t VALUES (1, 'ok')";
    let mood = || enum_type("mood", ["sad", "ok"]);
    let to_enum = change("c", alter().type_(mood()).was(column("c", Text)));
    let to_citext = change("c", alter().type_(ColumnType::Citext).was(column("c", mood())));
    let back = change("c", alter().type_(Text).was(column("c", ColumnType::Citext)));
    let schema = schema_after(setup, vec![to_enum.clone()]);
    assert!(schema.contains("c TEXT CONSTRAINT \"t_c_enum\" CHECK (\"c\" IN ('sad', 'ok'))"), "{schema}");
    let schema = schema_after(setup, vec![to_enum.clone(), to_citext.clone()]);
    assert_eq!(schema, "CREATE TABLE \"t\" (id INTEGER PRIMARY KEY, c TEXT COLLATE \"NOCASE\")");
    let schema = schema_after(setup, vec![to_enum, to_citext, back]);
    assert_eq!(schema, "CREATE TABLE \"t\" (id INTEGER PRIMARY KEY, c TEXT)");
}

#[test]
fn rows_are_converted_by_the_expression() {
    let setup =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, c TEXT); INSERT INTO t VALUES (1, '12 kg'), (2, NULL)";
    let convert = change("c", alter().type_(Integer).using("CAST(c AS INTEGER)").nullable());
    let done = perform(vec![sql(setup)], vec![convert]).unwrap();
    assert_eq!(done.database.rows("SELECT c, typeof(c) FROM t"), [["12", "integer"], ["NULL", "null"]]);
}

#[test]
fn a_view_that_is_replaced_keeps_its_triggers() {
    let setup = "CREATE TABLE t (a INT); CREATE VIEW v AS SELECT a FROM t;
        CREATE TRIGGER into_v INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (NEW.a); END";
    let replace = Operation::CreateView(Box::new(view("v", "SELECT a FROM t WHERE a > 1").or_replace()));
    let done = perform(vec![sql(setup)], vec![replace]).unwrap();
    done.database.execute("INSERT INTO v VALUES (1), (2)");
    assert_eq!(done.database.column("SELECT a FROM v"), ["2"]);
    assert_eq!(done.database.column("SELECT a FROM t"), ["1", "2"]);
}

#[test]
fn what_fails_half_way_leaves_everything_also_outside_a_transaction() {
    let database = SqliteFile::new().into_database();
    database.execute(
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE t (a INT REFERENCES p, b INT, c AS (a + 1)); CREATE INDEX i ON t (a)",
    );
    let before = database.column("SELECT sql FROM sqlite_schema WHERE tbl_name = 't'");
    let step = Step::new("a1").outside_transaction().up(|cx| cx.drop_column("t", "a"));
    let mut connection = database.connect();
    let error = History::new().with(step).migrator().upgrade(&mut connection, "heads").unwrap_err();
    assert!(format!("{error:?}").contains("ColumnInUse"), "{error:?}");
    assert_eq!(database.column("SELECT sql FROM sqlite_schema WHERE tbl_name = 't'"), before);
    assert_eq!(connection.query("PRAGMA foreign_keys", &[]).unwrap(), [[Some("1".to_owned())]]);
}

#[test]
fn the_way_back_is_the_way_there_in_reverse() {
    let step = Step::new("a1")
        .up(|cx| {
            cx.create_table(
                table("users")
                    .column(column("id", BigInt).identity().primary_key())
                    .column(column("email", Text).not_null()),
            )?;
            cx.alter_table("users", |users| {
                users
                    .add_column(column("age", Integer).not_null().default(0).check("age >= 0"))
                    .add_constraint(unique(["email"]))
                    .rename_column("email", "address")
                    .alter_column(
                        "age",
                        alter().type_(BigInt).nullable().was(column("age", Integer).not_null()),
                    );
            })?;
            cx.create_index(index("by_age").on("users", ["age"]))
        })
        .down(|cx| {
            cx.drop_index("by_age", "users")?;
            cx.alter_table("users", |users| {
                users.rename_column("address", "email").drop_constraint("users_email_key").drop_column("age");
            })?;
            cx.drop_table("users")
        });
    let database = SqliteFile::new().into_database();
    let migrator = History::new().with(step).migrator();
    let mut connection = database.connect();
    migrator.upgrade(&mut connection, "heads").unwrap();
    let types = "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\", ', ') FROM pragma_table_info('users')";
    assert_eq!(database.one(types), "id INTEGER 1, address TEXT 1, age BIGINT 0");
    migrator.downgrade(&mut connection, "base").unwrap();
    assert!(!database.has_table("users"));
}
