use std::error::Error as StdError;

use super::resolve::{check, resolve};
use crate::connection::Driver;
use crate::error::Result;
use crate::journal::{Journal, LockWait, Task};
use crate::operation::render::Piece;
use crate::operation::{Operation, OperationError};

/// The database refused an operation.
#[derive(Debug, thiserror::Error)]
#[error("could not {operation}")]
#[non_exhaustive]
pub struct OperationFailed {
    /// What was to be done.
    pub operation: String,
    /// What failed.
    #[source]
    pub cause: Box<dyn StdError + Send + Sync>,
}

/// Does operations on a database: one after the other, or, in a step outside a transaction, together in one.
///
/// Everything of them is rendered before the first statement runs, so that what the server cannot do at all leaves
/// nothing half done.
pub(crate) fn perform(
    driver: &mut dyn Driver,
    journal: Option<&mut Journal>,
    operations: &[Operation],
    wait: LockWait,
) -> Result<()> {
    let dialect = driver.dialect();
    let tasks: Vec<_> = operations.iter().map(|it| Task::new(it, dialect)).collect::<Result<_, _>>()?;
    if let Some(journal) = journal {
        return journal.perform(driver, &tasks, wait, &mut run);
    }
    tasks.iter().try_for_each(|task| run(driver, task))
}

fn run(driver: &mut dyn Driver, task: &Task<'_>) -> Result<()> {
    if task.has_statement_outside() && driver.transaction_depth() != Some(0) {
        return Err(OperationError::NotInTransaction { operation: task.label.clone() }.into());
    }
    pieces(driver, task).map_err(|error| {
        // That names the operation itself.
        if error.source().is::<OperationError>() {
            return error;
        }
        OperationFailed { operation: task.label.clone(), cause: error.into_source() }.into()
    })
}

fn pieces(driver: &mut dyn Driver, task: &Task<'_>) -> Result<()> {
    check(driver, task.operation)?;
    for piece in &task.pieces {
        match piece {
            Piece::Statement(statement) => driver.batch(&statement.sql)?,
            Piece::Resolve(operation) => resolve(driver, operation)?,
        }
    }
    Ok(())
}
