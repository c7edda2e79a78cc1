//! Enum types, values to be added to them, and values to be replaced.

use super::name::{Dropped, Name};
use super::types::ColumnType;

/// An enum type: its name and its values, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EnumType {
    /// The type's name.
    pub name: Name,
    /// Its values, in order.
    pub values: Vec<String>,
}

/// An enum type: for [`create_enum`](crate::Context::create_enum), and as the type of a column.
///
/// ```
/// use migrate_core::prelude::*;
///
/// let mood = enum_type("mood", ["sad", "ok", "happy"]);
/// let column = column("mood", mood).not_null().default("ok");
/// ```
#[must_use]
pub fn enum_type<V: Into<String>>(name: impl Into<Name>, values: impl IntoIterator<Item = V>) -> EnumType {
    EnumType { name: name.into(), values: values.into_iter().map(Into::into).collect() }
}

impl From<EnumType> for ColumnType {
    fn from(enum_type: EnumType) -> Self {
        Self::Enum(enum_type)
    }
}

impl From<&EnumType> for ColumnType {
    fn from(enum_type: &EnumType) -> Self {
        Self::Enum(enum_type.clone())
    }
}

/// A value to be added to an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct EnumValue {
    /// The value.
    pub value: String,
    /// Where it comes in the order; last if absent.
    pub position: Option<EnumPosition>,
    /// Whether it is no error if the type has it already.
    pub if_not_exists: bool,
}

/// Where a value comes in the order of an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnumPosition {
    /// Before another.
    Before(String),
    /// After another.
    After(String),
}

/// A value to be added to an enum type: `cx.add_enum_value("mood", enum_value("fine").after("ok"))`.
pub fn enum_value(value: impl Into<String>) -> EnumValue {
    EnumValue { value: value.into(), position: None, if_not_exists: false }
}

impl EnumValue {
    /// Before another value.
    pub fn before(self, other: impl Into<String>) -> Self {
        Self { position: Some(EnumPosition::Before(other.into())), ..self }
    }

    /// After another value.
    pub fn after(self, other: impl Into<String>) -> Self {
        Self { position: Some(EnumPosition::After(other.into())), ..self }
    }

    /// Not an error if the type has it already.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<&str> for EnumValue {
    fn from(value: &str) -> Self {
        enum_value(value)
    }
}

impl From<EnumType> for Dropped<EnumType> {
    fn from(enum_type: EnumType) -> Self {
        Self::defined(enum_type.name.clone(), enum_type)
    }
}

impl From<&EnumType> for Dropped<EnumType> {
    fn from(enum_type: &EnumType) -> Self {
        enum_type.clone().into()
    }
}

/// New values for an enum type, old ones mapped to them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct ReplaceEnum {
    /// The type as it will be.
    pub to: EnumType,
    /// Which old value becomes which new one; a value that is in both stays.
    pub mapping: Vec<(String, String)>,
    /// The columns of this type.
    pub columns: Vec<EnumColumn>,
    /// The values that it had, for the inverse and for the dialects where the type stands in the column.
    pub from: Option<Vec<String>>,
}

/// A column of an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnumColumn {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
    /// Whether it holds an array of the type (PostgreSQL).
    pub array: bool,
}

/// New values for an enum type:
/// `replace_enum(enum_type("mood", ["low", "high"])).from(["sad", "ok", "happy"]).map("sad", "low").map("ok", "low").map("happy", "high").column("users", "mood")`.
///
/// Every column of the type has to be named. Its default is kept, mapped like the rows. On PostgreSQL the type is
/// made anew and the columns are converted, which rewrites their tables; on SQLite and MySQL the columns' own
/// lists of values are replaced.
pub fn replace_enum(to: EnumType) -> ReplaceEnum {
    ReplaceEnum { to, mapping: Vec::new(), columns: Vec::new(), from: None }
}

impl ReplaceEnum {
    /// Turns an old value into a new one.
    pub fn map(mut self, old: impl Into<String>, new: impl Into<String>) -> Self {
        self.mapping.push((old.into(), new.into()));
        self
    }

    /// A column of this type.
    pub fn column(mut self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        self.columns.push(EnumColumn { table: table.into(), column: column.into(), array: false });
        self
    }

    /// A column that holds arrays of this type (PostgreSQL).
    pub fn array_column(mut self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        self.columns.push(EnumColumn { table: table.into(), column: column.into(), array: true });
        self
    }

    /// The values that it had.
    pub fn from<V: Into<String>>(self, values: impl IntoIterator<Item = V>) -> Self {
        Self { from: Some(values.into_iter().map(Into::into).collect()), ..self }
    }
}
