use migrate_core::connection::Dialect;
use migrate_core::operation::{
    ColumnType, Null, Operation, Rows, Table, Value, array, column, rows, table, varchar,
};
use migrate_core::prelude::{BigInt, Binary, Boolean, Double, Integer, Jsonb, Text};

use super::sample::Sample;

pub(super) fn samples() -> Vec<Sample> {
    let roles = || {
        table("roles")
            .column(column("slug", ColumnType::Text.on(Dialect::Mysql, varchar(100))).primary_key())
            .column(column("name", Text))
    };
    let insert = |name: &str, rows| Sample::new(name, Operation::InsertRows(rows)).after(roles());
    let two =
        || rows("roles", ["slug", "name"]).row(("admin", "Administrator")).row(("guest", Null)).key(["slug"]);
    let delete = |name: &str, rows| Sample::new(name, Operation::DeleteRows(rows)).after(roles());
    let many = (0..1201).map(|number| (format!("role {number}"), Null));
    let long = (0..20).map(|number| (format!("long {number}"), "x".repeat(10_000)));
    vec![
        insert("insert rows", two()),
        insert("insert rows that may be there", two().skip_existing()).after(Operation::InsertRows(two())),
        insert("insert no rows", rows("roles", ["slug"])),
        insert("insert many rows", rows("roles", ["slug", "name"]).rows(many.clone())),
        insert("insert long rows", rows("roles", ["slug", "name"]).rows(long)),
        Sample::new("insert values of every kind", Operation::InsertRows(of_every_kind())).after(kinds()),
        delete("delete rows", two()).after(Operation::InsertRows(two())),
        delete("delete many rows", rows("roles", ["slug", "name"]).rows(many).key(["slug"])),
        delete(
            "delete rows by two columns, one of them NULL",
            two().row(("user", "User")).key(["slug", "name"]),
        ),
        delete("delete rows by one column, sometimes NULL", two().key(["name"])),
        delete(
            "delete rows by a column that is always NULL",
            rows("roles", ["name"]).row((Null,)).key(["name"]),
        ),
        Sample::new("delete rows by a number with a fraction", {
            Operation::DeleteRows(rows("kinds", ["real"]).row((0.1,)).key(["real"]))
        })
        .after(kinds()),
    ]
}

fn kinds() -> Table {
    table("kinds")
        .column(column("bool", Boolean))
        .column(column("int", Integer))
        .column(column("big", BigInt))
        .column(column("double", Double))
        .column(column("real", ColumnType::Float))
        .column(column("text", Text))
        .column(column("bytes", Binary))
        .column(column("json", Jsonb))
        .column(column("texts", array(Text).on(Dialect::Sqlite, Text).on(Dialect::Mysql, Text)))
        .column(column("numbers", array(array(Integer)).on(Dialect::Sqlite, Text).on(Dialect::Mysql, Text)))
}

fn of_every_kind() -> Rows {
    let columns = ["bool", "int", "big", "double", "real", "text", "bytes", "json", "texts", "numbers"];
    rows("kinds", columns)
        .row((
            true,
            -1,
            i64::MIN,
            -1.5e-300,
            0.1,
            "it's \\ \"this\"",
            Value::Binary(vec![0, 255, 39, 92]),
            r#"{"a": 1}"#,
            ["", "NULL", "a,b", "{\"c\\d\"}"],
            [[1, 2], [3, 4]],
        ))
        .row((Null, Null, Null, Null, Null, Null, Null, Null, [Some("x"), None], Vec::<i32>::new()))
}
