//! Rows to be inserted.

use super::constraint::owned;
use super::name::Name;
use super::value::{IntoRow, Value};

/// Rows for a table, as literals.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct Rows {
    /// The table.
    pub table: Name,
    /// The columns.
    pub columns: Vec<String>,
    /// The values, a row each.
    pub rows: Vec<Vec<Value>>,
    /// The columns by which the inverse finds the rows again; it has none without.
    pub key: Vec<String>,
    /// Whether a row that is there already (by any unique constraint) is left as it is.
    pub skip_existing: bool,
}

/// Rows for a table: `rows("roles", ["slug", "name"]).row(("admin", "Administrator")).key(["slug"])`.
pub fn rows<C: Into<String>>(table: impl Into<Name>, columns: impl IntoIterator<Item = C>) -> Rows {
    Rows {
        table: table.into(),
        columns: owned(columns),
        rows: Vec::new(),
        key: Vec::new(),
        skip_existing: false,
    }
}

impl Rows {
    /// Adds a row: a tuple of as many values as there are columns.
    pub fn row(mut self, row: impl IntoRow) -> Self {
        self.rows.push(row.into_row());
        self
    }

    /// Adds rows.
    pub fn rows<R: IntoRow>(mut self, rows: impl IntoIterator<Item = R>) -> Self {
        self.rows.extend(rows.into_iter().map(IntoRow::into_row));
        self
    }

    /// The columns that name a row: with them the inverse deletes the rows.
    pub fn key<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Self { key: owned(columns), ..self }
    }

    /// Leaves rows as they are that are there already. The inverse would delete those, too, so it has none.
    pub fn skip_existing(self) -> Self {
        Self { skip_existing: true, ..self }
    }
}
