//! What a migration's body is given.

mod operations;
mod perform;
mod resolve;
mod safely;
mod scope;

use std::borrow::Cow;

pub use self::perform::OperationFailed;
pub(crate) use self::perform::perform;
pub use self::safely::{Safely, SafelyStopped};
pub(crate) use self::scope::{Recording, Scope};
use crate::backfill::{Answer, Request};
use crate::connection::{Dialect, MigrationConnection};
use crate::error::Result;
use crate::journal::{LockWait, Task};
use crate::operation::{Leaves, NoInverse, Operation, OperationError, Reason};
pub use crate::operation::{NoSqlForDialect, Sql, per_dialect};
use crate::plan::Direction;

/// What a migration's body works with: operations on the schema, its connection, and facts about the run.
///
/// A body runs on a database, or is only asked for its operations: for a plan, for a script
/// (`upgrade --sql`) and by [`revert`](Self::revert). Then operations are written down and not run, steps given to
/// [`data`](Self::data) are named and not run, and [`connection`](Self::connection) is an error.
pub struct Context<'a, C: MigrationConnection> {
    /// None when the body is only asked for its operations.
    connection: Option<&'a mut C>,
    scope: &'a mut Scope,
    revision: &'static str,
    direction: Direction,
}

impl<'a, C: MigrationConnection> Context<'a, C> {
    pub(crate) fn new(
        connection: Option<&'a mut C>,
        scope: &'a mut Scope,
        revision: &'static str,
        direction: Direction,
    ) -> Self {
        Self { connection, scope, revision, direction }
    }

    /// The Diesel connection, for typed queries.
    ///
    /// ```ignore
    /// let moved = diesel::update(users::table.filter(users::old_status.eq("active")))
    ///     .set(users::new_status.eq("verified"))
    ///     .execute(cx.connection()?)?;
    /// ```
    ///
    /// In a step outside a transaction (`transaction = false`) what is done here is not journaled: a rerun does it
    /// again, whatever it had done. [`data`](Self::data) is.
    ///
    /// # Errors
    ///
    /// When the body is only asked for its operations. What comes after is then unknown, and plans and scripts say
    /// so; a step given to [`data`](Self::data) lets them see past it.
    pub fn connection(&mut self) -> Result<&mut C> {
        if let Some(connection) = &mut self.connection {
            return Ok(connection);
        }
        self.scope.record_opaque();
        Err(OperationError::NeedsConnection.into())
    }

    /// Runs a step in Rust on the Diesel connection: a change of data between changes of the schema.
    ///
    /// ```ignore
    /// cx.add_column("users", column("email_lower", Text))?;
    /// cx.data("fill email_lower", |connection| {
    ///     diesel::update(users::table).set(users::email_lower.eq(lower(users::email))).execute(connection)?;
    ///     Ok(())
    /// })?;
    /// cx.set_not_null("users", "email_lower")?;
    /// ```
    ///
    /// Unlike [`connection`](Self::connection) it lets a plan and a script see the operations around it.
    ///
    /// In a step outside a transaction it has one of its own, in which its end is journaled, too: a rerun passes it
    /// over when it is done. There it is called again after a deadlock or a lock timeout.
    pub fn data(&mut self, description: &str, step: impl FnMut(&mut C) -> Result<()>) -> Result<()> {
        self.step(description, Leaves::Traces, step)
    }

    /// Like [`data`](Self::data), for a step that only fills what another operation of the migration created: there
    /// is nothing to take back of it, so [`revert`](Self::revert) passes it over.
    ///
    /// ```ignore
    /// cx.add_column("users", column("email_lower", Text))?;
    /// cx.fill("email_lower", |connection| {
    ///     diesel::update(users::table).set(users::email_lower.eq(lower(users::email))).execute(connection)?;
    ///     Ok(())
    /// })?;
    /// ```
    pub fn fill(&mut self, description: &str, step: impl FnMut(&mut C) -> Result<()>) -> Result<()> {
        self.step(description, Leaves::Nothing, step)
    }

    fn step(
        &mut self,
        description: &str,
        leaves: Leaves,
        mut step: impl FnMut(&mut C) -> Result<()>,
    ) -> Result<()> {
        let operation = Operation::Data { description: description.to_owned(), leaves };
        let Some(connection) = &mut self.connection else {
            self.scope.record(operation);
            return Ok(());
        };
        let Some(journal) = self.scope.journal() else { return step(connection) };
        let Some(mut turn) = journal.turn(&[Task::data(&operation)], LockWait::AsTheRunSays)? else {
            return Ok(());
        };
        loop {
            let outcome = journal
                .begin(connection.driver(), &mut turn)
                .and_then(|()| step(connection))
                .and_then(|()| journal.end(connection.driver(), &mut turn));
            match outcome {
                Ok(()) => return Ok(()),
                Err(error) => journal.failed(connection.driver(), &mut turn, error)?,
            }
        }
    }

    /// Runs SQL: a string for every server, or one text per dialect from [`per_dialect`].
    ///
    /// Several statements in one string run one after the other. With [`Sql::undo`] it can be reverted.
    pub fn execute<'s>(&mut self, sql: impl Into<Sql<'s>>) -> Result<()> {
        self.perform(Operation::Execute(sql.into().into_owned()))
    }

    /// The text of [`per_dialect`] SQL for the server that the body runs on: for a part of a statement.
    ///
    /// ```ignore
    /// let now = cx.text(per_dialect().postgres("now()").sqlite("datetime('now')"))?;
    /// cx.execute(format!("UPDATE users SET seen_at = {now}"))?;
    /// ```
    pub fn text<'s>(&self, sql: impl Into<Sql<'s>>) -> Result<Cow<'s, str>> {
        let sql: Sql<'s> = sql.into();
        Ok(Cow::Owned(sql.for_dialect(self.dialect())?.to_owned()))
    }
}

impl<C: MigrationConnection> Context<'_, C> {
    /// Whether the body is only asked for its operations.
    pub(crate) fn is_recorded(&self) -> bool {
        self.connection.is_none()
    }

    /// What the runner asks of a backfill.
    pub(crate) fn take_request(&mut self) -> Option<Request> {
        self.scope.take_request()
    }

    pub(crate) fn put_answer(&mut self, answer: Answer) {
        self.scope.put_answer(answer);
    }

    /// Takes back what a body does: its operations, each inverted, the last one first.
    ///
    /// ```ignore
    /// fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
    ///     cx.revert(|cx| self.up(cx))
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When an operation has no inverse, which is found out before anything runs: a drop by name, raw SQL without
    /// [`undo`](Sql::undo), a step in Rust.
    pub fn revert(&mut self, body: impl FnOnce(&mut Context<'_, C>) -> Result<()>) -> Result<()> {
        let mut scope = Scope::reverting_on(self.scope.dialect());
        let mut recorded = Context::new(None, &mut scope, self.revision, Direction::Upgrade);
        let outcome = body(&mut recorded);
        let Recording { operations, opaque } = scope.into_recording();
        if opaque {
            let operation = format!("revision {}", self.revision);
            return Err(NoInverse { operation, reason: Reason::Data }.into());
        }
        outcome?;
        let inverses: Vec<_> =
            operations.iter().rev().map(Operation::inverse).collect::<Result<_, NoInverse>>()?;
        inverses.into_iter().flatten().try_for_each(|operation| self.perform(operation))
    }

    /// Does an operation: what every method does with the operation that it makes.
    ///
    /// # Errors
    ///
    /// When this server cannot do it, before anything of it ran; and whatever the server says.
    pub fn perform(&mut self, operation: Operation) -> Result<()> {
        let Some(connection) = &mut self.connection else {
            self.scope.record(operation);
            return Ok(());
        };
        let operations = std::slice::from_ref(&operation);
        perform(connection.driver(), self.scope.journal(), operations, LockWait::AsTheRunSays)
    }

    /// The dialect of the server that the body runs on.
    pub fn dialect(&self) -> Dialect {
        self.scope.dialect()
    }

    /// The revision that runs.
    pub fn revision(&self) -> &'static str {
        self.revision
    }

    /// Whether the body was called to upgrade or to downgrade.
    pub fn direction(&self) -> Direction {
        self.direction
    }
}
