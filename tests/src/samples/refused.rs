use migrate_core::operation::{
    ColumnType, Constraint, Dropping, Operation, Table, Trigger, alter, array, check, column, concurrently,
    enum_type, exclude, foreign_key, function, index, per_dialect, primary_key, range, replace_enum, rows,
    table, trigger, unique, view,
};
use migrate_core::prelude::{BigInt, Cascade, Integer, Text};

use super::sample::{Sample, add_column, add_constraint, change_column, users};

/// Operations that contradict themselves or lack something: an error before anything runs, on every server that
/// has the kind of thing at all.
#[must_use]
pub fn refused() -> Vec<Sample> {
    [columns(), constraints(), changes(), others(), names()].concat()
}

fn columns() -> Vec<Sample> {
    let add = |name: &str, column| Sample::new(name, add_column("users", column));
    let with = |name: &str, table: Table| Sample::new(name, table);
    vec![
        add("identity and a default", column("c", Integer).identity().default(1)),
        add("identity and generated", column("c", Integer).identity().generated("1")),
        add("generated and a default", column("c", Integer).generated("1").default(1)),
        add("serial and a default", column("c", ColumnType::Serial).default(1)),
        add("serial and identity", column("c", ColumnType::Serial).identity()),
        add("action without a reference", column("c", Integer).on_delete(Cascade)),
        add("array of serials", column("c", array(ColumnType::Serial))),
        add("range of texts", column("c", range(Text))),
        add("infinite default", column("c", ColumnType::Double).default(f64::INFINITY)),
        add("default that is not a number", column("c", ColumnType::Double).default(f64::NAN)),
        with("two primary keys", users().primary_key(["email"])),
        with("two columns of one name", users().column(column("email", Text))),
        with("table without a name", table("").column(column("c", Integer))),
    ]
}

fn constraints() -> Vec<Sample> {
    let add = |name: &str, constraint: Constraint| Sample::new(name, add_constraint("users", constraint));
    vec![
        add("primary key of no columns", primary_key([""; 0]).into()),
        add("unique constraint of no columns", unique([""; 0]).into()),
        add("foreign key of no columns", foreign_key([""; 0], "users", [""; 0]).into()),
        add("foreign key to no table", foreign_key(["id"], "", ["id"]).into()),
        add("foreign key of one column to two", foreign_key(["id"], "users", ["id", "email"]).into()),
        add("exclusion constraint of nothing", exclude([("", ""); 0]).into()),
        add("index taken over with columns", unique(["id"]).using_index("idx").into()),
        add(
            "index taken over that carries columns",
            unique([""; 0]).using_index("idx").include(["id"]).into(),
        ),
        Sample::new("index taken over by a new table", {
            users().constraint(unique([""; 0]).using_index("idx"))
        }),
    ]
}

fn changes() -> Vec<Sample> {
    let change = |name: &str, change| Sample::new(name, change_column("users", "age", change));
    vec![
        change("change of nothing", alter()),
        change("conversion without a type", alter().using("age::bigint")),
        change("collation without a type", alter().collate("C")),
        change("serial as a new type", alter().type_(ColumnType::BigSerial)),
        change("identity and a default at once", alter().identity().default(1)),
    ]
}

fn others() -> Vec<Sample> {
    let drop_index = |index: Dropping| Operation::DropIndex { index: index.into(), table: "users".into() };
    let trigger = |trigger: Trigger| Operation::CreateTrigger(Box::new(trigger));
    let replace = |name: &str, replace| Sample::new(name, Operation::ReplaceEnum(Box::new(replace)));
    vec![
        Sample::new("index without a table", index("idx")),
        Sample::new("index of nothing", index("idx").on("users", [""; 0])),
        Sample::new(
            "index that may repeat, NULLs alike",
            index("idx").on("users", ["age"]).nulls_not_distinct(),
        ),
        Sample::new(
            "index dropped concurrently with what depends on it",
            drop_index(concurrently("idx").cascade()),
        ),
        Sample::new("table dropped concurrently", Operation::DropTable(concurrently("users").into())),
        Sample::new("enum with a value twice", Operation::CreateEnum(enum_type("mood", ["ok", "ok"]))),
        Sample::new(
            "enum with a value that is too long",
            Operation::CreateEnum(enum_type("mood", ["é".repeat(32)])),
        ),
        replace(
            "enum replaced with a value that it will not have",
            replace_enum(enum_type("mood", ["ok"])).map("sad", "bad"),
        ),
        replace(
            "enum replaced with a value that it did not have",
            replace_enum(enum_type("mood", ["ok"])).from(["sad"]).map("bad", "ok"),
        ),
        replace(
            "enum replaced with two values for one",
            replace_enum(enum_type("mood", ["ok", "fine"])).map("sad", "ok").map("sad", "fine"),
        ),
        Sample::new(
            "view without data",
            Operation::CreateView(Box::new(view("v", "SELECT 1").with_no_data())),
        ),
        Sample::new("trigger without an event", trigger(touching())),
        Sample::new("trigger without a table", trigger(trigger_of_nothing())),
        Sample::new("row that is too short", Operation::InsertRows(rows("users", ["id", "age"]).row((1,)))),
        Sample::new("rows without columns", Operation::InsertRows(rows("users", [""; 0]).row(Vec::new()))),
        Sample::new("rows deleted without a key", Operation::DeleteRows(rows("users", ["id"]).row((1,)))),
        Sample::new(
            "rows deleted by a column that they do not have",
            Operation::DeleteRows(rows("users", ["id"]).row((1,)).key(["age"])),
        ),
        Sample::new("SQL for no server", Operation::Execute(per_dialect())),
    ]
}

fn touching() -> Trigger {
    trigger("t").on("users").execute("touch()")
}

fn trigger_of_nothing() -> Trigger {
    trigger("t").insert().execute("touch()")
}

/// PostgreSQL keeps 63 bytes; other servers keep more.
fn names() -> Vec<Sample> {
    let long = "n".repeat(64);
    let faults = [("empty", ""), ("zero byte", "a\0b"), ("sixty-four bytes", long.as_str())];
    faults.into_iter().flat_map(|(fault, name)| named(fault, name)).collect()
}

fn named(fault: &str, name: &str) -> Vec<Sample> {
    let sample = |place: &str, operation: Operation| Sample::new(format!("{fault} {place}"), operation);
    vec![
        sample("table", table(name).column(column("id", BigInt)).into()),
        sample("column", add_column("users", column(name, Integer))),
        sample("index", index(name).on("users", ["id"]).into()),
        sample("enum", Operation::CreateEnum(enum_type(name, ["ok"]))),
        sample("constraint", add_constraint("users", check("id > 0").named(name))),
        sample("schema", Operation::CreateSchema { name: name.to_owned(), if_not_exists: false }),
        sample("schema of a table", table((name, "t")).column(column("id", BigInt)).into()),
        sample("view", Operation::CreateView(Box::new(view(name, "SELECT 1")))),
        sample("function", Operation::CreateFunction(Box::new(function(name, "").body("SELECT 1")))),
        sample(
            "trigger",
            Operation::CreateTrigger(Box::new(Trigger { name: name.to_owned(), ..touching().insert() })),
        ),
        sample("renamed table", Operation::RenameTable { from: "users".into(), to: name.to_owned() }),
    ]
}
