//! Backfills that cannot be rehearsed.

use migrate_core::connection::classify;
use migrate_core::rehearsal::RehearsalError;

use super::run::failure;
use super::{CommandError, ErrorKind};

pub(super) fn refused(error: &RehearsalError) -> CommandError {
    let told = |kind, code| CommandError::new(kind, code, error).sources(error);
    match error {
        RehearsalError::ParentsPending { pending, .. } => {
            let told = told(ErrorKind::Target, "parents_pending");
            let told = told.hint("its table, or a column of it, may not be there yet");
            let apply = |told: CommandError, parent: &String| {
                told.hint(format_args!("`{{program}} upgrade {parent}` applies what it builds on"))
            };
            pending.iter().fold(told, apply)
        }
        RehearsalError::NotABackfill { .. } => told(ErrorKind::Target, "not_a_backfill")
            .hint("`{program} plan` shows what an ordinary migration does"),
        RehearsalError::Applied { .. } | RehearsalError::Unknown { .. } => {
            told(ErrorKind::Target, "not_to_be_rehearsed")
        }
        RehearsalError::InTheWay(_) => told(ErrorKind::Database, "in_the_way")
            .hint("nothing was changed, and nobody was kept waiting: try again when it is quieter"),
        RehearsalError::LeftTransaction => told(ErrorKind::Stopped, "left_transaction")
            .hint("look at the first rows: what was to be rolled back may be committed")
            .hint("`apply` has no COMMIT and no ROLLBACK of its own; `connection.transaction` is fine"),
        RehearsalError::Stopped(cause) => {
            failure(told(ErrorKind::Database, "rehearsal_stopped"), classify(&**cause))
        }
        _ => told(ErrorKind::Database, "rehearsal"),
    }
}
