use diesel::QueryResult;
use diesel::pg::{PgConnection, PgValue};
use diesel::result::Error;

use super::{Dialect, MigrationConnection, driver};

driver!(PgConnection, Dialect::Postgres, begin = "BEGIN", text = text);

fn text<'v>(value: &'v mut PgValue<'_>) -> QueryResult<&'v str> {
    std::str::from_utf8(value.as_bytes()).map_err(|error| Error::DeserializationError(Box::new(error)))
}

impl MigrationConnection for PgConnection {}
