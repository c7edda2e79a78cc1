use crate::operation::render::Statement;
use crate::operation::{CommentTarget, EnumColumn, Index, Name, Operation, Rows, Table, TableChange};

/// What one statement does.
#[derive(Debug, Clone)]
pub(in crate::operation) enum Part<'o> {
    /// An operation that is one statement.
    Whole(&'o Operation),
    /// `CREATE TABLE`, without its indexes and comments.
    CreateTable(&'o Table),
    /// `CREATE INDEX` on a table that was there before.
    CreateIndex(&'o Index),
    /// `CREATE INDEX` on the table of the statement before.
    CreateTableIndex(&'o Index),
    /// `ALTER TABLE`, with the changes that are made together.
    Alter {
        /// The table.
        table: &'o Name,
        /// The changes.
        changes: Vec<&'o TableChange>,
    },
    /// `COMMENT ON`.
    Comment(CommentTarget),
    /// A statement about the type itself while its values are replaced: no table is touched.
    Type,
    /// Columns of one table are converted from a type of the same name with other values.
    ConvertEnum {
        /// The table.
        table: &'o Name,
        /// The columns.
        columns: Vec<&'o EnumColumn>,
    },
    /// `INSERT`.
    Insert(&'o Rows),
    /// `DELETE`.
    Delete(&'o Rows),
}

/// The statements of an operation, in order.
pub(in crate::operation) type Parts<'o> = Vec<(Part<'o>, Statement)>;
