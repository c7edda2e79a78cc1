use diesel::QueryResult;
use diesel::pg::{PgConnection, PgValue};
use diesel::result::Error;

use super::{Dialect, MigrationConnection, driver};
use crate::registry::{AnyEntry, EntryRef, Runnable};

driver!(PgConnection, Dialect::Postgres, begin = "BEGIN", text = text);

fn text<'v>(value: &'v mut PgValue<'_>) -> QueryResult<&'v str> {
    std::str::from_utf8(value.as_bytes()).map_err(|error| Error::DeserializationError(Box::new(error)))
}

inventory::collect!(EntryRef<PgConnection>);

impl MigrationConnection for PgConnection {
    fn linked() -> Vec<Runnable<Self>> {
        inventory::iter::<EntryRef<Self>>.into_iter().map(|entry| Runnable::direct(entry.0)).collect()
    }

    fn adapt(entry: &'static dyn AnyEntry) -> Option<Runnable<Self>> {
        entry.as_any().downcast_ref().map(Runnable::direct)
    }
}
