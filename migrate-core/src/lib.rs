//! Typed Rust migrations for Diesel on a revision graph.

pub mod connection;
pub mod context;
pub mod error;
pub mod graph;
pub mod ledger;
pub mod lock;
pub mod migration;
pub mod plan;
pub mod prelude;
pub mod registry;
pub mod revision;
pub mod runner;

pub use self::connection::AnyConnection;
pub use self::context::Context;
pub use self::error::{BodyError, Result};
pub use self::migration::{IrreversibleMigration, Migration};
pub use self::registry::Manifest;
pub use self::runner::{Migrator, Options};

pub use migrate_macros::{migration, migrations};

#[doc(hidden)]
pub mod __private {
    pub use inventory;
}
