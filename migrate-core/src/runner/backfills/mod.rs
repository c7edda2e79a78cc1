//! Backfills from outside: how each stands, and what can be asked of it.

mod control;
mod state;
mod status;

pub use self::state::{BackfillCommand, BackfillState};
pub use self::status::{BackfillStatus, WorkerStatus};
