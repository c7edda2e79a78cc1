//! The values of an enum, which stand in a CHECK with each column.

use std::fmt::Write as _;

use super::{Fault, QUOTE, Step, definition, main_only};
use crate::operation::render::contradiction;
use crate::operation::render::sqlite::column::{ENUM_LABEL, one_of};
use crate::operation::{Name, ReplaceEnum, column_constraint_name};
use crate::sqlite::{
    ColumnRule, ConstraintRef, CreateTable, Edit, SchemaSnapshot, TableRule, TokenKind, meaningful, same,
    unquote,
};

/// New values for the columns of an enum, with one copy of each table.
pub(super) fn replace(replace: &ReplaceEnum, schema: &SchemaSnapshot) -> Result<Vec<Step>, Fault> {
    contradiction::of_replacement(replace)?;
    let mut steps: Vec<(&Name, Vec<Edit>)> = Vec::new();
    for column in &replace.columns {
        if column.array {
            return Err(Fault::Unsupported("it has no arrays"));
        }
        main_only(&column.table)?;
        let table = definition(schema, &column.table);
        let edits = of_column(replace, &column.table, &column.column, table.as_ref())?;
        match steps.iter_mut().find(|(table, _)| same(&table.name, &column.table.name)) {
            Some((_, others)) => others.extend(edits),
            None => steps.push((&column.table, edits)),
        }
    }
    let step = |(table, edits): (&Name, Vec<Edit>)| Step::Edit { table: table.name.clone(), edits };
    Ok(steps.into_iter().map(step).collect())
}

fn of_column(
    replace: &ReplaceEnum,
    table_name: &Name,
    column: &str,
    table: Option<&CreateTable>,
) -> Result<Vec<Edit>, Fault> {
    let mut edits = set_values(table, table_name, column, &replace.to.values, replace.from.as_deref())?;
    if !replace.mapping.is_empty() {
        edits.push(Edit::Fill { column: column.to_owned(), expression: mapped(column, &replace.mapping)? });
    }
    let default = table.and_then(|table| text_default(table, column));
    let new = default.and_then(|old| replace.mapping.iter().find(|(from, _)| *from == old));
    if let Some((_, new)) = new {
        edits.push(Edit::SetDefault { column: column.to_owned(), value: QUOTE.text(new)? });
    }
    Ok(edits)
}

/// `CASE` by the mapping; a value that it does not have stays.
fn mapped(column: &str, mapping: &[(String, String)]) -> Result<String, Fault> {
    let column = QUOTE.name(column)?;
    let mut sql = format!("CASE {column}");
    for (old, new) in mapping {
        let _ = write!(sql, " WHEN {} THEN {}", QUOTE.text(old)?, QUOTE.text(new)?);
    }
    let _ = write!(sql, " ELSE {column} END");
    Ok(sql)
}

/// The default of a column, when it is a text.
fn text_default(table: &CreateTable, column: &str) -> Option<String> {
    let value =
        table.column(column)?.constraints.iter().rev().find_map(|constraint| match &constraint.rule {
            ColumnRule::Default { value } => Some(table.slice(value)),
            _ => None,
        })?;
    match meaningful(value).ok()?.as_slice() {
        [only] if only.kind == TokenKind::String => Some(unquote(only.text).into_owned()),
        _ => None,
    }
}

/// Gives a column a list of values, in place of another one if there is one.
pub(super) fn set_values(
    table: Option<&CreateTable>,
    table_name: &Name,
    column: &str,
    values: &[String],
    were: Option<&[String]>,
) -> Result<Vec<Edit>, Fault> {
    let list = table.and_then(|table| list_of(table, column, were));
    let (mut edits, mut name) = (Vec::new(), None);
    if let Some(list) = list {
        name.clone_from(&list.name);
        // One with a name that stands with the column is replaced where it stands.
        if !(list.with_column && list.name.is_some()) {
            edits.push(list.dropped());
        }
    }
    let name = name.unwrap_or_else(|| column_constraint_name(&table_name.name, column, ENUM_LABEL));
    let expression = one_of(column, values)?;
    edits.push(Edit::SetColumnCheck { column: column.to_owned(), name, expression });
    Ok(edits)
}

/// Takes a column's list of values away, if it has one.
pub(super) fn drop_values(table: &CreateTable, column: &str) -> Option<Edit> {
    list_of(table, column, None).map(|list| list.dropped())
}

/// A CHECK that is a list of values.
struct List {
    name: Option<String>,
    expression: String,
    with_column: bool,
    values: Vec<String>,
}

impl List {
    fn dropped(&self) -> Edit {
        Edit::DropConstraint(match &self.name {
            Some(name) => ConstraintRef::Named(name.clone()),
            None => ConstraintRef::Check(self.expression.clone()),
        })
    }
}

/// The list of values of a column: the one that has the name for it, or the values that it should have, or that is
/// the only one. A name does not follow when the table or the column is renamed.
fn list_of(table: &CreateTable, column: &str, were: Option<&[String]>) -> Option<List> {
    let mut lists = lists(table, column);
    let expected = column_constraint_name(&table.name().value, column, ENUM_LABEL);
    let by_name = |list: &List| list.name.as_deref().is_some_and(|name| same(name, &expected));
    let by_values = |list: &List| were.is_some_and(|were| list.values == were);
    let only = (lists.len() == 1).then_some(0);
    let place = lists.iter().position(by_name).or_else(|| lists.iter().position(by_values)).or(only)?;
    Some(lists.swap_remove(place))
}

fn lists(table: &CreateTable, column: &str) -> Vec<List> {
    let with_column = table.column(column).into_iter().flat_map(|own| {
        own.constraints.iter().filter_map(|constraint| match &constraint.rule {
            ColumnRule::Check { expression } => Some((&constraint.name, expression, true)),
            _ => None,
        })
    });
    let behind = table.constraints().iter().filter_map(|constraint| match &constraint.rule {
        TableRule::Check { expression } => Some((&constraint.name, expression, false)),
        _ => None,
    });
    let list =
        |(name, expression, with_column): (&Option<crate::sqlite::Name>, &std::ops::Range<usize>, bool)| {
            let expression = table.slice(expression);
            let name = name.as_ref().map(|name| name.value.clone());
            let values = values(expression, column)?;
            Some(List { name, expression: expression.to_owned(), with_column, values })
        };
    with_column.chain(behind).filter_map(list).collect()
}

/// The values of `"column" IN ('a', 'b')`, if the expression is one.
fn values(expression: &str, column: &str) -> Option<Vec<String>> {
    let tokens = meaningful(expression).ok()?;
    let [name, is_in, open, values @ .., close] = tokens.as_slice() else { return None };
    let is_list = name.names(column) && is_in.is_word("IN") && open.is_mark("(") && close.is_mark(")");
    let value = |(index, token): (usize, &crate::sqlite::Token<'_>)| match index % 2 {
        0 if token.kind == TokenKind::String => Some(Some(unquote(token.text).into_owned())),
        1 if token.is_mark(",") => Some(None),
        _ => None,
    };
    let values: Option<Vec<_>> = values.iter().enumerate().map(value).collect();
    values.filter(|_| is_list).map(|values| values.into_iter().flatten().collect())
}
