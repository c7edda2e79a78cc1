//! A scratch database in memory: what SQLite's changes of a table depend on.

use diesel::{Connection as _, QueryResult, SqliteConnection};

use super::resolve::Basis;
use crate::connection::{Dialect, Driver, TextRow};
use crate::context::perform;
use crate::journal::LockWait;
use crate::operation::Operation;

/// The schema that operations leave, as a database without rows.
pub(super) struct Scratch<'a> {
    state: State<'a>,
}

enum State<'a> {
    /// Nothing has needed it yet: what it starts with, and the operations so far.
    Waiting(Option<Basis<'a>>, Vec<Operation>),
    Open(Box<SqliteConnection>),
    /// What has been done to the schema cannot be told any more.
    Lost(String),
}

impl<'a> Scratch<'a> {
    pub(super) fn new(basis: Basis<'a>) -> Self {
        Self { state: State::Waiting(Some(basis), Vec::new()) }
    }

    /// Does an operation, whenever that is.
    pub(super) fn pass(&mut self, operation: &Operation) {
        match &mut self.state {
            State::Waiting(_, operations) => operations.push(operation.clone()),
            State::Open(connection) => {
                if let Err(reason) = run(&mut **connection, operation) {
                    self.state = State::Lost(reason);
                }
            }
            State::Lost(_) => {}
        }
    }

    /// Does an operation, and returns the statements that it took.
    pub(super) fn attempt(&mut self, operation: &Operation) -> Result<Vec<String>, String> {
        self.open();
        let connection = match &mut self.state {
            State::Open(connection) => connection,
            State::Lost(reason) => return Err(reason.clone()),
            State::Waiting(..) => unreachable!("it was opened"),
        };
        empty(&mut **connection, operation);
        let mut observed = Observed { driver: &mut **connection, statements: Vec::new() };
        match run(&mut observed, operation) {
            Ok(()) => Ok(observed.statements),
            Err(reason) => {
                self.state = State::Lost(reason.clone());
                Err(reason)
            }
        }
    }

    fn open(&mut self) {
        if let State::Waiting(basis, operations) = &mut self.state {
            let basis = basis.take().unwrap_or(Basis::Schema(Vec::new()));
            self.state = match opened(basis, operations) {
                Ok(connection) => State::Open(Box::new(connection)),
                Err(reason) => State::Lost(reason),
            };
        }
    }
}

fn opened(basis: Basis<'_>, operations: &[Operation]) -> Result<SqliteConnection, String> {
    let mut connection = SqliteConnection::establish(":memory:").map_err(|error| error.to_string())?;
    connection.batch("PRAGMA foreign_keys = OFF").map_err(|error| error.to_string())?;
    match basis {
        Basis::Operations(make) => make().iter().try_for_each(|operation| run(&mut connection, operation))?,
        Basis::Schema(statements) => {
            let mut each = statements.iter();
            each.try_for_each(|statement| create(&mut connection, statement))
                .map_err(|error| error.to_string())?;
        }
    }
    operations.iter().try_for_each(|operation| run(&mut connection, operation))?;
    Ok(connection)
}

/// Makes an object of a schema. A virtual table of a module that an extension brings is left out: no operation changes
/// one.
fn create(connection: &mut SqliteConnection, statement: &str) -> QueryResult<()> {
    match connection.batch(statement) {
        Err(error) if error.to_string().starts_with("no such module") => Ok(()),
        outcome => outcome,
    }
}

fn run(driver: &mut dyn Driver, operation: &Operation) -> Result<(), String> {
    if is_about_rows(operation) || leaves_memory(operation) {
        return Ok(());
    }
    perform(driver, None, std::slice::from_ref(operation), LockWait::AsTheRunSays)
        .map_err(|error| format!("cannot {operation}: {error}"))
}

/// Whether it changes rows alone: they are not the schema's, and would have to fit what is changed later.
fn is_about_rows(operation: &Operation) -> bool {
    match operation {
        Operation::InsertRows(_) | Operation::DeleteRows(_) | Operation::Data { .. } => true,
        Operation::Execute(sql) => {
            let text = sql.for_dialect(Dialect::Sqlite).unwrap_or_default().trim();
            let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let is_one = !text.trim_end_matches(';').contains(';');
            is_one && ["INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH"].contains(&first.as_str())
        }
        _ => false,
    }
}

/// Whether it may open or write other files: nothing of a script's making is to be found on a disk.
fn leaves_memory(operation: &Operation) -> bool {
    let Operation::Execute(sql) = operation else { return false };
    let text = sql.for_dialect(Dialect::Sqlite).unwrap_or_default().to_ascii_uppercase();
    ["ATTACH", "VACUUM", "LOAD_EXTENSION", "WRITEFILE"].iter().any(|word| text.contains(word))
}

/// Removes the rows that SQL of several statements may have left in a table that is to be changed.
fn empty(driver: &mut dyn Driver, operation: &Operation) {
    if let Operation::AlterTable(alter) = operation {
        let table = crate::sqlite::quote(&alter.table.name);
        let _ = driver.batch(&format!("DELETE FROM {table}"));
    }
}

/// A connection that keeps what is written through it.
struct Observed<'d> {
    driver: &'d mut dyn Driver,
    statements: Vec<String>,
}

impl Driver for Observed<'_> {
    fn dialect(&self) -> Dialect {
        self.driver.dialect()
    }

    fn execute(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize> {
        debug_assert!(binds.is_empty(), "an operation writes its values into its text: {sql}");
        self.statements.push(sql.to_owned());
        self.driver.execute(sql, binds)
    }

    fn execute_prepared(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<usize> {
        self.execute(sql, binds)
    }

    fn query(&mut self, sql: &str, binds: &[Option<&str>]) -> QueryResult<Vec<TextRow>> {
        self.driver.query(sql, binds)
    }

    fn visit_pairs(
        &mut self,
        sql: &str,
        visit: &mut dyn FnMut(Option<&str>, Option<&str>),
    ) -> QueryResult<()> {
        self.driver.visit_pairs(sql, visit)
    }

    fn batch(&mut self, sql: &str) -> QueryResult<()> {
        self.statements.push(sql.to_owned());
        self.driver.batch(sql)
    }

    fn begin(&mut self, settings: &str) -> QueryResult<()> {
        self.driver.begin(settings)
    }

    fn commit(&mut self) -> QueryResult<()> {
        self.driver.commit()
    }

    fn rollback(&mut self) -> QueryResult<()> {
        self.driver.rollback()
    }

    fn transaction_depth(&mut self) -> Option<u32> {
        self.driver.transaction_depth()
    }

    fn disable_prepared_statements(&mut self) {
        self.driver.disable_prepared_statements();
    }
}
