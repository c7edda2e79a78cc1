//! What stopped a backfill.

use std::error::Error as StdError;

use migrate_core::backfill::BackfillError;
use migrate_core::connection::classify;
use migrate_core::runner::{BackfillCommand, BackfillState, Error};

use super::run::failure;
use super::{CommandError, ErrorKind};

const CONTINUES: &str = "the batches before it are committed; the same command continues after them";

/// Adds what helps against the cause.
pub(super) fn stopped(told: CommandError, cause: &(dyn StdError + 'static), revision: &str) -> CommandError {
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
            .hint("they came in behind the backfill, `apply` leaves them as they are, or `rows` passes over them")
            .hint("once they are filled, the same command finishes; `rescans` lets a backfill visit all rows again")
            .hint(format_args!(
                "to begin with the first row again: `{{program}} downgrade` below {revision}, then run it; \
                 `--dry-run` looks whether `rows` keeps to the order of the key"
            )),
        BackfillError::TooMany { .. } => told.hint("end the query of `rows` with `.limit(span.limit())`"),
        BackfillError::Stuck { .. } => told
            .hint("filter the query of `rows` by `span.contains(…)`, with the column that `key` returns"),
        BackfillError::OutOfOrder { .. } => {
            told.hint("end the query of `rows` with `.order(…)`, by the column that `key` returns, ascending")
        }
        BackfillError::NullKey { .. } => {
            told.hint("a key is made of columns that are NOT NULL: take the primary key, or leave such rows out in SQL")
        }
        BackfillError::Unstable { .. } => {
            told.hint("a key must come back from JSON as it was: have serde write all of it, or take another key")
        }
        BackfillError::Repeated { .. } => told.hint("take the primary key, or add it to the key as its last part"),
        BackfillError::NoConnector { .. } => told
            .hint("`Migrator::with_connector` says how to open a connection for each of them")
            .hint("one worker needs none"),
        BackfillError::Connect(_) => told
            .hint("each worker has a connection of its own: the server may have too few for so many")
            .hint(CONTINUES),
        BackfillError::State(_) => failure(told, kind),
        BackfillError::Throttle(_) => failure(told, kind).hint(CONTINUES),
        BackfillError::TakenOver => told.hint("the other run does the work: `{program} status` shows it"),
        BackfillError::Checkpoint { .. } => told
            .hint("a backfill that has begun keeps the type of its key")
            .hint(format_args!("to begin anew with another: `{{program}} downgrade` below {revision}, then run it")),
        BackfillError::Withheld { .. } => told.hint(format_args!(
            "what is done stays; to lift it: `{{program}} backfill resume {revision}`, then run it again"
        )),
        _ => told,
    }
}

/// A command that has no meaning for this revision, or not now.
pub(super) fn refused(error: &Error) -> CommandError {
    let told = |kind, code| CommandError::new(kind, code, error);
    match error {
        Error::NotABackfill { .. } => {
            told(ErrorKind::Target, "not_a_backfill").hint("`{program} backfill list` shows those there are")
        }
        Error::NotNext { missing, .. } => told(ErrorKind::Target, "not_next").hint(format_args!(
            "`{{program}} upgrade {}` applies what is below it",
            missing.last().map_or("<revision>", String::as_str)
        )),
        Error::SeveralBackfills { .. } => {
            told(ErrorKind::Target, "several_backfills").hint("name one of them")
        }
        Error::WrongState { revision, command, state, .. } => {
            wrong_state(told(ErrorKind::Refused, "wrong_state"), revision, *command, *state)
        }
        _ => told(ErrorKind::Target, "backfill"),
    }
}

fn wrong_state(
    told: CommandError,
    revision: &str,
    command: BackfillCommand,
    state: BackfillState,
) -> CommandError {
    match (state, command) {
        (BackfillState::Blocked, _) => told.hint("`{program} upgrade` applies what is below it, and runs it"),
        (BackfillState::Pending, _) => {
            told.hint(format_args!("to begin it: `{{program}} backfill run {revision}`"))
        }
        (BackfillState::Done, _) => told.hint(format_args!(
            "`{{program}} backfill status {revision}` shows what was done; to undo it, downgrade below it"
        )),
        (BackfillState::Stopped | BackfillState::Stalled, _) => {
            told.hint(format_args!("to go on with it: `{{program}} backfill run {revision}`"))
        }
        (BackfillState::Paused | BackfillState::Cancelled, _) => {
            told.hint(format_args!("to let it go on: `{{program}} backfill resume {revision}`"))
        }
        (_, _) => told.hint(format_args!("`{{program}} backfill status {revision}` shows how far it is")),
    }
}
