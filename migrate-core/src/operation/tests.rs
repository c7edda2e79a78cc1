//! What operations say about themselves, without a database.

use super::names::{BigInt, Integer, Jsonb, Text};
use super::*;
use crate::connection::Dialect;

fn inverse(operation: &Operation) -> Operation {
    let mut inverses = operation.inverse().unwrap();
    assert_eq!(inverses.len(), 1, "{inverses:?}");
    inverses.remove(0)
}

fn reason(operation: &Operation) -> Reason {
    operation.inverse().unwrap_err().reason
}

fn drop_column(column: impl Into<Dropped<Column>>) -> Operation {
    Operation::alter("users", TableChange::DropColumn(column.into()))
}

fn change(change: ColumnChange) -> Operation {
    let change = Box::new(change);
    Operation::alter("users", TableChange::AlterColumn { column: "age".to_owned(), change })
}

/// One of each kind that can be taken back.
fn reversible() -> Vec<Operation> {
    let users = || table("users").column(column("id", BigInt).identity().primary_key());
    let mood = || enum_type("mood", ["sad", "ok"]);
    vec![
        users().into(),
        Operation::RenameTable { from: ("app", "users").into(), to: "people".to_owned() },
        Operation::alter("users", column("age", Integer).not_null().into()),
        drop_column(column("age", Integer).default(0)),
        change(alter().not_null()),
        change(alter().type_(BigInt).was(column("age", Integer))),
        change(alter().drop_default().was(column("age", Integer).default(18))),
        Operation::alter("users", TableChange::RenameColumn { from: "a".to_owned(), to: "b".to_owned() }),
        Operation::alter("users", TableChange::DropConstraint(unique(["email"]).named("one_email").into())),
        index("idx").on("users", ["age"]).concurrently().into(),
        Operation::RenameIndex { table: "users".into(), from: "a".to_owned(), to: "b".to_owned() },
        Operation::CreateEnum(mood()),
        Operation::RenameEnumValue { name: "mood".into(), from: "ok".to_owned(), to: "fine".to_owned() },
        Operation::ReplaceEnum(Box::new(
            replace_enum(enum_type("mood", ["low", "ok"])).from(["sad", "ok"]).map("sad", "low"),
        )),
        Operation::CreateView(Box::new(view("v", "SELECT 2").replacing("SELECT 1"))),
        Operation::CreateFunction(Box::new(
            function("f", "").returns("int").body("SELECT 2").replacing("SELECT 1"),
        )),
        Operation::CreateSequence(sequence("s").start(10)),
        Operation::CreateSchema { name: "app".to_owned(), if_not_exists: false },
        Operation::Comment {
            on: CommentTarget::Table("users".into()),
            comment: comment("People").was("Men"),
        },
        Operation::InsertRows(rows("roles", ["slug"]).row(("admin",)).key(["slug"])),
    ]
}

#[test]
fn the_inverse_of_the_inverse_is_the_operation() {
    for operation in reversible() {
        let back = inverse(&operation);
        assert_ne!(back, operation);
        assert_eq!(
            inverse(&back).render(Dialect::Postgres),
            operation.render(Dialect::Postgres),
            "{operation}"
        );
    }
}

#[test]
fn a_drop_by_name_has_no_inverse_and_one_by_definition_has() {
    assert_eq!(reason(&drop_column("age")), Reason::DefinitionUnknown);
    assert_eq!(reason(&drop_column(if_exists("age"))), Reason::DefinitionUnknown);
    let age = column("age", Integer).not_null();
    assert_eq!(inverse(&drop_column(age.clone())), Operation::alter("users", age.into()));
    let by_name = Operation::DropIndex { index: concurrently("idx").into(), table: "users".into() };
    assert_eq!(reason(&by_name), Reason::DefinitionUnknown);
}

#[test]
fn what_may_have_been_there_before_is_not_dropped() {
    assert_eq!(reason(&table("users").if_not_exists().into()), Reason::MayHaveBeenThere);
    assert_eq!(reason(&index("idx").on("users", ["a"]).if_not_exists().into()), Reason::MayHaveBeenThere);
    assert_eq!(Operation::CreateExtension(extension("hstore").if_not_exists()).inverse(), Ok(Vec::new()));
}

#[test]
fn a_change_of_a_column_needs_to_know_what_it_was() {
    assert_eq!(reason(&change(alter().type_(BigInt))), Reason::PreviousUnknown);
    assert_eq!(reason(&change(alter().default(1))), Reason::PreviousUnknown);
    assert_eq!(inverse(&change(alter().not_null())), change(alter().nullable()));
    let was = column("age", Integer).default(18);
    let back = inverse(&change(alter().type_(BigInt).drop_default().was(was)));
    assert_eq!(back, change(alter().type_(Integer).default(18).was(column("age", BigInt))));
    let using = sql("payload::jsonb").undo("payload::text");
    let convert = change(alter().type_(Jsonb).using(using).was(column("age", Text)));
    let back = inverse(&convert);
    let Operation::AlterTable(AlterTable { changes, .. }) = &back else { panic!("another operation") };
    let TableChange::AlterColumn { change: taken_back, .. } = &changes[0] else { panic!("another change") };
    assert_eq!(taken_back.using.as_ref().unwrap().for_dialect(Dialect::Postgres), Ok("payload::text"));
    assert_eq!(inverse(&back).render(Dialect::Postgres), convert.render(Dialect::Postgres));
}

#[test]
fn changes_of_a_table_are_taken_back_the_last_one_first() {
    let mut changes = TableChanges::default();
    changes.rename_column("a", "b").alter_column("b", alter().not_null()).add_column(column("c", Text));
    let alter_table = Operation::AlterTable(AlterTable { table: "t".into(), changes: changes.changes });
    let Operation::AlterTable(back) = inverse(&alter_table) else { panic!("another operation") };
    let words: Vec<_> = back.changes.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["drop column c", "alter column b", "rename column b to a"]);
}

#[test]
fn constraints_without_a_name_are_dropped_by_the_names_they_got() {
    let mut changes = TableChanges::default();
    changes.add_constraint(check("a > 0")).add_constraint(check("b > 0"));
    let alter_table = Operation::AlterTable(AlterTable { table: "t".into(), changes: changes.changes });
    let Operation::AlterTable(back) = inverse(&alter_table) else { panic!("another operation") };
    let words: Vec<_> = back.changes.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["drop constraint t_check1", "drop constraint t_check"]);
}

#[test]
fn there_is_nothing_to_take_back_of_a_validation() {
    let validate = Operation::alter("t", TableChange::ValidateConstraint("t_check".to_owned()));
    assert_eq!(validate.inverse(), Ok(Vec::new()));
}

#[test]
fn an_enum_whose_values_fell_together_is_not_taken_apart() {
    let replace = replace_enum(enum_type("mood", ["low"])).map("sad", "low").map("ok", "low");
    let unknown = Operation::ReplaceEnum(Box::new(replace.clone()));
    assert_eq!(reason(&unknown), Reason::PreviousUnknown);
    let lossy = Operation::ReplaceEnum(Box::new(replace.from(["sad", "ok"])));
    assert_eq!(reason(&lossy), Reason::LosesValues);
}

#[test]
fn sql_is_taken_back_by_what_its_author_says() {
    let grant = Operation::Execute(sql("GRANT SELECT ON a TO b").undo("REVOKE SELECT ON a FROM b"));
    let revoke = inverse(&grant);
    assert_eq!(
        revoke.render(Dialect::Postgres).unwrap(),
        Operation::Execute(sql("REVOKE SELECT ON a FROM b")).render(Dialect::Postgres).unwrap()
    );
    assert_eq!(inverse(&revoke).render(Dialect::Postgres), grant.render(Dialect::Postgres));
    assert_eq!(reason(&Operation::Execute(sql("VACUUM"))), Reason::RawSql);
    let data = |leaves| Operation::Data { description: "fill".to_owned(), leaves };
    assert_eq!(reason(&data(Leaves::Traces)), Reason::Data);
    assert_eq!(data(Leaves::Nothing).inverse(), Ok(Vec::new()));
}

#[test]
fn a_type_has_the_name_that_table_has_for_it() {
    let all = [
        ColumnType::Boolean,
        ColumnType::SmallInt,
        ColumnType::Integer,
        ColumnType::BigInt,
        ColumnType::Float,
        ColumnType::Double,
        ColumnType::Numeric,
        ColumnType::Text,
        ColumnType::Binary,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::Timestamp,
        ColumnType::Timestamptz,
        ColumnType::Interval,
        ColumnType::Uuid,
        ColumnType::Json,
        ColumnType::Jsonb,
        ColumnType::Inet,
        ColumnType::Cidr,
        ColumnType::MacAddr,
        ColumnType::Money,
        ColumnType::Oid,
        ColumnType::Citext,
        range(Integer),
        ColumnType::Multirange(Box::new(ColumnType::Timestamptz)),
    ];
    for column_type in all {
        let name = column_type.diesel_name(Dialect::Postgres).unwrap();
        assert_eq!(ColumnType::from_diesel_name(&name), Some(column_type), "{name}");
    }
    assert_eq!(array(Text).diesel_name(Dialect::Postgres).unwrap(), "Array<Nullable<Text>>");
    assert_eq!(ColumnType::from_diesel_name("Array<Nullable<Text>>"), Some(array(Text)));
    assert_eq!(ColumnType::from_diesel_name("diesel::sql_types::Nullable<Int8>"), Some(ColumnType::BigInt));
    assert_eq!(ColumnType::from_diesel_name("Mood"), None);
}

#[test]
fn a_type_may_differ_from_server_to_server() {
    let document = ColumnType::Jsonb.on(Dialect::Sqlite, Text).on(Dialect::Mysql, ColumnType::Json);
    assert_eq!(document.on_dialect(Dialect::Postgres), &ColumnType::Jsonb);
    assert_eq!(document.on_dialect(Dialect::Sqlite), &ColumnType::Text);
    assert_eq!(document.on_dialect(Dialect::Mysql), &ColumnType::Json);
    let again = document.on(Dialect::Sqlite, ColumnType::Binary);
    assert_eq!(again.on_dialect(Dialect::Sqlite), &ColumnType::Binary);
}

#[test]
fn bytes_are_binary_and_no_array_of_numbers() {
    let binary = Value::Binary(vec![1, 255]);
    assert_eq!(Value::from(vec![1_u8, 255]), binary);
    assert_eq!(Value::from([1_u8, 255]), binary);
    assert_eq!(Value::from(b"\x01\xff"), binary);
    assert_eq!(Value::from([1, 255]), Value::Array(vec![Value::Integer(1), Value::Integer(255)]));
}
