use diesel::sqlite::{Sqlite, SqliteConnection};

use super::{Dialect, MigrationConnection, driver};

driver!(SqliteConnection, Sqlite, Dialect::Sqlite, begin = "BEGIN IMMEDIATE");

impl MigrationConnection for SqliteConnection {}
