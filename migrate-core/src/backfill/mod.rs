//! Typed backfills: rows read, changed and written back in batches that survive a crash.
//!
//! An author implements [`Backfill`] and registers it with `#[migration]` like any other migration. The runner owns
//! the loop: a batch's rows are read, changed and written in one transaction together with the batch's checkpoint
//! (I10), so that after any crash each batch has happened exactly once. How large a batch is, and what a failure
//! means, is decided by the [`Batcher`], which is pure (I11).
//!
//! Little of this is generic. A backfill compiles its own queries and one small function around them; the loop, the
//! checkpoint and the decisions are compiled once.

mod batch;
mod batcher;
mod columns;
mod definition;
mod error;
mod for_update;
mod pace;
mod span;

pub(crate) use self::batch::{Answer, Fault, Request};
pub use self::batcher::{Batcher, Failure, Next, Outcome};
pub use self::columns::KeyColumns;
pub use self::definition::Backfill;
#[doc(hidden)]
pub use self::definition::Settings;
pub use self::error::BackfillError;
pub use self::for_update::ForUpdate;
pub use self::pace::Pace;
pub use self::span::{Contains, ContainsRow, Span};
