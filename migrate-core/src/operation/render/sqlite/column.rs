use super::super::contradiction;
use super::super::literals::as_default;
use super::constraint::references;
use super::types::{declared, identity};
use super::{Fault, QUOTE, enclosed};
use crate::connection::Dialect;
use crate::operation::naming::ConstraintNames;
use crate::operation::{Column, ColumnDefault, ColumnType, EnumType, Identity, Name};

/// What a column's definition depends on besides the column.
pub(super) struct Setting<'s> {
    /// The table.
    pub(super) table: &'s Name,
    /// Whether it is `STRICT`.
    pub(super) strict: bool,
    /// Whether the column is part of the primary key.
    pub(super) in_key: bool,
    /// The name of the primary key that the column is alone.
    pub(super) key: Option<String>,
}

/// The definition of a column, with the constraints that stand with it.
pub(super) fn definition(
    column: &Column,
    setting: &Setting<'_>,
    names: &mut ConstraintNames<'_>,
) -> Result<String, Fault> {
    let name = QUOTE.name(&column.name)?;
    contradiction::of_column(column, identity(column).is_some())?;
    let identity = identity(column);
    let declared = match &identity {
        Some(identity) => numbered(identity, setting)?.to_owned(),
        None => declared(&column.type_, setting.strict)?,
    };
    let mut parts = vec![name.clone(), declared];
    // SQLite takes NULL in a primary key unless it is told not to.
    if !column.nullable || setting.in_key || identity.is_some() {
        parts.push("NOT NULL".to_owned());
    }
    if let Some(default) = &column.default {
        parts.push(format!("DEFAULT {}", default_value(default, &column.type_)?));
    }
    if let Some(collation) = collation(column) {
        parts.push(format!("COLLATE {}", QUOTE.name(collation)?));
    }
    if let Some(key) = &setting.key {
        let numbered = if identity.is_some() { " AUTOINCREMENT" } else { "" };
        parts.push(format!("CONSTRAINT {} PRIMARY KEY{numbered}", QUOTE.name(key)?));
    }
    if column.unique {
        parts.push(format!("CONSTRAINT {} UNIQUE", QUOTE.name(&names.column(&column.name, "key"))?));
    }
    for check in &column.checks {
        let check_name = QUOTE.name(&names.column(&column.name, "check"))?;
        parts.push(format!("CONSTRAINT {check_name} CHECK {}", enclosed(check)?));
    }
    if let Some(values) = enum_type(&column.type_) {
        let check_name = QUOTE.name(&names.column(&column.name, ENUM_LABEL))?;
        parts.push(format!("CONSTRAINT {check_name} CHECK ({})", one_of(&column.name, &values.values)?));
    }
    if let Some(target) = &column.references {
        let key_name = QUOTE.name(&names.column(&column.name, "fkey"))?;
        parts.push(format!("CONSTRAINT {key_name} {}", references(target, 1, setting.table)?));
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        parts.push(format!("GENERATED ALWAYS AS {} {kind}", enclosed(&generated.expression)?));
    }
    Ok(parts.join(" "))
}

/// The label of the constraint that lists the values of an enum, in its name: `<table>_<column>_enum`.
pub(super) const ENUM_LABEL: &str = "enum";

/// The type of a numbered column: with another one it is no row id, which is all that SQLite numbers.
fn numbered(identity: &Identity, setting: &Setting<'_>) -> Result<&'static str, Fault> {
    if setting.key.is_none() {
        return Err(Fault::Unsupported("it numbers nothing but a primary key of one column"));
    }
    if identity.always {
        return Err(Fault::Unsupported("it cannot refuse numbers that an INSERT brings"));
    }
    if identity.increment.is_some_and(|step| step != 1) {
        return Err(Fault::Unsupported("it numbers rows in steps of one"));
    }
    Ok("INTEGER")
}

/// The enum type of a column, if it has one.
pub(super) fn enum_type(type_: &ColumnType) -> Option<&EnumType> {
    match type_.on_dialect(Dialect::Sqlite) {
        ColumnType::Enum(enum_type) => Some(enum_type),
        _ => None,
    }
}

/// The condition that a column has one of the values of an enum.
pub(super) fn one_of(column: &str, values: &[String]) -> Result<String, Fault> {
    if values.is_empty() {
        return Err(Fault::malformed("the enum has no values"));
    }
    let values: Vec<_> = values.iter().map(|value| QUOTE.text(value)).collect::<Result<_, _>>()?;
    Ok(format!("{} IN ({})", QUOTE.name(column)?, values.join(", ")))
}

/// The collation of a column: its own, or the one that its type means.
fn collation(column: &Column) -> Option<&str> {
    column.collation.as_deref().or_else(|| type_collation(&column.type_))
}

/// The collation that a type means.
pub(super) fn type_collation(type_: &ColumnType) -> Option<&'static str> {
    (*type_.on_dialect(Dialect::Sqlite) == ColumnType::Citext).then_some("NOCASE")
}

/// The value of a default as it stands behind `DEFAULT`.
pub(super) fn default_value(default: &ColumnDefault, type_: &ColumnType) -> Result<String, Fault> {
    Ok(match default {
        ColumnDefault::Literal(value) => {
            QUOTE.value(&as_default(value, type_.on_dialect(Dialect::Sqlite)))?
        }
        // As text, in the form that Diesel reads into a column of that type, in UTC.
        ColumnDefault::Now => match type_.on_dialect(Dialect::Sqlite) {
            ColumnType::Date => "CURRENT_DATE",
            ColumnType::Time => "CURRENT_TIME",
            _ => "CURRENT_TIMESTAMP",
        }
        .to_owned(),
        ColumnDefault::Expression(sql) => enclosed(sql)?,
    })
}
