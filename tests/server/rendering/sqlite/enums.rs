//! Enums, which are texts with a list of values.

use migrate_core::operation::{Operation, column, enum_type, replace_enum, rows, table};
use migrate_core::prelude::Integer;

use super::run::{Done, perform, quoted};

fn people(mood: &str) -> Vec<Operation> {
    let type_ = enum_type("mood", ["sad", "ok", "it's fine"]);
    let people = table("people")
        .column(column("id", Integer).primary_key())
        .column(column(mood, &type_).not_null().default("sad"))
        .column(column("late", type_));
    let rows = rows("people", ["id", mood, "late"]).row((1, "sad", "ok")).row((2, "it's fine", "sad"));
    vec![people.into(), Operation::InsertRows(rows)]
}

fn replace(mood: &str) -> Operation {
    let replace =
        replace_enum(enum_type("mood", ["low", "it's fine"])).map("sad", "low").map("ok", "it's fine");
    Operation::ReplaceEnum(Box::new(replace.column("people", mood).column("people", "late")))
}

fn rows_of(done: &Done, mood: &str) -> Vec<Vec<String>> {
    done.database.rows(&format!("SELECT id, {}, late FROM people ORDER BY id", quoted(mood)))
}

#[test]
fn rows_and_defaults_follow_the_mapping() {
    for mood in ["mood", "it's \"mood\" -- \\"] {
        let done = perform(people(mood), vec![replace(mood)]).unwrap();
        done.database.execute("INSERT INTO people (id) VALUES (3)");
        let expected = [["1", "low", "it's fine"], ["2", "it's fine", "low"], ["3", "low", "NULL"]];
        assert_eq!(rows_of(&done, mood), expected);
        for refused in ["sad", "ok", "other"] {
            let insert = format!("INSERT INTO people (id, late) VALUES (4, '{refused}')");
            assert!(std::panic::catch_unwind(|| done.database.execute(&insert)).is_err(), "{refused}");
        }
    }
}

#[test]
fn the_list_is_found_again_when_table_and_column_have_other_names() {
    let renames = vec![
        Operation::RenameTable { from: "people".into(), to: "persons".to_owned() },
        Operation::alter(
            "persons",
            migrate_core::operation::TableChange::RenameColumn {
                from: "mood".to_owned(),
                to: "m".to_owned(),
            },
        ),
        Operation::RenameTable { from: "persons".into(), to: "people".to_owned() },
    ];
    let done = perform([people("mood"), renames].concat(), vec![replace("m")]).unwrap();
    assert_eq!(rows_of(&done, "m"), [["1", "low", "it's fine"], ["2", "it's fine", "low"]]);
    let table = done.schema().concat();
    assert_eq!(table.matches(" IN (").count(), 2, "{table}");
}

#[test]
fn a_value_without_a_successor_stops_it() {
    let replace = replace_enum(enum_type("mood", ["sad", "ok"])).column("people", "mood");
    let said = perform(people("mood"), vec![Operation::ReplaceEnum(Box::new(replace))]).err().unwrap();
    assert!(said.contains("CHECK constraint failed"), "{said}");
}
