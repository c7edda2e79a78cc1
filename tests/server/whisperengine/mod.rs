//! Twelve revisions of a real history, WhisperEngine's, in operations alone, beside what Alembic makes of the originals.
//!
//! `versions` has a file for each, and `untracked` for the objects that the originals take for granted: their
//! chain breaks on an empty database. The names, types, defaults and constraints are those of the originals; the
//! comments and the bodies of functions are our own. What Alembic left in PostgreSQL after each revision is
//! recorded in `fixtures/whisperengine`.

#![expect(unreachable_pub, reason = "the files are written as in a crate of their own")]

mod agreement;
mod recording;

/// The history needs PostgreSQL: arrays, GIN indexes, `jsonb`.
pub type Connection = diesel::PgConnection;

migrate_core::migrations!("server/whisperengine/versions");
