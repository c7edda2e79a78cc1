//! From operations to statements, without the database that they are for.

use crate::connection::Dialect;
use crate::error::BodyError;
use crate::operation::render::{Piece, Statement};
use crate::operation::{Operation, OperationError};

/// Makes statements of operations, one after the other.
pub(super) struct Resolver {
    dialect: Dialect,
}

/// Why an operation has no statements.
pub(super) enum Fault {
    /// The server cannot do it.
    Impossible(BodyError),
    /// It depends on a schema that is not known.
    Schema(String),
}

impl From<OperationError> for Fault {
    fn from(error: OperationError) -> Self {
        Self::Impossible(error.into())
    }
}

impl Resolver {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect }
    }

    /// The statements of an operation after all those before it.
    pub(super) fn statements(&mut self, operation: &Operation) -> Result<Vec<Statement>, Fault> {
        let pieces = operation.render(self.dialect)?;
        let mut statements = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece {
                Piece::Statement(statement) => statements.push(statement),
                Piece::Resolve(operation) => {
                    return Err(Fault::Schema(format!("cannot {operation} without the table")));
                }
            }
        }
        Ok(statements)
    }
}
