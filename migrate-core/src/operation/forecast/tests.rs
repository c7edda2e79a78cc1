//! What a forecast keeps in mind from one operation to the next. What single statements do is compared with real
//! servers, in `tests/server/locks/prediction`.

use std::collections::BTreeMap;

use super::*;
use crate::operation::TableLock::{AccessExclusive, RowExclusive, ShareRowExclusive, ShareUpdateExclusive};
use crate::operation::names::{BigInt, Integer, Text};
use crate::operation::{
    AlterTable, Assumption, Column, Name, TableChange, TableLock, alter, check, column, expression,
    foreign_key, index, named_type, rows, sql, table, varchar,
};

/// A database with these tables, and nothing else in the schema `public`.
struct Tables(BTreeMap<Name, Relation>);

impl Facts for Tables {
    fn relations(&self) -> Option<BTreeMap<Name, Relation>> {
        Some(self.0.clone())
    }

    fn default_schema(&self) -> Option<&str> {
        Some("public")
    }

    fn data_type(&self, _: &Name) -> Option<DataType> {
        None
    }

    fn is_utc(&self) -> Option<bool> {
        None
    }

    fn volatility(&self, _: &str) -> Option<Volatility> {
        None
    }
}

fn users() -> Tables {
    let facts = |type_: &str| ColumnFacts { type_: Some(type_.to_owned()), ..ColumnFacts::default() };
    let columns = [("id".to_owned(), facts("bigint")), ("bio".to_owned(), facts("text"))];
    Tables(BTreeMap::from([("users".into(), Relation { columns: columns.into(), ..Relation::default() })]))
}

/// The effects of operations on a database, one for each statement.
fn effects(facts: &dyn Facts, operations: &[Operation]) -> Vec<Effect> {
    let mut forecast = Forecast::new(facts);
    let effects = operations.iter().flat_map(|operation| forecast.operation(operation).unwrap());
    effects.map(|(_, effect)| effect).collect()
}

fn add(table: impl Into<Name>, column: Column) -> Operation {
    Operation::alter(table, column.into())
}

fn set_not_null(column: &str) -> Operation {
    let change = Box::new(alter().not_null());
    Operation::alter("users", TableChange::AlterColumn { column: column.to_owned(), change })
}

fn add_check(table: &str) -> Operation {
    let there = check("bio IS NOT NULL").named("bio_there").not_valid();
    Operation::alter(table, TableChange::AddConstraint(Box::new(there.into())))
}

fn locks(effect: &Effect) -> Vec<(String, TableLock)> {
    effect.locks.iter().map(|(name, lock)| (name.to_string(), *lock)).collect()
}

#[test]
fn nobody_waits_for_a_table_that_the_step_created() {
    let posts =
        table("posts").column(column("user_id", BigInt).references("users", "id")).index("idx", ["user_id"]);
    let told = effects(
        &users(),
        &[
            posts.into(),
            add("posts", column("token", Text).default(expression("gen_random_uuid()::text"))),
            Operation::RenameTable { from: "posts".into(), to: "notes".to_owned() },
            index("by_token").on(("public", "notes"), ["token"]).into(),
            Operation::InsertRows(rows("notes", ["token"]).row(("a",))),
        ],
    );
    assert_eq!(locks(&told[0]), [("users".to_owned(), ShareRowExclusive)]);
    assert_eq!(told[1..5], [(); 4].map(|()| Effect::default()));
    // The foreign key is still looked at.
    assert_eq!(locks(&told[5]), [("users".to_owned(), TableLock::RowShare)]);
}

#[test]
fn a_check_proves_what_it_proves_once_it_is_validated() {
    let validate = Operation::alter("users", TableChange::ValidateConstraint("bio_there".to_owned()));
    let told = effects(&users(), &[add_check("users"), validate, set_not_null("bio"), set_not_null("bio")]);
    assert!(told[0].scans.is_empty());
    assert_eq!(locks(&told[1]), [("users".to_owned(), ShareUpdateExclusive)]);
    assert!(told[1].scans.contains(&"users".into()));
    assert!(told[2].scans.is_empty() && told[3].scans.is_empty());
    let unvalidated = effects(&users(), &[add_check("users"), set_not_null("bio")]);
    assert!(unvalidated[1].scans.contains(&"users".into()));
}

#[test]
fn a_column_is_what_the_step_made_of_it() {
    let rename = TableChange::RenameColumn { from: "bio".to_owned(), to: "about".to_owned() };
    let retype = |type_| {
        let change = Box::new(alter().type_(type_));
        Operation::alter("users", TableChange::AlterColumn { column: "about".to_owned(), change })
    };
    let told = effects(
        &users(),
        &[Operation::alter("users", rename), retype(varchar(100)), retype(varchar(200)), retype(varchar(50))],
    );
    let rewrites: Vec<_> = told.iter().map(|effect| !effect.rewrites.is_empty()).collect();
    assert_eq!(rewrites, [false, true, false, true]);
}

#[test]
fn a_schema_that_is_said_is_no_other_table() {
    let told =
        effects(&users(), &[add(("public", "users"), column("a", Text)), add("users", column("b", Text))]);
    assert_eq!(told[0], told[1]);
}

#[test]
fn what_is_not_known_is_assumed_to_be_worse_and_said() {
    let retype = Box::new(alter().type_(BigInt));
    let told = effects(
        &(),
        &[
            Operation::alter("users", TableChange::AlterColumn { column: "age".to_owned(), change: retype }),
            add("users", column("note", named_type("short_text"))),
            add("users", column("number", Integer).default(expression("app.next_number()"))),
            Operation::alter("users", TableChange::DropConstraint("users_team".into())),
            set_not_null("email"),
        ],
    );
    let column_type =
        |column: &str| Assumption::ColumnType { table: "users".into(), column: column.to_owned() };
    assert!(told[..3].iter().all(|effect| effect.rewrites.contains(&"users".into())));
    assert!(told[0].assumed.contains(&column_type("age")));
    assert!(told[1].assumed.contains(&column_type("note")));
    assert!(told[2].assumed.contains(&Assumption::Volatility("next_number".to_owned())));
    let constraint = Assumption::Constraint { table: "users".into(), constraint: "users_team".to_owned() };
    assert!(told[3].assumed.contains(&constraint));
    assert!(told[4].scans.contains(&"users".into()));
    assert!(told[4].assumed.contains(&Assumption::Table("users".into())));
}

#[test]
fn a_table_that_may_be_there_already_is_not_new() {
    let told =
        effects(&(), &[table("t").column(column("a", Integer)).if_not_exists().index("i", ["a"]).into()]);
    assert!(told[0].assumed.contains(&Assumption::Existence("t".into())));
    assert_eq!(locks(&told[1]), [("t".to_owned(), TableLock::Share)]);
    let told = effects(
        &users(),
        &[table("t").column(column("a", Integer)).if_not_exists().index("i", ["a"]).into()],
    );
    assert_eq!(told, [Effect::default(), Effect::default()]);
}

#[test]
fn each_statement_has_its_own_effect() {
    let to_users = foreign_key(["user_id"], "users", ["id"]).not_valid();
    let changes = vec![
        TableChange::from(column("user_id", BigInt).comment("Whose")),
        TableChange::RenameColumn { from: "bio".to_owned(), to: "about".to_owned() },
        TableChange::AddConstraint(Box::new(to_users.into())),
    ];
    let operation = Operation::AlterTable(AlterTable { table: "users".into(), changes });
    let facts = users();
    let statements = Forecast::new(&facts).operation(&operation).unwrap();
    let told: Vec<_> = statements
        .iter()
        .map(|(statement, effect)| {
            (statement.sql.split(' ').take(4).collect::<Vec<_>>().join(" "), locks(effect))
        })
        .collect();
    let on_users = |sql: &str, lock| (sql.to_owned(), vec![("users".to_owned(), lock)]);
    assert_eq!(
        told,
        [
            on_users("ALTER TABLE \"users\" ADD", AccessExclusive),
            on_users("COMMENT ON COLUMN \"users\".\"user_id\"", ShareUpdateExclusive),
            on_users("ALTER TABLE \"users\" RENAME", AccessExclusive),
            on_users("ALTER TABLE \"users\" ADD", ShareRowExclusive),
        ]
    );
}

#[test]
fn raw_sql_is_unknown_and_concurrent_work_waits() {
    let told = effects(
        &users(),
        &[
            Operation::Execute(sql("TRUNCATE users")),
            index("idx").on("users", ["bio"]).concurrently().into(),
            Operation::InsertRows(rows("users", ["id"]).row((1,))),
        ],
    );
    assert!(told[0].unknown && !told[1].unknown);
    assert!(told[1].waits_for_transactions);
    assert_eq!(locks(&told[1]), [("users".to_owned(), ShareUpdateExclusive)]);
    assert_eq!(locks(&told[2]), [("users".to_owned(), RowExclusive)]);
}
