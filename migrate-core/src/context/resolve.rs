use crate::connection::Driver;
use crate::error::Result;
use crate::operation::Operation;
use crate::operation::render::sqlite::{Step, steps};
use crate::sqlite::{RebuildError, SchemaSnapshot, atomically, rebuild};

/// Does an operation that depends on the table as it is: all of it or nothing.
///
/// # Errors
///
/// [`RebuildError::ForeignKeysOn`] within a transaction, when a table has to be copied that others refer to: the
/// runner then runs the step again with foreign keys off.
pub(super) fn resolve(driver: &mut dyn Driver, operation: &Operation) -> Result<()> {
    let schema = SchemaSnapshot::read(driver)?;
    let steps = steps(operation, &schema)?;
    atomically(driver, &mut |driver| steps.iter().try_for_each(|step| run(driver, step)))?;
    Ok(())
}

fn run(driver: &mut dyn Driver, step: &Step) -> Result<(), RebuildError> {
    match step {
        Step::Statement(sql) => Ok(driver.batch(sql)?),
        Step::Edit { table, edits } => rebuild(driver, table, edits).map(drop),
    }
}
