//! Typed backfills: rows read, changed and written back in batches that survive a crash.
//!
//! An author implements [`Backfill`], or [`SpanBackfill`] where one statement changes a batch, and registers it with
//! `#[migration]` like any other migration. The runner owns the loop: a batch's rows are read, changed and written in one transaction together with the batch's checkpoint
//! (I10), so that after any crash each batch has happened exactly once. How large a batch is, and what a failure
//! means, is decided by the [`Batcher`], which is pure (I11).
//!
//! Little of this is generic. A backfill compiles its own queries and one small function around them; the loop, the
//! checkpoint and the decisions are compiled once.

mod batch;
mod batcher;
mod columns;
mod definition;
mod end;
mod end_of;
mod error;
mod for_update;
mod order;
mod pace;
mod span;
mod span_backfill;

pub(crate) use self::batch::{Answer, Request};
#[doc(hidden)]
pub use self::batch::{Batch, Fault};
pub use self::batcher::{Batcher, Failure, Next, Outcome};
pub use self::columns::KeyColumns;
pub use self::definition::Backfill;
pub use self::end::End;
pub use self::error::BackfillError;
pub use self::for_update::ForUpdate;
pub use self::pace::Pace;
pub use self::span::{Contains, ContainsRow, Span};
#[doc(hidden)]
pub use self::span_backfill::Settings;
pub use self::span_backfill::SpanBackfill;
