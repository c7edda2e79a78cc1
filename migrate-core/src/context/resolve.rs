use crate::connection::Driver;
use crate::error::{BodyError, Result};
use crate::operation::Operation;
use crate::operation::render::sqlite::{Stages, Step};
use crate::sqlite::{SchemaSnapshot, asks_for_foreign_keys_off, atomically, rebuild};

/// Does an operation that depends on the table as it is: all of it or nothing.
///
/// # Errors
///
/// [`RebuildError::ForeignKeysOn`](crate::sqlite::RebuildError::ForeignKeysOn) within a transaction, when a table
/// has to be copied that others refer to: the runner then runs the step again with foreign keys off.
pub(super) fn resolve(driver: &mut dyn Driver, operation: &Operation) -> Result<()> {
    let asks = |error: &BodyError| asks_for_foreign_keys_off(error.source());
    atomically(driver, asks, &mut |driver| {
        let mut stages = Stages::of(operation);
        while !stages.is_done() {
            let schema = SchemaSnapshot::read(driver)?;
            stages.next(&schema)?.iter().try_for_each(|step| run(driver, step))?;
        }
        Ok(())
    })
}

fn run(driver: &mut dyn Driver, step: &Step) -> Result<()> {
    match step {
        Step::Statement(sql) => driver.batch(sql)?,
        Step::Edit { table, edits } => {
            rebuild(driver, table, edits)?;
        }
    }
    Ok(())
}
