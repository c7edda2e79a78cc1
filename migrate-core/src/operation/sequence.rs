//! Sequences.

use super::ColumnType;
use super::name::{Dropped, Name};

/// The definition of a sequence (PostgreSQL, MariaDB).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Sequence {
    /// Its name.
    pub name: Name,
    /// The type of its values: `SmallInt`, `Integer`, `BigInt` (PostgreSQL).
    pub type_: Option<ColumnType>,
    /// The first value.
    pub start: Option<i64>,
    /// The step.
    pub increment: Option<i64>,
    /// The smallest value.
    pub min: Option<i64>,
    /// The largest value.
    pub max: Option<i64>,
    /// How many values a session takes at once.
    pub cache: Option<i64>,
    /// Whether it begins again after its last value.
    pub cycle: bool,
    /// The column with which it is dropped (PostgreSQL).
    pub owned_by: Option<(Name, String)>,
    /// Whether it is no error if there is one of this name.
    pub if_not_exists: bool,
}

/// A sequence (PostgreSQL, MariaDB): `sequence("invoice_number").start(1000)`.
pub fn sequence(name: impl Into<Name>) -> Sequence {
    Sequence {
        name: name.into(),
        type_: None,
        start: None,
        increment: None,
        min: None,
        max: None,
        cache: None,
        cycle: false,
        owned_by: None,
        if_not_exists: false,
    }
}

impl Sequence {
    /// The type of its values.
    pub fn type_(self, type_: impl Into<ColumnType>) -> Self {
        Self { type_: Some(type_.into()), ..self }
    }

    /// The first value.
    pub fn start(self, start: i64) -> Self {
        Self { start: Some(start), ..self }
    }

    /// The step.
    pub fn increment(self, increment: i64) -> Self {
        Self { increment: Some(increment), ..self }
    }

    /// The smallest value.
    pub fn min(self, min: i64) -> Self {
        Self { min: Some(min), ..self }
    }

    /// The largest value.
    pub fn max(self, max: i64) -> Self {
        Self { max: Some(max), ..self }
    }

    /// How many values a session takes at once.
    pub fn cache(self, cache: i64) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// Begins again after its last value.
    pub fn cycle(self) -> Self {
        Self { cycle: true, ..self }
    }

    /// Dropped together with a column (PostgreSQL).
    pub fn owned_by(self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        Self { owned_by: Some((table.into(), column.into())), ..self }
    }

    /// Not an error if there is one of this name.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<Sequence> for Dropped<Sequence> {
    fn from(sequence: Sequence) -> Self {
        Self::defined(sequence.name.clone(), sequence)
    }
}
