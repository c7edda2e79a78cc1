use crate::sqlite::create_table::ParseError;

/// Why a change of a table cannot be made. Nothing has been done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// There is no such column.
    #[error("table {table} has no column {column}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// There is such a column already.
    #[error("table {table} already has a column {column}")]
    ColumnExists {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// It is the only column.
    #[error("column {column} is the only one of table {table}")]
    LastColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// There is no such constraint.
    #[error("table {table} has no {constraint}")]
    NoConstraint {
        /// The table.
        table: String,
        /// What was looked for, such as `constraint positive`.
        constraint: String,
    },
    /// More than one constraint has the name.
    #[error("table {table} has {count} constraints with the name {name}")]
    AmbiguousConstraint {
        /// The table.
        table: String,
        /// The name.
        name: String,
        /// How many have it.
        count: usize,
    },
    /// There is such a constraint already.
    #[error("table {table} already has a constraint {name}")]
    ConstraintExists {
        /// The table.
        table: String,
        /// The name.
        name: String,
    },
    /// A text of the change is not understood.
    #[error("`{text}` is not understood")]
    Definition {
        /// The text.
        text: String,
        /// Why.
        source: ParseError,
    },
    /// The changed definition is not understood any more.
    #[error("the new definition of table {table} is not understood")]
    Result {
        /// The table.
        table: String,
        /// Why.
        source: ParseError,
    },
}
