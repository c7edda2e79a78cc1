//! Rehearsals of backfills: what the next batches would do, done and rolled back.
//!
//! [`Migrator::rehearse_backfill`](crate::Migrator::rehearse_backfill) runs a backfill's own `rows` and `apply` on a
//! sample of its rows and hands out a [`Rehearsal`]. Here are the values that it consists of, the pure functions that
//! compare images of rows and project times, and what watches a database for changed rows. The loop is the runner's.

mod change;
mod document;
mod error;
mod finding;
mod limits;
mod literal;
mod places;
mod projection;
mod report;
mod value;
mod watch;

pub(crate) use self::change::Counts;
pub use self::change::{ColumnChange, RowChange, RowChangeKind, TableChanges};
pub use self::document::{PathChange, document_changes};
pub use self::error::RehearsalError;
pub use self::finding::Finding;
pub use self::limits::Limits;
pub(crate) use self::places::places;
pub use self::projection::{Measure, Projection, Range};
pub(crate) use self::report::bad_rows;
pub use self::report::{Ended, Rehearsal, Remaining};
pub use self::value::Value;
pub(crate) use self::watch::{Activity, Stretch, Watch, sequences};
