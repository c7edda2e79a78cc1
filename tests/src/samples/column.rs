use migrate_core::operation::{
    Column, ColumnChange, ColumnType, Identity, Null, Operation, alter, array, cascade, column, custom,
    decimal, expression, if_exists, now, per_dialect, random_uuid, table, varchar,
};
use migrate_core::prelude::{BigInt, Binary, Boolean, Cascade, Double, Integer, Jsonb, Text, Timestamp};

use super::sample::{Sample, add_column, alter_table, change_column, drop_column, renamed, users};

pub(super) fn samples() -> Vec<Sample> {
    [added(), with_defaults(), numbered(), altered(), retyped()].concat()
}

fn on_users(name: &str, operation: Operation) -> Sample {
    Sample::new(name, operation).after(users())
}

fn added() -> Vec<Sample> {
    let add = |name: &str, column| on_users(name, add_column("users", column));
    vec![
        add("add column", column("nick", Text)),
        add("add column if not exists", column("nick", Text).if_not_exists()),
        add("add column with a comment", column("nick", Text).comment("What they're called")),
        add("add column with a collation", column("nick", Text).collate("C")),
        add("add column, unique", column("nick", Text).unique()),
        add("add column with a check", column("height", Integer).check("height > 0 OR height IS NULL")),
        add(
            "add column that refers to another table",
            column("boss", BigInt).references("users", "id").on_delete(Cascade),
        ),
        add("add column, generated", column("doubled", Integer).generated("age * 2")),
        on_users("drop column", alter_table("users", [drop_column("age")])),
        on_users(
            "drop column by its definition",
            alter_table("users", [drop_column(column("age", Integer))]),
        ),
        on_users("drop column if exists", alter_table("users", [drop_column(if_exists("agee"))])),
        on_users(
            "drop column with what depends on it",
            alter_table("users", [drop_column(cascade("age").if_exists())]),
        ),
        on_users("rename column", alter_table("users", [renamed("email", "address")])),
    ]
}

fn with_defaults() -> Vec<Sample> {
    let add = |name: &str, column| {
        on_users(&format!("add column with a default: {name}"), add_column("users", column))
    };
    vec![
        add("boolean", column("c", Boolean).not_null().default(true)),
        add("integer", column("c", Integer).default(-7)),
        add("smallest integer", column("c", BigInt).default(i64::MIN)),
        add("double", column("c", Double).default(1e300)),
        add("text", column("c", Text).default("it's")),
        add("NULL", column("c", Text).default(Null)),
        add("bytes", column("c", Binary).default(&b"\x00\xffA'"[..])),
        add("decimal as text", column("c", decimal(10, 2)).default("12.50")),
        add("JSON as text", column("c", Jsonb).default(r#"{"a": "it's \\ \"quoted\""}"#)),
        add("JSON from a number", column("c", Jsonb).default(1)),
        add("JSON from a truth", column("c", Jsonb).default(true)),
        add("now", column("c", Timestamp).default(now())),
        add("random UUID", column("c", uuid()).default(random_uuid())),
        add("expression", column("c", Integer).default(expression("1 + 2"))),
        add(
            "expression of several words",
            column("c", Boolean).default(expression("1 IN (1, 2) AND NOT FALSE")),
        ),
        add(
            "expression per server",
            column("c", Text).default(expression(
                per_dialect().postgres("md5('a')").sqlite("lower('A')").mysql("md5('a')"),
            )),
        ),
        add("empty array", column("c", array(Text)).not_null().default(Vec::<String>::new())),
        add("array", column("c", array(Text)).default(["a", "it's", "b,\"c\""])),
        add(
            "array of another type than its literals",
            column("c", array(uuid())).default(["5b1f5f8e-0000-4000-8000-000000000001"]),
        ),
        add("array with NULL", column("c", array(Integer)).default([Some(1), None])),
        add("array of arrays", column("c", array(array(Integer))).default([[1, 2], [3, 4]])),
        add("array in a type of its own", column("c", custom("int4[]")).default([1, 2])),
    ]
}

fn uuid() -> ColumnType {
    ColumnType::Uuid
}

fn numbered() -> Vec<Sample> {
    let with = Identity { always: true, start: Some(100), increment: Some(5) };
    let bare = || table("t").column(column("n", Integer).not_null());
    let identity = |name: &str, column: Column| Sample::new(name, table("t").column(column.primary_key()));
    vec![
        identity("identity", column("id", BigInt).identity()),
        identity("identity always", column("id", BigInt).identity_always()),
        identity("identity with numbers", column("id", BigInt).identity_with(with.clone())),
        identity("serial", column("id", ColumnType::BigSerial)),
        Sample::new("alter column: identity", change_column("t", "n", alter().identity())).after(bare()),
        Sample::new(
            "alter column: another identity",
            change_column(
                "t",
                "n",
                ColumnChange { identity: Some(Some(with)), ..alter() }.was(column("n", Integer).identity()),
            ),
        )
        .after(table("t").column(column("n", Integer).identity())),
        Sample::new("alter column: no identity", change_column("t", "n", alter().drop_identity()))
            .after(table("t").column(column("n", Integer).identity())),
        Sample::new(
            "alter column: identity in place of a default",
            change_column("t", "n", alter().identity().drop_default()),
        )
        .after(table("t").column(column("n", Integer).not_null().default(1))),
    ]
}

fn altered() -> Vec<Sample> {
    let change = |name: &str, change| {
        on_users(&format!("alter column: {name}"), change_column("users", "age", change))
    };
    vec![
        change("not null", alter().not_null()),
        change("nullable", alter().nullable()),
        change("default", alter().default(18)),
        change("default now", alter().default(expression("(1 + 1) * 2"))),
        change("default NULL", alter().default(Null)),
        change("no default", alter().drop_default()),
        change("comment", alter().comment("In years")),
        change("no comment", alter().drop_comment()),
        change(
            "everything",
            alter()
                .type_(Text)
                .using("age::text")
                .not_null()
                .default("unknown")
                .collate("C")
                .comment("As told"),
        ),
        Sample::new(
            "alter column: default of a known type",
            change_column("t", "c", alter().default([1, 2]).was(column("c", array(BigInt)))),
        )
        .after(table("t").column(column("c", array(BigInt)))),
        Sample::new(
            "alter column: default of a type that is not said",
            change_column("t", "c", alter().default([Some("a,\"b\\"), None])),
        )
        .after(table("t").column(column("c", array(Text)))),
    ]
}

fn retyped() -> Vec<Sample> {
    let texts = || table("t").column(column("c", Text).default("1"));
    vec![
        on_users("alter column: type", change_column("users", "age", alter().type_(BigInt))),
        Sample::new(
            "alter column: type by an expression",
            change_column("t", "c", alter().drop_default().type_(Jsonb).using("c::jsonb")),
        )
        .after(texts()),
        Sample::new(
            "alter column: type and default",
            change_column("t", "c", alter().type_(Integer).using("c::integer").default(2)),
        )
        .after(texts()),
        Sample::new(
            "alter column: type, of a column with a collation",
            change_column("t", "c", alter().type_(varchar(20)).was(column("c", Text).collate("C"))),
        )
        .after(table("t").column(column("c", Text).collate("C"))),
        Sample::new(
            "alter column: collation alone",
            change_column("t", "c", alter().collate("C").was(column("c", Text))),
        )
        .after(texts()),
    ]
}
