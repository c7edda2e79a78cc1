//! Quay 703298a825c2: secrets in plain text become a name and an encrypted rest, while the old code still writes.
//!
//! Two of the original's tables: access tokens, which are split in their row, and robot accounts, whose secret goes into
//! a row of another table.
//!
//! | revision | what it does |
//! |---|---|
//! | `152edccba18c` | the tables, as they were |
//! | `c13c8052f7a6` | expand: columns and a table for what is encrypted |
//! | `703298a825c2` | the backfill of access tokens |
//! | `a4b1e70c92f5` | the backfill of robot accounts |
//! | `c059b952ed76` | contract: the plain texts go |

use migrate_core::{AnyConnection, Migrator};

use crate::testkit::among_tables;

mod secret_key;

pub mod data;

pub use self::secret_key::{NoSecretKey, SecretKey, configure};

/// The connection of the migrations.
pub type Connection = AnyConnection;

/// The revision after which rows are inserted as they were before the migration.
pub const BASE: &str = "152edccba18c";

/// The revision of the first backfill.
pub const TOKENS: &str = "703298a825c2";

/// The revision of the second backfill.
pub const ROBOTS: &str = "a4b1e70c92f5";

migrate_core::migrations!("src/real/quay/versions");

/// A migrator over them.
///
/// # Panics
///
/// If they do not fit together.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    among_tables(Migrator::new(MANIFEST).unwrap_or_else(|error| panic!("{error}")))
}
