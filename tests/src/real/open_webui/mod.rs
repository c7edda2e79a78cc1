//! Open WebUI 8452d01d26d7: the messages of a chat, kept in one JSON document, become rows of a table.
//!
//! | revision | what it does |
//! |---|---|
//! | `7e5b5dc7342b` | the table of chats, as it was |
//! | `5b9d2c7e4a10` | expand: the table of messages, and a mark for the chats that are in it |
//! | `8452d01d26d7` | the backfill |
//! | `c6e0a1f48b35` | contract: the indexes for reading; the mark goes |

use migrate_core::{AnyConnection, Migrator};

use crate::testkit::among_tables;

mod mark;

pub mod data;

/// The connection of the migrations.
pub type Connection = AnyConnection;

/// The revision after which rows are inserted as they were before the migration.
pub const BASE: &str = "7e5b5dc7342b";

/// The revision of the backfill.
pub const BACKFILL: &str = "8452d01d26d7";

migrate_core::migrations!("src/real/open_webui/versions");

/// A migrator over them.
///
/// # Panics
///
/// If they do not fit together.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    among_tables(Migrator::new(MANIFEST).unwrap_or_else(|error| panic!("{error}")))
}
