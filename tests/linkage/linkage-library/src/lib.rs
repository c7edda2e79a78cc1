//! A library that brings the lineage of its own tables, under the label `jobs`.

/// The connection that the migrations run on.
pub type Connection = diesel::SqliteConnection;

migrate_core::migrations!("src/versions");
