//! The sample service's migrations: users, the characters they talk to, conversations and messages.
//!
//! One file per revision in `src/versions`, its body portable between SQLite and PostgreSQL. The files are
//! meant to be copied from: `cargo run -p migrate-cli -- graph` draws how they hang together.

/// The connection that the migrations run on: whichever server the URL names.
pub type Connection = migrate_core::AnyConnection;

migrate_core::migrations!("src/versions");

/// What cannot be taken back, for those who choose it.
///
/// A lineage of its own on top of the others, so that the history above can be walked down to its base. It is
/// a second manifest: `cargo run -p migrate-cli --example retention -- upgrade` runs both.
pub mod retention {
    migrate_core::migrations!("src/retention", follows = [crate::MANIFEST]);
}
