//! One database for one test.

use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection as _;
use migrate_core::AnyConnection;
use migrate_core::connection::{DatabaseUrl, Dialect, Driver as _};
use tempfile::TempDir;

use super::postgres::Postgres;

/// A database that lives as long as this value.
///
/// Holds the table `applied_log`, into which the bodies of [`History`](super::History) write, and nothing else.
#[derive(Debug)]
pub struct Database {
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Sqlite { _directory: Option<TempDir> },
    Postgres { admin_url: String, name: String, logins: std::sync::Mutex<Vec<String>> },
}

impl Database {
    pub(super) fn on_postgres(server: &Postgres) -> Self {
        let name = unique("db");
        server.execute(&format!("CREATE DATABASE {name}"));
        let home = Home::Postgres {
            admin_url: server.url("postgres"),
            name: name.clone(),
            logins: std::sync::Mutex::default(),
        };
        Self { url: server.url(&name), home }.with_log()
    }

    /// Without a directory of its own the file is somebody else's to remove.
    pub(super) fn on_sqlite(directory: Option<TempDir>, url: String) -> Self {
        Self { url, home: Home::Sqlite { _directory: directory } }.with_log()
    }

    /// A fresh database that holds what this one does, made in less time than that took; PostgreSQL only.
    ///
    /// Nobody may be connected to this one meanwhile.
    #[must_use]
    pub fn copy(&self) -> Self {
        let Home::Postgres { admin_url, name, .. } = &self.home else {
            panic!("copies are for PostgreSQL");
        };
        let copy = unique("db");
        batch(&mut connect(admin_url), &format!("CREATE DATABASE {copy} TEMPLATE {name}"));
        let (server, _) = self.url.rsplit_once('/').expect("a URL with a database");
        let home = Home::Postgres {
            admin_url: admin_url.clone(),
            name: copy.clone(),
            logins: std::sync::Mutex::default(),
        };
        Self { url: format!("{server}/{copy}"), home }
    }

    fn with_log(self) -> Self {
        self.execute("CREATE TABLE applied_log (revision text NOT NULL, direction text NOT NULL)");
        self
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.home {
            Home::Sqlite { .. } => Dialect::Sqlite,
            Home::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// A new connection.
    #[must_use]
    pub fn connect(&self) -> AnyConnection {
        connect(&self.url)
    }

    /// The rows of a query on a new connection; every column must be text, and NULL reads as `NULL`.
    #[must_use]
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        rows(&mut self.connect(), sql)
    }

    /// The first column of a query.
    #[must_use]
    pub fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().filter_map(|row| row.into_iter().next()).collect()
    }

    /// The first column of the only row of a query.
    #[must_use]
    pub fn one(&self, sql: &str) -> String {
        let column = self.column(sql);
        assert_eq!(column.len(), 1, "{sql}: {column:?}");
        column.into_iter().next().unwrap_or_default()
    }

    /// Runs SQL on a new connection.
    pub fn execute(&self, sql: &str) {
        batch(&mut self.connect(), sql);
    }

    /// The ledger and the events without what differs from run to run: times, durations, and who.
    #[must_use]
    pub fn ledger_rows(&self) -> Vec<String> {
        if !self.has_table("migrate_ledger") {
            return Vec::new();
        }
        let mut rows = self.column(
            "SELECT revision || ' ' || state || ' ' || coalesce(checksum, '-') || ' ' || message || ' ' \
             || binary_version || ' ' || CAST(format AS text) FROM migrate_ledger ORDER BY revision",
        );
        rows.extend(self.column(
            "SELECT kind || ' ' || revision || ' ' || coalesce(detail, '-') || ' ' || binary_version \
             FROM migrate_event ORDER BY id",
        ));
        rows
    }

    /// The ledger as `revision state`, sorted; empty when there is none.
    #[must_use]
    pub fn ledger(&self) -> Vec<String> {
        if !self.has_table("migrate_ledger") {
            return Vec::new();
        }
        self.column("SELECT revision || ' ' || state FROM migrate_ledger ORDER BY revision")
    }

    /// What the bodies wrote and was committed, as `direction revision`, sorted.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.column("SELECT direction || ' ' || revision FROM applied_log ORDER BY revision, direction")
    }

    /// The events as `kind revision`, in order.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        self.column("SELECT kind || ' ' || revision FROM migrate_event ORDER BY id")
    }

    /// Whether a table exists, on PostgreSQL in any schema.
    #[must_use]
    pub fn has_table(&self, name: &str) -> bool {
        let count = match self.dialect() {
            Dialect::Sqlite => {
                format!(
                    "SELECT CAST(count(*) AS text) FROM sqlite_master WHERE type = 'table' AND name = '{name}'"
                )
            }
            _ => format!(
                "SELECT CAST(count(*) AS text) FROM pg_class WHERE relkind = 'r' AND relname = '{name}'"
            ),
        };
        self.one(&count) != "0"
    }

    /// The URL of a new login without any privilege but to connect and to use the schema `public`.
    ///
    /// Every character is fine in the password. PostgreSQL only.
    #[must_use]
    pub fn login(&self, password: &str) -> String {
        let Home::Postgres { admin_url, name, logins } = &self.home else {
            panic!("SQLite has no logins");
        };
        let login = unique("login");
        let literal = password.replace('\'', "''");
        batch(&mut connect(admin_url), &format!("CREATE ROLE {login} LOGIN PASSWORD '{literal}'"));
        logins.lock().expect("logins").push(login.clone());
        let (_, location) = admin_url.split_once('@').expect("a URL with a user");
        let (address, _) = location.split_once('/').expect("a URL with a database");
        format!("postgres://{login}:{}@{address}/{name}", percent_encode(password))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Home::Postgres { admin_url, name, logins } = &self.home else { return };
        let Ok(mut admin) = DatabaseUrl::parse(admin_url).and_then(|url| url.connect()) else { return };
        let _ = admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
        for login in logins.lock().iter().flat_map(|logins| logins.iter()) {
            let _ = admin.batch_execute(&format!("DROP ROLE {login}"));
        }
    }
}

/// Opens a connection; fails with the reason.
#[must_use]
pub fn connect(url: &str) -> AnyConnection {
    let connection = DatabaseUrl::parse(url).and_then(|url| url.connect());
    let mut connection = connection.unwrap_or_else(|error| panic!("{error}"));
    if connection.dialect() == Dialect::Sqlite {
        // For what the test itself asks; a run sets its own.
        batch(&mut connection, "PRAGMA busy_timeout = 10000");
    }
    connection
}

pub(super) fn rows(connection: &mut AnyConnection, sql: &str) -> Vec<Vec<String>> {
    let rows = connection.query(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let text = |column: Option<String>| column.unwrap_or_else(|| "NULL".to_owned());
    rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}

pub(super) fn batch(connection: &mut AnyConnection, sql: &str) {
    connection.batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// A name that no other test uses.
fn unique(kind: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{kind}_{}_{}_{number}", std::process::id(), now.as_micros() % 1_000_000_000)
}

fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
