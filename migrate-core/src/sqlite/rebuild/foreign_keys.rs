//! Foreign keys: whether they are enforced, and which of them are broken.

use std::collections::BTreeMap;

use diesel::QueryResult;

use super::error::RebuildError;
use crate::connection::Driver;
use crate::sqlite::name::quote;

/// The rows whose foreign keys refer to nothing, as far as they were looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignKeyCheck {
    /// Each broken key, and how often: rows of a table without rowid are not told apart.
    broken: BTreeMap<String, usize>,
}

impl ForeignKeyCheck {
    /// Looks at every row of the database.
    ///
    /// Needs a transaction if it is to be compared with another one.
    pub fn of_database(driver: &mut dyn Driver) -> QueryResult<Self> {
        let mut check = Self::default();
        if let Ok(rows) = driver.query("PRAGMA main.foreign_key_check", &[]) {
            check.note(rows);
            return Ok(check);
        }
        // A key that fits no unique index of its target makes the whole check fail: then each table by itself.
        let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'";
        let tables: Vec<_> = driver.query(tables, &[])?.into_iter().flatten().flatten().collect();
        check.look_at(driver, tables.iter().map(String::as_str));
        Ok(check)
    }

    /// Looks at the rows of some tables.
    pub fn of_tables<'t>(driver: &mut dyn Driver, tables: impl IntoIterator<Item = &'t str>) -> Self {
        let mut check = Self::default();
        check.look_at(driver, tables);
        check
    }

    /// What is broken here and was not before: how many, and one of them.
    pub fn new_since(&self, before: &Self) -> Option<(usize, String)> {
        let more = |(key, count): (&String, &usize)| {
            let known = before.broken.get(key).copied().unwrap_or(0);
            (*count > known).then(|| (key.clone(), count - known))
        };
        let new: Vec<_> = self.broken.iter().filter_map(more).collect();
        let count = new.iter().map(|(_, count)| count).sum();
        new.into_iter().next().map(|(example, _)| (count, example))
    }

    /// Refuses what is broken here and was not before.
    pub(crate) fn nothing_new_since(&self, before: &Self) -> Result<(), BrokenForeignKeys> {
        match self.new_since(before) {
            None => Ok(()),
            Some((count, example)) => Err(BrokenForeignKeys { count, example }),
        }
    }

    fn look_at<'t>(&mut self, driver: &mut dyn Driver, tables: impl IntoIterator<Item = &'t str>) {
        for table in tables {
            match driver.query(&format!("PRAGMA main.foreign_key_check({})", quote(table)), &[]) {
                Ok(rows) => self.note(rows),
                Err(error) => {
                    *self.broken.entry(format!("every key of {table} ({error})")).or_default() += 1;
                }
            }
        }
    }

    fn note(&mut self, rows: Vec<Vec<Option<String>>>) {
        for row in rows {
            let [Some(table), rowid, Some(parent), ..] = row.as_slice() else { continue };
            let row = rowid.as_ref().map(|rowid| format!("row {rowid} of ")).unwrap_or_default();
            *self.broken.entry(format!("{row}{table}, which refers to {parent}")).or_default() += 1;
        }
    }
}

/// What ran with foreign keys off has left rows that refer to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{count} foreign key{} broken by the step: {example}{}",
    if *.count == 1 { " is" } else { "s are" }, if *.count == 1 { "" } else { ", and others" })]
#[non_exhaustive]
pub struct BrokenForeignKeys {
    /// How many.
    pub count: usize,
    /// One of them.
    pub example: String,
}

/// Whether the connection enforces foreign keys.
pub(crate) fn are_enforced(driver: &mut dyn Driver) -> QueryResult<bool> {
    let rows = driver.query("PRAGMA foreign_keys", &[])?;
    Ok(rows.first().is_some_and(|row| row.first() == Some(&Some("1".to_owned()))))
}

/// Refuses to drop a table with foreign keys enforced if others refer to it: SQLite would delete its rows first,
/// and with them those that refer to it `ON DELETE CASCADE`.
///
/// # Errors
///
/// [`RebuildError::ForeignKeysOn`]. With foreign keys off the drop touches no other rows, and those that are then
/// left behind are found before the step commits.
pub(crate) fn allow_drop(driver: &mut dyn Driver, table: &str) -> Result<(), RebuildError> {
    let others = "SELECT 1 FROM main.sqlite_schema AS other, pragma_foreign_key_list(other.name, 'main') AS key \
                  WHERE other.type = 'table' AND lower(key.\"table\") = lower(?) AND lower(other.name) <> lower(?) \
                  LIMIT 1";
    let is_referred_to = !driver.query(others, &[Some(table), Some(table)])?.is_empty();
    if is_referred_to && are_enforced(driver)? {
        return Err(RebuildError::ForeignKeysOn { table: table.to_owned() });
    }
    Ok(())
}

/// Sets whether the connection enforces foreign keys. Within a transaction that changes nothing, and is no error.
pub(crate) fn enforce(driver: &mut dyn Driver, on: bool) -> QueryResult<()> {
    driver.batch(if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" })
}

/// A connection outside of any transaction that does not enforce foreign keys until this goes.
pub(super) struct Off<'d> {
    driver: &'d mut dyn Driver,
}

impl<'d> Off<'d> {
    /// Switches them off; none when that has no effect, because SQL that Diesel does not know of has begun a
    /// transaction.
    pub(super) fn new(driver: &'d mut dyn Driver) -> QueryResult<Option<Self>> {
        enforce(driver, false)?;
        let off = Self { driver };
        let in_vain = are_enforced(off.driver)?;
        Ok((!in_vain).then_some(off))
    }

    pub(super) fn driver(&mut self) -> &mut dyn Driver {
        self.driver
    }
}

impl Drop for Off<'_> {
    fn drop(&mut self) {
        // After a panic the transaction is open still, in which the switch would have no effect.
        while self.driver.transaction_depth().is_some_and(|depth| depth > 0) {
            if self.driver.rollback().is_err() {
                break;
            }
        }
        let _ = enforce(self.driver, true);
    }
}
