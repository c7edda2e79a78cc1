mod complete;

use std::collections::BTreeMap;

use super::DifferenceOptions;
use crate::catalog::{
    Catalog, Check, Column, Constraint, Function, FunctionKind, FunctionName, Index, IndexKey, ObjectName,
    PrimaryKey, Table, TableOptions, Unique,
};

fn name(text: &str) -> ObjectName {
    ObjectName::new("public", text)
}

fn of_tables<const N: usize>(tables: [(&str, Table); N]) -> Catalog {
    let tables = tables.into_iter().map(|(key, table)| (name(key), table)).collect();
    Catalog { tables, ..Catalog::default() }
}

fn of_columns(columns: impl IntoIterator<Item = Column>) -> Table {
    Table { columns: columns.into_iter().collect(), ..Table::default() }
}

fn index(keys: &[&str]) -> Index {
    Index {
        keys: keys.iter().map(|key| IndexKey::column(*key)).collect(),
        include: Vec::new(),
        unique: false,
        nulls_not_distinct: false,
        method: "btree".to_owned(),
        predicate: None,
        options: BTreeMap::new(),
        valid: true,
        constraint: None,
        partition_of: None,
        clustered: false,
        definition: format!("CREATE INDEX ON t ({})", keys.join(", ")),
        comment: None,
    }
}

fn unique(constraint: Option<&str>, column: &str) -> Constraint<Unique> {
    let rule = Unique { columns: vec![column.to_owned()], include: Vec::new(), nulls_not_distinct: false };
    Constraint::new(constraint.map(str::to_owned), rule, format!("UNIQUE ({column})"))
}

fn check(constraint: Option<&str>, expression: &str) -> Constraint<Check> {
    let rule = Check { expression: expression.to_owned(), no_inherit: false };
    Constraint::new(constraint.map(str::to_owned), rule, format!("CHECK ({expression})"))
}

/// A table with one unique column, and the index behind it.
fn with_unique(constraint: &str) -> Table {
    let backing = Index {
        unique: true,
        constraint: Some(constraint.to_owned()),
        definition: format!("CREATE UNIQUE INDEX {constraint} ON t (a)"),
        ..index(&["a"])
    };
    Table {
        uniques: vec![unique(Some(constraint), "a")],
        indexes: BTreeMap::from([(constraint.to_owned(), backing)]),
        ..of_columns([Column::new("a", "text")])
    }
}

#[test]
fn a_difference_prints_as_a_tree() {
    let old = Table {
        indexes: BTreeMap::from([("idx_users_name".to_owned(), index(&["name"]))]),
        ..of_columns([
            Column::new("name", "text"),
            Column { default: Some("0".to_owned()), ..Column::new("age", "integer") },
        ])
    };
    let new = of_columns([
        Column::new("name", "text"),
        Column {
            nullable: false,
            default: Some("false".to_owned()),
            ..Column::new("email_verified", "boolean")
        },
        Column::new("age", "bigint"),
    ]);
    let from = of_tables([("users", old)]);
    let to = of_tables([("users", new), ("memories", Table::default()), ("Odd name", Table::default())]);
    assert_eq!(
        from.difference(&to).to_string(),
        "+ table public.\"Odd name\"\n\
         + table public.memories\n\
         table public.users\n  \
           + column email_verified boolean not null default false\n  \
           ~ column age: type integer -> bigint, default 0 -> none\n  \
           - index idx_users_name\n"
    );
    assert_eq!(
        to.difference(&from).to_string(),
        "- table public.\"Odd name\"\n\
         - table public.memories\n\
         table public.users\n  \
           ~ column age: type bigint -> integer, default none -> 0\n  \
           - column email_verified\n  \
           + index idx_users_name (name)\n"
    );
}

#[test]
fn an_attribute_of_the_table_stands_on_its_line() {
    let with = |comment: &str, unlogged| {
        let options = TableOptions { unlogged, ..TableOptions::default() };
        of_tables([("t", Table { options, comment: Some(comment.to_owned()), ..Table::default() })])
    };
    assert_eq!(
        with("old", false).difference(&with("new", true)).to_string(),
        "~ table public.t: unlogged none -> true, comment old -> new\n"
    );
}

#[test]
fn a_moved_column_is_told_apart_from_a_new_one_and_can_be_ignored() {
    let [a, b, c] = ["a", "b", "c"].map(|column| Column::new(column, "text"));
    let from = of_tables([("t", of_columns([a.clone(), b.clone()]))]);
    let moved = of_tables([("t", of_columns([b.clone(), a.clone()]))]);
    let grown = of_tables([("t", of_columns([a, c, b]))]);
    assert_eq!(from.difference(&moved).to_string(), "~ table public.t: column order a, b -> b, a\n");
    assert_eq!(from.difference(&grown).to_string(), "table public.t\n  + column c text\n");
    let options = DifferenceOptions { ignore_column_order: true, ..DifferenceOptions::default() };
    assert!(from.difference_with(&moved, options).is_empty());
    assert!(!from.difference_with(&grown, options).is_empty());
}

#[test]
fn a_constraint_speaks_for_its_index() {
    let bare = of_tables([("t", of_columns([Column::new("a", "text")]))]);
    let with = of_tables([("t", with_unique("t_a_key"))]);
    assert_eq!(bare.difference(&with).to_string(), "table public.t\n  + unique t_a_key (a)\n");
    assert_eq!(with.difference(&bare).to_string(), "table public.t\n  - unique t_a_key\n");
}

#[test]
fn a_renamed_constraint_is_one_change_and_can_be_ignored() {
    let from = of_tables([("t", with_unique("t_a_key"))]);
    let to = of_tables([("t", with_unique("once"))]);
    assert_eq!(
        from.difference(&to).to_string(),
        "table public.t\n  ~ unique t_a_key: name t_a_key -> once\n"
    );
    let options = DifferenceOptions { ignore_constraint_names: true, ..DifferenceOptions::default() };
    assert!(from.difference_with(&to, options).is_empty());
    let mut broken = with_unique("once");
    broken.indexes.get_mut("once").unwrap().valid = false;
    assert_eq!(
        from.difference_with(&of_tables([("t", broken)]), options).to_string(),
        "table public.t\n  ~ index t_a_key: valid none -> false\n"
    );
}

#[test]
fn with_names_ignored_the_definition_tells_which_constraint_is_which() {
    let with = |checks| of_tables([("t", Table { checks, ..Table::default() })]);
    let from = with(vec![check(Some("t_check"), "a > 0"), check(Some("t_check1"), "b > 0")]);
    let to = with(vec![check(Some("t_check"), "b > 0"), check(Some("t_check1"), "a > 0")]);
    assert!(!from.difference(&to).is_empty());
    let options = DifferenceOptions { ignore_constraint_names: true, ..DifferenceOptions::default() };
    assert!(from.difference_with(&to, options).is_empty());
}

#[test]
fn constraints_without_a_name_are_counted() {
    let with = |checks| of_tables([("t", Table { checks, ..Table::default() })]);
    let one = with(vec![check(None, "a > 0")]);
    let two = with(vec![check(None, "a > 0"), check(None, "a > 0")]);
    assert_eq!(one.difference(&two).to_string(), "table public.t\n  + check (a > 0)\n");
    assert_eq!(two.difference(&one).to_string(), "table public.t\n  - check (a > 0)\n");
}

#[test]
fn two_primary_keys_are_one_that_changed() {
    let with = |constraint: &str, column: &str| {
        let rule = PrimaryKey { columns: vec![column.to_owned()], include: Vec::new() };
        let key = Constraint::new(Some(constraint.to_owned()), rule, format!("PRIMARY KEY ({column})"));
        of_tables([("t", Table { primary_key: Some(key), ..Table::default() })])
    };
    assert_eq!(
        with("t_pkey", "a").difference(&with("t_key", "b")).to_string(),
        "table public.t\n  ~ primary key t_pkey: name t_pkey -> t_key, columns a -> b\n"
    );
}

#[test]
fn of_a_long_text_the_lines_that_differ_show() {
    let with = |body: &str| {
        let function = Function {
            kind: FunctionKind::Function,
            returns: Some("integer".to_owned()),
            language: "sql".to_owned(),
            definition: format!("CREATE FUNCTION f()\n{body}\nEND"),
            comment: None,
        };
        let key = FunctionName { name: name("f"), arguments: "text, integer".to_owned() };
        Catalog { functions: BTreeMap::from([(key, function)]), ..Catalog::default() }
    };
    assert_eq!(
        with("one\ntwo").difference(&with("one\nthree\nfour")).to_string(),
        "~ function public.f(text, integer)\n  statement:\n    - two\n    + three\n    + four\n"
    );
}
