use migrate_core::operation::{
    EnumType, Null, Operation, Rows, array, cascade, column, enum_type, enum_value, if_exists, replace_enum,
    rows, table,
};
use migrate_core::prelude::Integer;

use super::sample::{Sample, add_column, schema};

pub(super) fn samples() -> Vec<Sample> {
    [plain(), replaced()].concat()
}

fn mood() -> EnumType {
    enum_type("mood", ["sad", "ok", "happy"])
}

fn create(enum_type: &EnumType) -> Operation {
    Operation::CreateEnum(enum_type.clone())
}

fn plain() -> Vec<Sample> {
    let on_mood = |name: &str, operation| Sample::new(name, operation).after(create(&mood()));
    let add = |value| Operation::AddEnumValue { name: "mood".into(), value };
    let in_app = enum_type(("app", "state"), ["on", "off"]);
    vec![
        Sample::new("create enum", create(&mood())),
        Sample::new("create enum without a value", create(&enum_type("nothing", [""; 0]))),
        Sample::new("create enum in a schema", create(&in_app)).after(schema("app")),
        Sample::new(
            "create table with an enum",
            table("t").column(column("c", mood()).not_null().default("ok")),
        )
        .after(create(&mood())),
        Sample::new(
            "add column with an enum of a schema",
            add_column("t", column("c", in_app.clone()).default("on")),
        )
        .after(schema("app"))
        .after(create(&in_app))
        .after(table("t").column(column("id", Integer))),
        Sample::new(
            "add column with an array of an enum",
            add_column("t", column("c", array(mood())).default(["ok"])),
        )
        .after(create(&mood()))
        .after(table("t").column(column("id", Integer))),
        on_mood("drop enum", Operation::DropEnum("mood".into())),
        on_mood("drop enum by its definition", Operation::DropEnum(mood().into())),
        on_mood("drop enum if exists", Operation::DropEnum(if_exists("no_such").into())),
        on_mood("drop enum with what depends on it", Operation::DropEnum(cascade("mood").into()))
            .after(table("t").column(column("id", Integer)).column(column("c", mood()))),
        on_mood("rename enum", Operation::RenameEnum { from: "mood".into(), to: "temper".to_owned() }),
        on_mood("add enum value", add("great".into())),
        on_mood("add enum value if not exists", add(enum_value("ok").if_not_exists())),
        on_mood("add enum value before another", add(enum_value("bad").before("ok"))),
        on_mood("add enum value after another", add(enum_value("fine").after("ok").if_not_exists())),
        on_mood(
            "rename enum value",
            Operation::RenameEnumValue { name: "mood".into(), from: "sad".to_owned(), to: "blue".to_owned() },
        ),
    ]
}

fn replaced() -> Vec<Sample> {
    let people = || {
        table("people")
            .column(column("id", Integer).primary_key())
            .column(column("mood", mood()).not_null().default("sad"))
            .column(column("then", mood()))
    };
    let history = || {
        table("history")
            .column(column("id", Integer).primary_key())
            .column(column("moods", array(mood())).default(["sad", "happy"]))
    };
    let rows = Operation::InsertRows(
        rows("people", ["id", "mood", "then"])
            .row((1, "sad", Null))
            .row((2, "ok", "happy"))
            .row((3, "happy", "sad")),
    );
    let arrays = Operation::InsertRows(
        rows_of_arrays().row((1, vec!["sad", "happy", "sad"])).row((2, Null)).row((3, Vec::<String>::new())),
    );
    let replace = |name: &str, replace| Sample::new(name, Operation::ReplaceEnum(Box::new(replace)));
    let low_high = || {
        replace_enum(enum_type("mood", ["low", "high"]))
            .from(["sad", "ok", "happy"])
            .map("sad", "low")
            .map("ok", "low")
            .map("happy", "high")
    };
    vec![
        replace("replace enum without columns", low_high()).after(create(&mood())),
        replace("replace enum", low_high().column("people", "mood").column("people", "then"))
            .after(create(&mood()))
            .after(people())
            .after(rows.clone()),
        replace("replace enum of arrays", low_high().array_column("history", "moods"))
            .after(create(&mood()))
            .after(history())
            .after(arrays.clone()),
        replace(
            "replace enum with values that change places",
            replace_enum(enum_type("mood", ["ok", "happy", "sad"]))
                .map("sad", "happy")
                .map("happy", "sad")
                .column("people", "mood")
                .column("people", "then")
                .array_column("history", "moods"),
        )
        .after(create(&mood()))
        .after(people())
        .after(history())
        .after(rows)
        .after(arrays),
        replace(
            "replace enum in a schema",
            replace_enum(enum_type(("app", "state"), ["on", "off", "unknown"])).column(("app", "t"), "state"),
        )
        .after(schema("app"))
        .after(create(&enum_type(("app", "state"), ["on", "off"])))
        .after(
            table(("app", "t"))
                .column(column("id", Integer))
                .column(column("state", enum_type(("app", "state"), ["on", "off"]))),
        ),
    ]
}

fn rows_of_arrays() -> Rows {
    rows("history", ["id", "moods"])
}
