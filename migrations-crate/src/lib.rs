//! The sample service's migrations: users, the characters they talk to, conversations and messages.
//!
//! One file per revision in `src/versions`, its body portable between SQLite and PostgreSQL. The files are
//! meant to be copied from: `cargo run -p migrate-cli -- graph` draws how they hang together.

/// The connection that the migrations run on: whichever server the URL names.
pub type Connection = migrate_core::AnyConnection;

migrate_core::migrations!("src/versions");
