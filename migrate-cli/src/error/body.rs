//! What stopped a migration's body.

use std::error::Error as StdError;

use migrate_core::connection::classify;
use migrate_core::context::SafelyStopped;
use migrate_core::journal::JournalError;
use migrate_core::operation::{NoInverse, NoSafeWay, OperationError, Reason};

use super::CommandError;

/// Adds what helps against the causes that are the framework's own.
pub(super) fn advise(
    mut told: CommandError,
    cause: &(dyn StdError + 'static),
    revision: &str,
) -> CommandError {
    let mut next = Some(cause);
    while let Some(error) = next {
        if let Some(stopped) = error.downcast_ref::<SafelyStopped>() {
            told = safely(told, stopped);
        } else if let Some(error) = error.downcast_ref::<JournalError>() {
            told = journal(told, error, revision);
        } else if let Some(error) = error.downcast_ref::<OperationError>() {
            told = operation(told, error);
        } else if let Some(NoInverse { reason, .. }) = error.downcast_ref() {
            told = inverse(*reason).into_iter().fold(told, CommandError::hint);
        }
        next = error.source();
    }
    told
}

fn safely(told: CommandError, stopped: &SafelyStopped) -> CommandError {
    if stopped.number == 1 && stopped.total > 1 || classify(&*stopped.cause).is_transient() {
        return told;
    }
    told.hint(
        "what it did before stays (a constraint that is NOT VALID holds for new rows): repair the rows that do not \
         fit, if it is rows",
    )
}

fn journal(told: CommandError, error: &JournalError, revision: &str) -> CommandError {
    match error {
        JournalError::Changed { .. } | JournalError::Gone { .. } => told
            .hint(
                "what is done cannot be edited: give the migration its former text up to there, finish it, and put \
                 the change into a new revision",
            )
            .hint(format_args!(
                "or bring the schema by hand to where {revision} leaves it, and record that: {{program}} stamp {revision}"
            )),
        JournalError::TakenOver { .. } => told.hint("the other run does the work: `{program} status` shows it"),
        JournalError::LeftTransaction { .. } => {
            told.hint("leave BEGIN, COMMIT and ROLLBACK to the framework, or use `cx.connection()`, which is not journaled")
        }
        JournalError::OtherIndex { .. } => told.hint("drop or rename that index, and run the same command again"),
        _ => told,
    }
}

fn operation(told: CommandError, error: &OperationError) -> CommandError {
    match error {
        OperationError::NotInTransaction { .. } => {
            told.hint("give it a revision of its own: #[migration(…, transaction = false)]")
        }
        OperationError::NoSafeWay { reason, .. } => {
            phases(*reason).into_iter().fold(told, CommandError::hint)
        }
        _ => told,
    }
}

/// How `cx.revert` gets to know what it lacks.
fn inverse(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::DefinitionUnknown => {
            "give the drop the definition instead of the name, as in \
             cx.drop_column(\"users\", column(\"nickname\", Text)), or write `down` without `revert`"
        }
        Reason::PreviousUnknown => {
            "say what it was: alter()….was(column(\"age\", Integer)), or write `down` without `revert`"
        }
        Reason::RawSql => {
            "give the SQL its inverse: sql(\"…\").undo(\"…\"), or write `down` without `revert`"
        }
        Reason::NoKey => {
            "say what tells the rows apart: rows(…).key([\"slug\"]), or write `down` without `revert`"
        }
        Reason::Data => {
            "a step that only fills what the migration creates is `cx.fill(…)`, which is passed over; for any other \
             write `down` without `revert`"
        }
        Reason::ReplacedUnknown => {
            "say what it replaces with `replacing(…)`, or write `down` without `revert`"
        }
        Reason::LosesValues => "say the old values with `from([…])`, or write `down` without `revert`",
        Reason::MayHaveDoneNothing | Reason::MayHaveBeenThere | Reason::EnumValueStays => {
            "write `down` without `revert`"
        }
        _ => return None,
    })
}

/// The revisions to write for what no single one does safely.
fn phases(reason: NoSafeWay) -> Option<&'static str> {
    match reason {
        NoSafeWay::ExpressionDefault => Some(
            "in three revisions: add the column nullable and without the default, then `set_default`; fill the rows \
             with a `Backfill`; `cx.safely().set_not_null(…)`",
        ),
        NoSafeWay::NoValueForRows => Some(
            "in three revisions: add the column nullable; fill the rows with a `Backfill`; \
             `cx.safely().set_not_null(…)`; or give it a default that is the same for every row",
        ),
        NoSafeWay::Numbered | NoSafeWay::Stored => Some(
            "in three revisions: add a plain nullable column and what fills it for new rows; fill the others with a \
             `Backfill`; `cx.safely().set_not_null(…)`",
        ),
        NoSafeWay::PrimaryKeyColumn => Some(
            "in three revisions: add the column nullable; fill the rows with a `Backfill`; \
             `cx.safely().add_constraint(…, primary_key([…]))`",
        ),
        NoSafeWay::Exclusion => Some("add it with `cx.add_constraint(…)` when nobody writes to the table"),
        _ => None,
    }
}
