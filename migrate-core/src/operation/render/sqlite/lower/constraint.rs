//! Constraints as they are in a table.

use super::mention::mentions;
use crate::operation::column_constraint_name;
use crate::sqlite::{ColumnRule, ConstraintRef, CreateTable, Name, TableRule, same};

/// One constraint of a table.
pub(super) struct Own<'t> {
    /// The name after `CONSTRAINT`.
    name: Option<&'t str>,
    /// The columns in the default name that PostgreSQL would give it, and its label.
    default: (String, &'static str),
    /// What it is, for those without a name.
    structure: ConstraintRef,
    /// The columns it is about; of a condition they are not known apart.
    columns: Option<Vec<&'t str>>,
    /// Whether it stands with a column.
    column: Option<&'t str>,
}

impl Own<'_> {
    fn reference(&self) -> ConstraintRef {
        self.name.map_or_else(|| self.structure.clone(), |name| ConstraintRef::Named(name.to_owned()))
    }
}

/// What a name means in a table: the constraint of this name, or one without a name that PostgreSQL would have
/// given it, so that a table made by SQL is changed by the same migration on every server.
pub(super) fn named(table: &CreateTable, table_name: &str, wanted: &str) -> Option<ConstraintRef> {
    let all = own(table);
    if all.iter().any(|own| own.name.is_some_and(|name| same(name, wanted))) {
        return Some(ConstraintRef::Named(wanted.to_owned()));
    }
    let unnamed = all.into_iter().filter(|own| own.name.is_none());
    let is = |own: &Own<'_>| {
        let (columns, label) = &own.default;
        same(&column_constraint_name(table_name, columns, label), wanted)
    };
    unnamed.into_iter().find(is).map(|own| own.structure)
}

/// The constraints that PostgreSQL drops together with a column: all that are about it, but for those that stand in
/// its own definition.
pub(super) fn dropped_with(table: &CreateTable, column: &str) -> Vec<ConstraintRef> {
    let uses = |own: &Own<'_>| {
        let elsewhere = own.column.is_none_or(|with| !same(with, column));
        let about = match (&own.columns, &own.structure) {
            (Some(columns), _) => columns.iter().any(|name| same(name, column)),
            (None, ConstraintRef::Check(condition)) => mentions(condition, column),
            (None, _) => false,
        };
        elsewhere && about
    };
    own(table).iter().filter(|own| uses(own)).map(Own::reference).collect()
}

fn own(table: &CreateTable) -> Vec<Own<'_>> {
    let with_columns = table.columns().iter().flat_map(|column| {
        let name = column.name.value.as_str();
        column.constraints.iter().filter_map(move |constraint| {
            let (label, structure) = match &constraint.rule {
                ColumnRule::PrimaryKey { .. } => ("pkey", ConstraintRef::PrimaryKey),
                ColumnRule::Unique => ("key", ConstraintRef::Unique(vec![name.to_owned()])),
                ColumnRule::Check { expression } => {
                    ("check", ConstraintRef::Check(table.slice(expression).to_owned()))
                }
                ColumnRule::References(target) => {
                    let (columns, table) = (vec![name.to_owned()], target.table.value.clone());
                    ("fkey", ConstraintRef::ForeignKey { columns, table })
                }
                _ => return None,
            };
            let columns = (label != "check").then(|| vec![name]);
            let default = (if label == "pkey" { String::new() } else { name.to_owned() }, label);
            let own = constraint.name.as_ref().map(|name| name.value.as_str());
            Some(Own { name: own, default, structure, columns, column: Some(name) })
        })
    });
    let behind = table.constraints().iter().filter_map(|constraint| {
        let (label, key, structure) = match &constraint.rule {
            TableRule::PrimaryKey { columns, .. } => ("pkey", Some(columns), ConstraintRef::PrimaryKey),
            TableRule::Unique { columns } => ("key", Some(columns), ConstraintRef::Unique(values(columns))),
            TableRule::Check { expression } => {
                ("check", None, ConstraintRef::Check(table.slice(expression).to_owned()))
            }
            TableRule::ForeignKey { columns, target } => {
                let table = target.table.value.clone();
                ("fkey", Some(columns), ConstraintRef::ForeignKey { columns: values(columns), table })
            }
            TableRule::Nothing => return None,
        };
        let in_name = if label == "pkey" { None } else { key };
        let default = (in_name.map(|key| values(key).join("_")).unwrap_or_default(), label);
        let columns = key.map(|key| key.iter().map(|name| name.value.as_str()).collect());
        let name = constraint.name.as_ref().map(|name| name.value.as_str());
        Some(Own { name, default, structure, columns, column: None })
    });
    with_columns.chain(behind).collect()
}

fn values(names: &[Name]) -> Vec<String> {
    names.iter().map(|name| name.value.clone()).collect()
}
