//! WhisperEngine: how characters hold a conversation, kept as a text of JSON or of Python, goes into tables.
//!
//! The original was a script that was to be started by hand between two revisions. The text is read as `guidance` says,
//! which belongs to the migration and to nothing else.
//!
//! | revision | what it does |
//! |---|---|
//! | `20251011_baseline_v106` | the tables, as they were |
//! | `8b77eda62e71` | expand: seven tables, and a column for the text that is in them |
//! | `d1f7a03c5e68` | the backfill |
//! | `drop_legacy_json` | contract: the text goes |

use migrate_core::{AnyConnection, Migrator};

use crate::testkit::among_tables;

mod guidance;
mod python;

pub mod data;

/// The connection of the migrations.
pub type Connection = AnyConnection;

/// The revision after which rows are inserted as they were before the migration.
pub const BASE: &str = "20251011_baseline_v106";

/// The revision of the backfill.
pub const BACKFILL: &str = "d1f7a03c5e68";

migrate_core::migrations!("src/real/whisperengine/versions");

/// A migrator over them.
///
/// # Panics
///
/// If they do not fit together.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    among_tables(Migrator::new(MANIFEST).unwrap_or_else(|error| panic!("{error}")))
}
