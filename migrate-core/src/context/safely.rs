use std::error::Error as StdError;

use super::{Context, OperationFailed, perform};
use crate::connection::{Dialect, MigrationConnection};
use crate::error::Result;
use crate::journal::LockWait;
use crate::operation::safe::{self, Safe};
use crate::operation::{Column, Constraint, Dropped, Index, Name, Operation, OperationError};

/// Changes that keep nobody from reading or writing for longer than a moment, from [`Context::safely`].
///
/// On PostgreSQL each is a sequence of operations in several transactions, so it needs a step outside of one:
/// `#[migration(…, transaction = false)]`. The operations are journaled: what stopped in the middle goes on there
/// with the next run. On the other servers each is the plain operation.
///
/// [`Context::revert`] takes each back as the plain operation: drops the constraint, the index (concurrently), the
/// column, allows NULL.
#[must_use = "it does nothing by itself"]
pub struct Safely<'s, 'a, C: MigrationConnection> {
    context: &'s mut Context<'a, C>,
}

impl<'a, C: MigrationConnection> Context<'a, C> {
    /// What follows is done so that it keeps nobody from reading or writing for longer than a moment.
    ///
    /// ```ignore
    /// #[migration(revision = "b2", down_revision = "a1", transaction = false)]
    /// // …
    /// cx.safely().set_not_null("users", "email")?;
    /// cx.safely().add_constraint("users", foreign_key(["team_id"], "teams", ["id"]))?;
    /// cx.safely().add_constraint("users", unique(["email"]))?;
    /// ```
    ///
    /// The time that each waits for its short locks is bounded by the run's `lock_timeout`, by a second if it has
    /// none; after it the operation is tried again, as often as the run says.
    pub fn safely(&mut self) -> Safely<'_, 'a, C> {
        Safely { context: self }
    }
}

impl<C: MigrationConnection> Safely<'_, '_, C> {
    /// Refuses NULL in a column: a check that is validated while others write proves that there is none.
    pub fn set_not_null(self, table: impl Into<Name>, column: impl AsRef<str>) -> Result<()> {
        let safe = safe::set_not_null(&table.into(), column.as_ref())?;
        self.run(safe)
    }

    /// Adds a constraint.
    ///
    /// A check or a foreign key is added `NOT VALID` and then validated while others write; the index of a unique
    /// constraint or of a primary key is built concurrently and then taken over. A primary key's columns keep
    /// `NOT NULL` when it is reverted.
    ///
    /// # Errors
    ///
    /// When a row does not fit: what was done before stays, and the next run goes on with the operation that
    /// failed. An exclusion constraint has no safe way.
    pub fn add_constraint(self, table: impl Into<Name>, constraint: impl Into<Constraint>) -> Result<()> {
        let safe = safe::add_constraint(&table.into(), constraint.into())?;
        self.run(safe)
    }

    /// Creates an index concurrently; an invalid leftover of its name is dropped first.
    pub fn create_index(self, index: Index) -> Result<()> {
        self.run(safe::create_index(index))
    }

    /// Drops an index concurrently.
    pub fn drop_index(self, index: impl Into<Dropped<Index>>, table: impl Into<Name>) -> Result<()> {
        self.run(safe::drop_index(index.into(), table.into()))
    }

    /// Adds a column, and then its constraints as [`add_constraint`](Self::add_constraint) does.
    ///
    /// # Errors
    ///
    /// When PostgreSQL would write each row anew (a default that is an expression, an identity, a stored computed
    /// column) or rows that are there would have no value (`NOT NULL` without a default): that takes several
    /// revisions, of which one is a backfill.
    pub fn add_column(self, table: impl Into<Name>, column: Column) -> Result<()> {
        let safe = safe::add_column(&table.into(), column)?;
        self.run(safe)
    }

    fn run(self, safe: Safe) -> Result<()> {
        let context = self.context;
        if context.dialect() != Dialect::Postgres || context.scope.is_reverting() {
            return safe.plain.into_iter().try_for_each(|operation| context.perform(operation));
        }
        let Some(connection) = &mut context.connection else {
            safe.groups.into_iter().flatten().for_each(|operation| context.scope.record(operation));
            return Ok(());
        };
        let title = title(&safe.plain);
        let Some(journal) = context.scope.journal().filter(|journal| journal.is_outside()) else {
            return Err(OperationError::NotInTransaction { operation: title }.into());
        };
        let total = safe.groups.iter().map(Vec::len).sum();
        let mut number = 1;
        for group in &safe.groups {
            let journal = Some(&mut *journal);
            perform(connection.driver(), journal, group, LockWait::AMomentAtMost).map_err(|error| {
                let steps: Vec<_> = group.iter().map(Operation::to_string).collect();
                SafelyStopped {
                    operation: title.clone(),
                    step: steps.join(", "),
                    number,
                    total,
                    cause: cause(error.into_source(), group),
                }
            })?;
            number += group.len();
        }
        Ok(())
    }
}

/// What stopped a group of operations; of a single one the step says already which it was.
fn cause(error: Box<dyn StdError + Send + Sync>, group: &[Operation]) -> Box<dyn StdError + Send + Sync> {
    match error.downcast::<OperationFailed>() {
        Ok(failed) if group.len() == 1 => failed.cause,
        Ok(failed) => failed,
        Err(error) => error,
    }
}

fn title(plain: &[Operation]) -> String {
    let plain: Vec<_> = plain.iter().map(Operation::to_string).collect();
    format!("safely {}", plain.join(", "))
}

/// One of the operations of a safe change failed; those before it are done and stay.
#[derive(Debug, thiserror::Error)]
#[error("`{operation}` stopped at operation {number} of {total}, `{step}`")]
#[non_exhaustive]
pub struct SafelyStopped {
    /// The change.
    pub operation: String,
    /// The operation, or those of one transaction.
    pub step: String,
    /// Which of them it is, from 1.
    pub number: usize,
    /// How many operations the change has.
    pub total: usize,
    /// What failed.
    #[source]
    pub cause: Box<dyn StdError + Send + Sync>,
}
