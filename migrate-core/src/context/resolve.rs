use diesel::QueryResult;

use crate::connection::{Dialect, Driver};
use crate::error::{BodyError, Result};
use crate::operation::render::sqlite::{Stages, Step};
use crate::operation::{Index, KeyTarget, Operation, OperationError};
use crate::sqlite::{SchemaSnapshot, asks_for_foreign_keys_off, atomically, foreign_keys, rebuild, same};

/// Refuses what SQLite would take and not do as it is meant.
///
/// # Errors
///
/// [`RebuildError::ForeignKeysOn`](crate::sqlite::RebuildError::ForeignKeysOn) for the drop of a table that others refer to: the runner then runs the step again
/// with foreign keys off.
pub(super) fn check(driver: &mut dyn Driver, operation: &Operation) -> Result<()> {
    if driver.dialect() != Dialect::Sqlite {
        return Ok(());
    }
    match operation {
        Operation::DropTable(table) => Ok(foreign_keys::allow_drop(driver, &table.name.name)?),
        Operation::CreateIndex(index) => match missing_column(driver, index)? {
            Some(column) => {
                let reason = format!("the table has no column {column}");
                Err(OperationError::Malformed { operation: operation.to_string(), reason }.into())
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// A column of an index that its table lacks: SQLite takes a quoted name that is no column for a string, and would
/// make an index of that.
fn missing_column<'i>(driver: &mut dyn Driver, index: &'i Index) -> QueryResult<Option<&'i str>> {
    let schema = index.table.schema.as_deref().unwrap_or("main");
    let columns = "SELECT name FROM pragma_table_xinfo(?, ?)";
    let columns = driver.query(columns, &[Some(&index.table.name), Some(schema)])?;
    let columns: Vec<_> = columns.into_iter().flatten().flatten().collect();
    let is_missing = |column: &&String| !columns.iter().any(|it| same(it, column));
    let named = index.keys.iter().filter_map(|key| match &key.on {
        KeyTarget::Column(column) => Some(column),
        KeyTarget::Expression(_) => None,
    });
    let missing = named.into_iter().find(is_missing).map(String::as_str);
    // That there is no such table, SQLite says itself.
    Ok(missing.filter(|_| !columns.is_empty()))
}

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
