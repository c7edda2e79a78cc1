use super::resolve::resolve;
use crate::connection::Driver;
use crate::error::Result;
use crate::operation::render::{Piece, Statement};
use crate::operation::{Operation, OperationError};

/// Does an operation on a database.
///
/// Everything of it is rendered before the first statement runs, so that what the server cannot do at all leaves
/// nothing half done.
pub(crate) fn perform(driver: &mut dyn Driver, operation: &Operation) -> Result<()> {
    let pieces = operation.render(driver.dialect())?;
    let outside = |piece: &Piece| matches!(piece, Piece::Statement(Statement { in_transaction: false, .. }));
    if pieces.iter().any(outside) && driver.transaction_depth() != Some(0) {
        return Err(OperationError::NotInTransaction { operation: operation.to_string() }.into());
    }
    for piece in pieces {
        match piece {
            Piece::Statement(statement) => driver.batch(&statement.sql)?,
            Piece::Resolve(operation) => resolve(driver, &operation)?,
        }
    }
    Ok(())
}
