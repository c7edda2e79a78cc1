//! SQLite files.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::database::Database;

/// A place for an SQLite database in a directory of its own, removed when the value is.
#[derive(Debug)]
pub struct SqliteFile {
    directory: TempDir,
}

impl Default for SqliteFile {
    fn default() -> Self {
        Self::new()
    }
}

impl SqliteFile {
    /// A new directory; the file does not exist yet.
    #[must_use]
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("tempdir") }
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("test.db")
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        sqlite_url(&self.path())
    }

    /// The file as a test's database.
    #[must_use]
    pub fn into_database(self) -> Database {
        let url = self.url();
        Database::on_sqlite(Some(self.directory), url)
    }
}

/// The URL of an absolute path.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}
