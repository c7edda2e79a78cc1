use std::error::Error;

use super::misfit::Misfit;
use crate::sqlite::{EditError, ParseError};

/// Why a table was not changed.
///
/// In every case the table, its rows and all other objects are as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// There is no such table.
    #[error("there is no table {table}")]
    NoTable {
        /// The table.
        table: String,
    },
    /// The table's definition is not understood, so no part of it can be changed.
    #[error("the definition of table {table} is not understood")]
    Definition {
        /// The table.
        table: String,
        /// Why.
        source: ParseError,
    },
    /// A change does not fit the definition.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// A column that is to go is still used.
    #[error("column {column} of table {table} is used by {user}")]
    ColumnInUse {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// What uses it, such as `index users_by_name`.
        user: String,
    },
    /// An object of this connection alone stands in the way.
    #[error("table {table} is hidden or watched by {object}, which is temporary")]
    Temporary {
        /// The table.
        table: String,
        /// The object, such as `trigger log`.
        object: String,
    },
    /// Something after the renaming of a column needs the schema as SQLite leaves it then.
    #[error(
        "what follows the renaming of column {column} of table {table} can be planned only when that is done"
    )]
    AfterRename {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// Foreign keys are enforced on this connection, and a transaction is open, in which that cannot be changed.
    ///
    /// Dropping the table, or the old one of a rebuild, would then delete, or change, the rows that refer to it.
    #[error("table {table} cannot be rebuilt or dropped in a transaction in which foreign keys are enforced")]
    ForeignKeysOn {
        /// The table.
        table: String,
    },
    /// A statement failed.
    #[error("table {table} could not be changed: {doing}")]
    Statement {
        /// The table.
        table: String,
        /// What was being done.
        doing: String,
        /// Why.
        source: diesel::result::Error,
    },
    /// A row does not fit the new definition.
    #[error("the rows of table {table} do not fit its new definition{}", which(.misfit.as_deref()))]
    Misfit {
        /// The table.
        table: String,
        /// Which rows, when that could be found out.
        misfit: Option<Box<Misfit>>,
        /// What SQLite said, with the table's own name.
        source: diesel::result::Error,
    },
    /// The copy has not as many rows as the table.
    #[error("the copy of table {table} has {after} rows instead of {before}")]
    RowCount {
        /// The table.
        table: String,
        /// The rows of the table.
        before: String,
        /// The rows of its copy.
        after: String,
    },
    /// Rows refer to nothing that referred to something before.
    #[error("{count} foreign key {} broken by the change of table {table}, {example} among them",
        if *.count == 1 { "is" } else { "are" })]
    ForeignKeys {
        /// The table that was changed.
        table: String,
        /// How many.
        count: usize,
        /// One of them.
        example: String,
    },
    /// A view or a trigger worked before and would not any more.
    #[error("{object} does not fit the new definition of table {table}: {problem}")]
    Broken {
        /// The table.
        table: String,
        /// The object, such as `view active_users`.
        object: String,
        /// What SQLite says of it.
        problem: String,
    },
    /// The connection failed, or its state could not be read.
    #[error("the database's schema could not be read")]
    Database(#[from] diesel::result::Error),
}

fn which(misfit: Option<&Misfit>) -> String {
    misfit.map(|misfit| format!(": {misfit}")).unwrap_or_default()
}

/// Whether an error says, somewhere in its chain, that a table could not be rebuilt with foreign keys enforced.
pub(crate) fn asks_for_foreign_keys_off(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(RebuildError::ForeignKeysOn { .. })) {
            return true;
        }
        next = error.source();
    }
    false
}
