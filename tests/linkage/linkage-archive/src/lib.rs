//! Old revisions of the service, which are compiled no more when a new one is added.

/// The connection that the migrations run on.
pub type Connection = diesel::SqliteConnection;

migrate_core::migrations!("src/versions");
