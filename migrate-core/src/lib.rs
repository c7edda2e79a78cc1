//! Typed Rust migrations for Diesel on a revision graph.
//!
//! A migration is a unit struct that implements [`Migration`] and says with [`#[migration]`](macro@migration)
//! where it stands in the graph:
//!
//! ```
//! use migrate_core::prelude::*;
//!
//! /// Create users
//! #[migration(revision = "4b1f0c7a92de")]
//! pub struct CreateUsers;
//!
//! impl Migration for CreateUsers {
//!     type Connection = AnyConnection;
//!
//!     fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
//!         cx.execute("CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL)")
//!     }
//!
//!     fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
//!         cx.execute("DROP TABLE users")
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! A migrations crate holds one file for each, and two lines: its connection type and
//! [`migrations!`]`("src/versions")`, which declares the files as modules, checks their graph at compile time and
//! emits a [`Manifest`]. An application hands that to a [`Migrator`]:
//!
//! ```ignore
//! Migrator::new(migrations_crate::MANIFEST)?.upgrade(&mut connection, "heads")?;
//! ```
//!
//! | module | what it has |
//! |---|---|
//! | [`prelude`] | what a migration's file imports |
//! | [`operation`], [`context`] | schema changes as values, and the methods that run them |
//! | [`bulk`] | many rows written in few statements, typed by Diesel's columns |
//! | [`runner`] | [`Migrator`], its options, events, reports and errors |
//! | [`registry`] | what is linked, and whether it is all there |
//! | [`graph`], [`plan`] | revisions, targets and plans, as pure values for tools and tests |
//! | [`adopt`] | what another tool has done, taken over from its table |
//! | [`backfill`] | rows changed in batches that survive a crash |
//! | [`preview`], [`rehearsal`] | what a plan would do, and what a backfill would |
//! | [`catalog`] | what a database holds, as a value that can be compared |
//! | [`sqlite`] | changes of SQLite's tables: their definitions as texts, and the table copy |
//! | [`connection`] | connection types, URLs, kinds of failure |
//! | [`diesel_source`] | the revisions for Diesel's own migration harness |
//! | [`offline`] | scripts: the SQL of a plan, to be run by others |
//! | [`safety`] | what a step does to those who use the database, and the same done safely |
//! | [`ledger`], [`lock`], [`journal`] | what the framework keeps in the database |

pub mod adopt;
pub mod backfill;
pub mod bulk;
pub mod catalog;
pub mod connection;
pub mod context;
pub mod diesel_source;
#[cfg(feature = "diesel-migrations")]
pub mod diesel_sql;
pub mod error;
mod few;
pub mod graph;
pub mod journal;
pub mod ledger;
pub mod lock;
pub mod migration;
mod number;
pub mod offline;
pub mod operation;
pub mod plan;
pub mod prelude;
pub mod preview;
pub mod registry;
pub mod rehearsal;
pub mod revision;
pub mod runner;
pub mod safety;
pub mod sqlite;

pub use self::backfill::Backfill;
pub use self::connection::AnyConnection;
pub use self::context::Context;
pub use self::diesel_source::DieselSource;
pub use self::error::{BodyError, Result};
pub use self::migration::{IrreversibleMigration, Migration};
pub use self::registry::Manifest;
pub use self::runner::{Migrator, Options};

pub use migrate_macros::{migration, migrations};

#[doc(hidden)]
pub mod __private {
    #[cfg(feature = "diesel-migrations")]
    pub use diesel_migrations;
    pub use inventory;
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
