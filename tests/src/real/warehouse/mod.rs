//! warehouse (PyPI) 4490777c984f: a pure function of a text column becomes a column, for millions of releases.
//!
//! | revision | what it does |
//! |---|---|
//! | `b7a1d3e5c902` | the table, as it was |
//! | `0c6e9f2b81d4` | expand: the flag, which may be NULL |
//! | `4490777c984f` | the backfill: parse the version |
//! | `e15d40b7a6c3` | contract: NOT NULL, default false |

use migrate_core::{AnyConnection, Migrator};

use crate::testkit::among_tables;

pub mod data;

/// The connection of the migrations.
pub type Connection = AnyConnection;

/// The revision after which rows are inserted as they were before the migration.
pub const BASE: &str = "b7a1d3e5c902";

/// The revision of the backfill.
pub const BACKFILL: &str = "4490777c984f";

migrate_core::migrations!("src/real/warehouse/versions");

/// A migrator over them.
///
/// # Panics
///
/// If they do not fit together.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    among_tables(Migrator::new(MANIFEST).unwrap_or_else(|error| panic!("{error}")))
}
