use std::collections::BTreeMap;

use super::super::contradiction;
use super::types::{identity, is_unbounded};
use super::{Fault, QUOTE, column, constraint, index, plain_text};
use crate::operation::naming::ConstraintNames;
use crate::operation::{Column, Constraint, Index, KeyTarget, PrimaryKey, Table};

/// `CREATE TABLE`, with its indexes in it.
pub(super) fn create(table: &Table) -> Result<String, Fault> {
    contradiction::of_table(table)?;
    if table.columns.is_empty() {
        return Err(Fault::Unsupported("a table has at least one column there"));
    }
    let key = contradiction::primary_key(table)?;
    let items = items(table, key.as_ref())?;
    let if_not_exists = if table.if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut sql = format!(
        "CREATE TABLE {if_not_exists}{} (\n  {}\n)",
        QUOTE.qualified(&table.name)?,
        items.join(",\n  ")
    );
    if let Some(start) = table.columns.iter().find_map(|column| identity(column)?.start) {
        sql.extend([" AUTO_INCREMENT = ", &start.to_string()]);
    }
    if let Some(comment) = &table.comment {
        sql.extend([" COMMENT = ", &plain_text(comment)?]);
    }
    if let Some(options) = &table.options.mysql {
        sql.extend([" ", options]);
    }
    Ok(sql)
}

fn items(table: &Table, key: Option<&PrimaryKey>) -> Result<Vec<String>, Fault> {
    let mut items = Vec::new();
    let in_key = |column: &Column| key.is_some_and(|key| key.columns.contains(&column.name));
    for own in &table.columns {
        items.push(column::definition(own, in_key(own))?);
    }
    let mut names = ConstraintNames::of_table(table);
    let mut constraints: Vec<(String, Constraint)> = Vec::new();
    constraints.extend(key.map(|key| (String::new(), key.clone().into())));
    for own in &table.columns {
        constraints.extend(constraint::of_column(own, &mut names));
    }
    let others = table.constraints.iter().filter(|own| !matches!(own, Constraint::PrimaryKey(_)));
    constraints.extend(others.map(|own| (names.constraint(own), own.clone())));
    let types = types(table);
    for (name, own) in &constraints {
        has_lengths(own, &types)?;
        items.push(constraint::definition(own, name)?);
    }
    for own in &table.indexes {
        let own = Index { table: table.name.clone(), ..own.clone() };
        index_has_lengths(&own, &types)?;
        items.push(index::item(&own)?);
    }
    Ok(items)
}

/// The columns by name, and whether each has no longest value.
type Unbounded<'t> = BTreeMap<&'t str, bool>;

fn types(table: &Table) -> Unbounded<'_> {
    table.columns.iter().map(|column| (column.name.as_str(), is_unbounded(&column.type_))).collect()
}

const NEEDS_LENGTH: Fault = Fault::Unsupported("a text without a longest value is a key only with a length");

fn has_lengths(constraint: &Constraint, unbounded: &Unbounded<'_>) -> Result<(), Fault> {
    let columns = match constraint {
        Constraint::PrimaryKey(key) => &key.columns,
        Constraint::Unique(unique) => &unique.columns,
        Constraint::ForeignKey(key) => &key.columns,
        _ => return Ok(()),
    };
    if columns.iter().any(|column| unbounded.get(column.as_str()) == Some(&true)) {
        return Err(NEEDS_LENGTH);
    }
    Ok(())
}

fn index_has_lengths(index: &Index, unbounded: &Unbounded<'_>) -> Result<(), Fault> {
    let is_fulltext = index.using.as_ref().is_some_and(|method| method.eq_ignore_ascii_case("fulltext"));
    let lacks = |key: &crate::operation::IndexKey| match &key.on {
        KeyTarget::Column(column) => key.length.is_none() && unbounded.get(column.as_str()) == Some(&true),
        KeyTarget::Expression(_) => false,
    };
    if !is_fulltext && index.keys.iter().any(lacks) {
        return Err(NEEDS_LENGTH);
    }
    Ok(())
}
