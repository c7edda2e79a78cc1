//! The traits that a migration implements.

use crate::backfill::Settings;
use crate::connection::MigrationConnection;
use crate::context::Context;
use crate::error::Result;

/// A reversible migration: what `#[migration(…)]` asks of a struct.
///
/// Both directions are required, so rustc itself says when `down` is missing. A change that cannot be undone
/// says so with `#[migration(…, irreversible = "why")]` and implements [`IrreversibleMigration`].
///
/// Each direction runs in one transaction together with its ledger row, unless the attribute says
/// `transaction = false`. After a lock timeout, a deadlock or a serialization failure it is rolled back and
/// run again, so side effects outside the database must bear repetition.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is registered with `#[migration]` but does not implement `Migration`",
    label = "`impl Migration for {Self}` with `up` and `down` is missing",
    note = "a change that cannot be undone says `irreversible = \"why\"` in the attribute and implements `IrreversibleMigration`"
)]
pub trait Migration: Sync {
    /// The connection type that the body runs on; usually `crate::Connection`.
    type Connection: MigrationConnection;

    /// Applies the change.
    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()>;

    /// Undoes what [`up`](Self::up) did.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()>;

    /// Whether `up` runs in batches, and how: only a [`Backfill`](crate::Backfill) says so.
    #[doc(hidden)]
    fn backfill(&self) -> Option<Settings> {
        None
    }
}

/// A migration that cannot be undone: `#[migration(…, irreversible = "why")]`.
///
/// A downgrade that would cross it is refused before anything runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says `irreversible` but does not implement `IrreversibleMigration`",
    label = "`impl IrreversibleMigration for {Self}` with only `up` is missing",
    note = "remove `irreversible = …` from the attribute if the change can be undone, and implement `Migration`"
)]
pub trait IrreversibleMigration: Sync {
    /// The connection type that the body runs on; usually `crate::Connection`.
    type Connection: MigrationConnection;

    /// Applies the change.
    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()>;

    /// See [`Migration::backfill`].
    #[doc(hidden)]
    fn backfill(&self) -> Option<Settings> {
        None
    }
}
