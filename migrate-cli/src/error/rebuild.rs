//! Changes of SQLite's tables.

use std::error::Error;

use migrate_core::runner::BrokenForeignKeys;
use migrate_core::sqlite::RebuildError;

use super::CommandError;

/// What to do about a table that could not be changed, if that is what stopped a step.
pub(super) fn advise(told: CommandError, cause: &(dyn Error + 'static)) -> CommandError {
    let mut next = Some(cause);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref() {
            return rebuild(told, error);
        }
        if error.is::<BrokenForeignKeys>() {
            return told.hint(
                "SQLite enforces no foreign keys in a step that rebuilds a table, or drops one that others refer to, and \
                 carries nothing over to other rows: delete or change those rows in the step itself, or in one of its own",
            );
        }
        next = error.source();
    }
    told
}

fn rebuild(told: CommandError, error: &RebuildError) -> CommandError {
    match error {
        RebuildError::ForeignKeysOn { .. } => told
            .hint("dropping the old table would delete the rows that refer to it")
            .hint("run it outside of a transaction of your own, or begin that one with foreign keys off"),
        RebuildError::Misfit { .. } => {
            told.hint("bring the rows in order first, in this migration or in one before it")
        }
        RebuildError::ColumnInUse { .. } => {
            told.hint("drop or change what uses the column first, in the same migration")
        }
        RebuildError::Broken { .. } => {
            told.hint("drop the view or trigger before the change, and create it anew after it")
        }
        RebuildError::ForeignKeys { .. } => {
            told.hint("give the rows something to refer to, or delete them, first")
        }
        RebuildError::Definition { .. } => told.hint("change the table with SQL of your own: cx.execute(…)"),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_advice_is_found_whatever_the_migration_wrapped_the_error_in() {
        #[derive(Debug, thiserror::Error)]
        #[error("while changing users")]
        struct Wrapped(#[source] RebuildError);

        let table = "users".to_owned();
        let error = Wrapped(RebuildError::ColumnInUse {
            table,
            column: "name".to_owned(),
            user: "view v".to_owned(),
        });
        let told = advise(CommandError::new(ErrorKind::Stopped, "stopped", &error), &error);
        assert_eq!(told.hints, ["drop or change what uses the column first, in the same migration"]);
        let other = std::io::Error::other("no rebuild");
        assert!(advise(CommandError::new(ErrorKind::Stopped, "stopped", &other), &other).hints.is_empty());
    }
}
