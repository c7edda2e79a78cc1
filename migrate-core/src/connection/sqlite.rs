use diesel::QueryResult;
use diesel::sqlite::{SqliteConnection, SqliteValue};

use super::{Dialect, MigrationConnection, driver};
use crate::registry::{AnyEntry, EntryRef, Runnable};

driver!(SqliteConnection, Dialect::Sqlite, begin = "BEGIN IMMEDIATE", text = text);

#[expect(clippy::unnecessary_wraps, reason = "the other servers' values may be no text")]
fn text<'v>(value: &'v mut SqliteValue<'_, '_, '_>) -> QueryResult<&'v str> {
    Ok(value.read_text())
}

inventory::collect!(EntryRef<SqliteConnection>);

impl MigrationConnection for SqliteConnection {
    fn linked() -> Vec<Runnable<Self>> {
        inventory::iter::<EntryRef<Self>>.into_iter().map(|entry| Runnable::direct(entry.0)).collect()
    }

    fn adapt(entry: &'static dyn AnyEntry) -> Option<Runnable<Self>> {
        entry.as_any().downcast_ref().map(Runnable::direct)
    }
}
