use diesel::pg::{Pg, PgConnection};

use super::{Dialect, MigrationConnection, driver};

driver!(PgConnection, Pg, Dialect::Postgres, begin = "BEGIN");

impl MigrationConnection for PgConnection {}
