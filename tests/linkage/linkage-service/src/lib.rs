//! The service's migrations, which build on the archive and on the library.

/// The connection that the migrations run on.
pub type Connection = diesel::SqliteConnection;

migrate_core::migrations!("src/versions", follows = [linkage_archive::MANIFEST, linkage_library::MANIFEST]);
