use super::super::contradiction;
use super::column::{self, Setting};
use super::types::identity;
use super::{Fault, QUOTE, constraint, index};
use crate::operation::naming::ConstraintNames;
use crate::operation::{Constraint, PrimaryKey, Table};

/// A table with its indexes.
pub(super) fn create(table: &Table) -> Result<Vec<String>, Fault> {
    let if_not_exists = if table.if_not_exists { "IF NOT EXISTS " } else { "" };
    let items = items(table)?;
    let mut statements = vec![format!(
        "CREATE TABLE {if_not_exists}{} (\n  {}\n){}",
        QUOTE.qualified(&table.name)?,
        items.join(",\n  "),
        options(table)
    )];
    statements.extend(first_number(table)?);
    for own in &table.indexes {
        let mut own = own.clone();
        own.if_not_exists |= table.if_not_exists;
        statements.push(index::create(&own, &table.name)?);
    }
    Ok(statements)
}

/// The columns, and the constraints behind them.
fn items(table: &Table) -> Result<Vec<String>, Fault> {
    if table.columns.is_empty() {
        return Err(Fault::Unsupported("a table has at least one column there"));
    }
    let key = key(table)?;
    contradiction::of_table(table)?;
    let mut names = ConstraintNames::of_table(table);
    let key_name = key.as_ref().map(|key| names.constraint(&key.clone().into()));
    let mut items = Vec::new();
    let mut stands_with_column = false;
    for own in &table.columns {
        let in_key = key.as_ref().is_some_and(|key| key.columns.contains(&own.name));
        let alone = in_key && key.as_ref().is_some_and(|key| key.columns.len() == 1);
        stands_with_column |= alone;
        let setting = Setting {
            table: &table.name,
            strict: table.options.strict,
            in_key,
            key: key_name.clone().filter(|_| alone),
        };
        items.push(column::definition(own, &setting, &mut names)?);
    }
    for own in &table.constraints {
        let is_key = matches!(own, Constraint::PrimaryKey(_));
        if !(is_key && stands_with_column) {
            let name = if is_key { key_name.clone() } else { None };
            let name = name.unwrap_or_else(|| names.constraint(own));
            items.push(constraint::definition(own, &name, &table.name)?);
        }
    }
    Ok(items)
}

/// The primary key, whether it stands with a column or behind them.
fn key(table: &Table) -> Result<Option<PrimaryKey>, Fault> {
    let key = contradiction::primary_key(table)?;
    if let Some(key) = &key {
        constraint::own_index(key.using_index.as_ref(), key.deferral)?;
    }
    let is_numbered = |table: &Table| table.columns.iter().any(|column| identity(column).is_some());
    if table.options.without_rowid && is_numbered(table) {
        return Err(Fault::Unsupported("a table without row ids is not numbered"));
    }
    Ok(key)
}

fn options(table: &Table) -> &'static str {
    match (table.options.strict, table.options.without_rowid) {
        (true, true) => " STRICT, WITHOUT ROWID",
        (true, false) => " STRICT",
        (false, true) => " WITHOUT ROWID",
        (false, false) => "",
    }
}

/// The counter of a numbered table begins before its first number.
fn first_number(table: &Table) -> Result<Option<String>, Fault> {
    let Some(start) = table.columns.iter().find_map(|column| identity(column)?.start) else {
        return Ok(None);
    };
    let schema = match &table.name.schema {
        Some(schema) => format!("{}.", QUOTE.name(schema)?),
        None => String::new(),
    };
    let name = QUOTE.text(&table.name.name)?;
    let last = start.checked_sub(1).filter(|last| *last >= 0);
    let last = last.ok_or(Fault::Unsupported("it numbers rows from one on"))?;
    Ok(Some(format!(
        "INSERT INTO {schema}sqlite_sequence (name, seq) SELECT {name}, {last} \
         WHERE NOT EXISTS (SELECT 1 FROM {schema}sqlite_sequence WHERE name = {name})"
    )))
}
