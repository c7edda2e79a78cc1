use diesel::QueryResult;
use diesel::sqlite::{SqliteConnection, SqliteValue};

use super::{Dialect, MigrationConnection, driver};

driver!(SqliteConnection, Dialect::Sqlite, begin = "BEGIN IMMEDIATE", text = text);

#[expect(clippy::unnecessary_wraps, reason = "the other servers' values may be no text")]
fn text<'v>(value: &'v mut SqliteValue<'_, '_, '_>) -> QueryResult<&'v str> {
    Ok(value.read_text())
}

impl MigrationConnection for SqliteConnection {}
