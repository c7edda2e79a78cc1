use super::concurrently;
use super::error::JournalError;
use super::keeper::{Journal, LockWait, Place, Turn};
use super::task::Task;
use crate::connection::{Dialect, Driver};
use crate::error::{BodyError, Result, chain};
use crate::operation::{Operation, OperationError};

/// Runs the statements of an operation.
pub(crate) type Work<'w> = &'w mut dyn FnMut(&mut dyn Driver, &Task<'_>) -> Result<()>;

impl Journal {
    /// Does operations together, or passes over them: in one transaction, or the only one of them in none.
    ///
    /// What a passing failure stopped is tried again.
    pub(crate) fn perform(
        &mut self,
        driver: &mut dyn Driver,
        tasks: &[Task<'_>],
        wait: LockWait,
        work: Work<'_>,
    ) -> Result<()> {
        let first = self.next_position();
        let Some(mut turn) = self.turn(tasks, wait)? else { return Ok(()) };
        let pending: Vec<&Task<'_>> =
            turn.rows.iter().map(|row| &tasks[(row.position - first) as usize]).collect();
        if let (Place::Outside, [task]) = (turn.place, &*pending) {
            if self.is_outside() {
                return self.perform_outside(driver, turn, task, work);
            }
            // The server refuses it, or it is text that knows what it does.
            return work(driver, task);
        }
        loop {
            let outcome = self.attempt(driver, &mut turn, &pending, work);
            match (outcome, &*pending) {
                (Ok(()), _) => return Ok(()),
                (Err(error), [task]) if self.is_outside() && is_refused_within(task, &error) => {
                    self.take_back(driver, &turn);
                    turn.put_outside(task);
                    return self.perform_outside(driver, turn, task, work);
                }
                (Err(error), _) => self.failed(driver, &mut turn, error)?,
            }
        }
    }

    fn attempt(
        &mut self,
        driver: &mut dyn Driver,
        turn: &mut Turn,
        tasks: &[&Task<'_>],
        work: Work<'_>,
    ) -> Result<()> {
        self.begin(driver, turn)?;
        for task in tasks {
            work(driver, task)?;
        }
        self.end(driver, turn)
    }

    fn perform_outside(
        &mut self,
        driver: &mut dyn Driver,
        mut turn: Turn,
        task: &Task<'_>,
        work: Work<'_>,
    ) -> Result<()> {
        if driver.transaction_depth() != Some(0) {
            return Err(OperationError::NotInTransaction { operation: task.label.clone() }.into());
        }
        if turn.in_flight && concurrently::is_done(driver, task.operation)? {
            return self.end(driver, &mut turn);
        }
        let own_session = self.settings.own_session;
        loop {
            let outcome =
                self.begin(driver, &mut turn).and_then(|()| outside(driver, own_session, task, work));
            match outcome {
                Ok(()) => return self.end(driver, &mut turn),
                // The server has finished in the meantime what it was told before the crash.
                Err(_) if turn.in_flight && concurrently::is_done(driver, task.operation)? => {
                    return self.end(driver, &mut turn);
                }
                Err(error) => self.failed(driver, &mut turn, error)?,
            }
        }
    }
}

fn outside(driver: &mut dyn Driver, own_session: bool, task: &Task<'_>, work: Work<'_>) -> Result<()> {
    if task.has_statement_outside() {
        return concurrently::patiently(driver, own_session, |driver| {
            concurrently::clear(driver, task.operation)?;
            work(driver, task)
        });
    }
    work(driver, task)?;
    if is_in_transaction(driver)? {
        return Err(JournalError::LeftTransaction { operation: task.label.clone() }.into());
    }
    Ok(())
}

/// Whether SQL that Diesel does not know of has begun a transaction.
fn is_in_transaction(driver: &mut dyn Driver) -> Result<bool> {
    match driver.dialect() {
        Dialect::Postgres => {
            // A setting that ends with its transaction: without one, with this statement.
            driver.query("SELECT set_config('migrate.step', 'begun', true)", &[])?;
            let now = driver.query("SELECT current_setting('migrate.step', true)", &[])?;
            Ok(now.into_iter().flatten().flatten().any(|value| value == "begun"))
        }
        _ => match driver.batch("BEGIN") {
            Ok(()) => driver.batch("ROLLBACK").map(|()| false).map_err(Into::into),
            Err(_) => Ok(true),
        },
    }
}

/// Whether the server refused SQL, of which nothing else is known, only because it came in a transaction.
///
/// As with other failures it is the English message that tells; with another `lc_messages` it is what
/// `text` knows.
fn is_refused_within(task: &Task<'_>, error: &BodyError) -> bool {
    let said = chain(error.source());
    let refusals = ["transaction block", "within a transaction", "invalid transaction termination"];
    matches!(task.operation, Operation::Execute(_)) && refusals.iter().any(|text| said.contains(text))
}
