use std::collections::BTreeSet;

use super::column::{self, Told};
use super::constraint::constraints;
use super::index::{self, ToldKey};
use super::read::{Object, triggers};
use crate::catalog::{CatalogError, Column, Table, TableOptions};
use crate::sqlite::{CreateTable, meaningful};

/// An ordinary table.
pub(super) fn table(
    object: &Object,
    told: Vec<Told>,
    keys: Vec<ToldKey>,
    objects: &[Object],
    tables: &BTreeSet<&str>,
) -> Result<Table, CatalogError> {
    let answer = || CatalogError::Answer { what: "table", text: object.sql.clone() };
    let definition = CreateTable::parse(object.sql.as_str()).map_err(|_| answer())?;
    let mut table = Table {
        options: TableOptions {
            strict: definition.options().strict,
            without_rowid: definition.options().without_rowid,
            ..TableOptions::default()
        },
        ..Table::default()
    };
    for told in told {
        let own = definition.column(&told.name).ok_or_else(answer)?;
        table.columns.push(column::column(&definition, own, told)?);
    }
    constraints(&definition, tables, &mut table)?;
    table.indexes = index::indexes(keys, &table.columns, objects)?;
    table.triggers = triggers(object, objects)?;
    Ok(table)
}

/// A table that a module makes.
pub(super) fn virtual_table(object: &Object, told: Vec<Told>) -> Table {
    let columns = told.into_iter().map(|told| Column::new(told.name, told.declared)).collect();
    let tokens = meaningful(&object.sql).unwrap_or_default();
    let module = tokens.iter().find(|token| token.is_word("USING"));
    let module = module.map(|using| object.sql[using.end()..].trim().trim_end_matches(';').trim().to_owned());
    let options = TableOptions { virtual_module: module, ..TableOptions::default() };
    Table { columns, options, ..Table::default() }
}
