use diesel::QueryResult;
use diesel::result::Error;

use super::compile::broken;
use super::decide::plan_rebuild;
use super::error::RebuildError;
use super::foreign_keys::{ForeignKeyCheck, Off, are_enforced};
use super::misfit;
use super::plan::{Change, Rebuild};
use super::schema::SchemaSnapshot;
use crate::connection::Driver;
use crate::sqlite::Edit;
use crate::sqlite::name::quote;

/// Changes a table, and returns what was done.
///
/// All changes happen or none: they are one transaction, or one savepoint of the transaction that is open.
///
/// Outside of a transaction foreign keys are switched off meanwhile if they have to be. Inside of one that cannot
/// be: [`RebuildError::ForeignKeysOn`] says so before anything is done. A step of a migration that returns that
/// error is run again by the runner with foreign keys off.
///
/// # Errors
///
/// When a change does not fit the table, a row does not fit the changed table, or a view, a trigger or a foreign
/// key that was in order before would not be any more.
pub fn rebuild(driver: &mut dyn Driver, table: &str, edits: &[Edit]) -> Result<Vec<Change>, RebuildError> {
    let asks = |error: &RebuildError| matches!(error, RebuildError::ForeignKeysOn { .. });
    atomically(driver, asks, &mut |driver| all(driver, table, edits))
}

/// Does several things to tables, all or none, as [`rebuild`] does its own.
///
/// They are done a second time if their error asks for foreign keys switched off.
pub(crate) fn atomically<T, E: From<Error>>(
    driver: &mut dyn Driver,
    asks_for_foreign_keys_off: fn(&E) -> bool,
    work: &mut dyn FnMut(&mut dyn Driver) -> Result<T, E>,
) -> Result<T, E> {
    match attempt(driver, work) {
        Err(error) if asks_for_foreign_keys_off(&error) && driver.transaction_depth() == Some(0) => {
            match Off::new(driver)? {
                Some(mut off) => attempt(off.driver(), work),
                None => Err(error),
            }
        }
        outcome => outcome,
    }
}

fn attempt<T, E: From<Error>>(
    driver: &mut dyn Driver,
    work: &mut dyn FnMut(&mut dyn Driver) -> Result<T, E>,
) -> Result<T, E> {
    driver.begin("")?;
    let outcome = work(driver).and_then(|done| {
        driver.commit()?;
        Ok(done)
    });
    if outcome.is_err() {
        // The first failure is what the caller must know.
        let _ = driver.rollback();
    }
    outcome
}

/// Makes the changes. The schema is read again where the renaming of a column comes before other changes.
fn all(driver: &mut dyn Driver, table: &str, edits: &[Edit]) -> Result<Vec<Change>, RebuildError> {
    let mut done = Vec::new();
    for edits in split_after_renames(edits) {
        let schema = SchemaSnapshot::read(driver)?;
        for change in plan_rebuild(&schema, table, edits)? {
            match &change {
                Change::Alter { statement } => {
                    run(driver, table, "SQLite's own ALTER TABLE failed", statement)?;
                }
                Change::Rebuild(rebuild) => copy_table(driver, &schema, rebuild)?,
            }
            done.push(change);
        }
    }
    Ok(done)
}

/// The changes in pieces that each can be planned with one look at the schema.
fn split_after_renames(edits: &[Edit]) -> impl Iterator<Item = &[Edit]> {
    edits.chunk_by(|left, right| {
        !matches!(left, Edit::RenameColumn { .. }) || matches!(right, Edit::RenameColumn { .. })
    })
}

fn copy_table(
    driver: &mut dyn Driver,
    schema: &SchemaSnapshot,
    rebuild: &Rebuild,
) -> Result<(), RebuildError> {
    let table = &rebuild.table;
    if rebuild.has_foreign_keys && are_enforced(driver)? {
        return Err(RebuildError::ForeignKeysOn { table: table.clone() });
    }
    let broken_before = broken(driver, schema, table);
    let keys_before = check_keys(driver, rebuild);
    run(driver, table, "its new definition is refused", &rebuild.create)?;
    copy_rows(driver, rebuild)?;
    for statement in &rebuild.before_drop {
        run(driver, table, "its counters and statistics could not be kept", statement)?;
    }
    run(driver, table, "the old table could not be dropped", &rebuild.drop_statement())?;
    rename(driver, rebuild)?;
    for (part, statement) in &rebuild.parts {
        run(driver, table, &format!("{part} does not fit its new definition"), statement)?;
    }
    for statement in &rebuild.after_rename {
        run(driver, table, "its statistics could not be kept", statement)?;
    }
    if let Some((count, example)) = check_keys(driver, rebuild).new_since(&keys_before) {
        return Err(RebuildError::ForeignKeys { table: table.clone(), count, example });
    }
    let broken_after = broken(driver, schema, table);
    match broken_after.into_iter().find(|(object, problem)| broken_before.get(object) != Some(problem)) {
        Some((object, problem)) => Err(RebuildError::Broken { table: table.clone(), object, problem }),
        None => Ok(()),
    }
}

fn check_keys(driver: &mut dyn Driver, rebuild: &Rebuild) -> ForeignKeyCheck {
    if !rebuild.has_foreign_keys {
        return ForeignKeyCheck::default();
    }
    let tables = rebuild.children.iter().chain([&rebuild.table]);
    ForeignKeyCheck::of_tables(driver, tables.map(String::as_str))
}

fn copy_rows(driver: &mut dyn Driver, rebuild: &Rebuild) -> Result<(), RebuildError> {
    let table = rebuild.table.clone();
    if let Err(source) = driver.execute(&rebuild.copy.statement(), &[]) {
        let misfit = misfit::find(driver, rebuild, &source.to_string()).map(Box::new);
        let source = of_table(source, rebuild);
        return Err(RebuildError::Misfit { table, misfit, source });
    }
    let (before, after) = (count(driver, &rebuild.table)?, count(driver, &rebuild.temporary)?);
    if before == after { Ok(()) } else { Err(RebuildError::RowCount { table, before, after }) }
}

/// An error about the copy as one about the table.
fn of_table(error: Error, rebuild: &Rebuild) -> Error {
    match error {
        Error::DatabaseError(kind, said) => {
            let message = said.message().replace(&rebuild.temporary, &rebuild.table);
            Error::DatabaseError(kind, Box::new(message))
        }
        error => error,
    }
}

fn count(driver: &mut dyn Driver, table: &str) -> QueryResult<String> {
    let rows = driver.query(&format!("SELECT count(*) FROM main.{}", quote(table)), &[])?;
    rows.into_iter().flatten().flatten().next().ok_or(Error::NotFound)
}

/// Gives the copy its name. Views and triggers mention that name and no table has it now, so the old way of
/// renaming it is, which does not look at them.
fn rename(driver: &mut dyn Driver, rebuild: &Rebuild) -> Result<(), RebuildError> {
    struct Legacy<'d>(&'d mut dyn Driver);

    impl Drop for Legacy<'_> {
        fn drop(&mut self) {
            let _ = self.0.batch("PRAGMA legacy_alter_table = OFF");
        }
    }

    let doing = "the copy could not be renamed";
    if rebuild.legacy_alter_table {
        return run(driver, &rebuild.table, doing, &rebuild.rename_statement());
    }
    let legacy = Legacy(driver);
    legacy.0.batch("PRAGMA legacy_alter_table = ON")?;
    run(legacy.0, &rebuild.table, doing, &rebuild.rename_statement())
}

fn run(driver: &mut dyn Driver, table: &str, doing: &str, statement: &str) -> Result<(), RebuildError> {
    driver.batch(statement).map_err(|source| RebuildError::Statement {
        table: table.to_owned(),
        doing: doing.to_owned(),
        source,
    })
}
