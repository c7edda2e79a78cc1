//! What stopped a backfill.

use std::error::Error as StdError;

use migrate_core::backfill::BackfillError;
use migrate_core::connection::classify;

use super::CommandError;
use super::run::failure;

const CONTINUES: &str = "the batches before it are committed; the same command continues after them";

/// Adds what helps against the cause.
pub(super) fn stopped(told: CommandError, cause: &(dyn StdError + 'static)) -> CommandError {
    let Some(error) = cause.downcast_ref() else { return told };
    let kind = classify(cause);
    match error {
        BackfillError::Row { .. } => told
            .hint("repair the row, or have `apply` deal with it; the same command continues with it")
            .hint("to put such rows aside and go on, raise the backfill's `max_rejected`"),
        BackfillError::Batch { .. } | BackfillError::Read { .. } | BackfillError::Uncounted(_) => {
            failure(told, kind).hint(CONTINUES)
        }
        BackfillError::ConnectionLost { .. } => {
            failure(told, kind).hint("the checkpoint knows which batches are committed; the same command continues")
        }
        BackfillError::Remaining { .. } => told
            .hint("they came in behind the backfill, or `apply` leaves them as they are")
            .hint("once they are filled, the same command finishes; `rescans` lets a backfill visit all rows again"),
        BackfillError::TooMany { .. } => told.hint("end the query of `rows` with `.limit(span.limit())`"),
        BackfillError::Stuck { .. } => told.hint("filter the query of `rows` by `span.contains(…)`"),
        BackfillError::Repeated { .. } => told.hint("take the primary key, or add it to the key as its last part"),
        BackfillError::TakenOver => told.hint("the other run does the work: `{program} status` shows it"),
        BackfillError::Checkpoint { .. } => told.hint("a backfill that has begun keeps the type of its key"),
        _ => told,
    }
}
