//! The SQL of operations.
//!
//! One file per server and topic; each is a pure function from an operation to its statements, or to the reason
//! why that server cannot do it.

mod contradiction;
mod fault;
mod literals;
mod mysql;
pub(super) mod postgres;
mod quote;
pub(crate) mod sqlite;

pub(crate) use self::quote::Quote;
use super::error::OperationError;
use super::kind::Operation;
use crate::connection::Dialect;

/// A part of what an operation does on one server; the parts run in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// A statement.
    Statement(Statement),
    /// What it takes depends on the table as it is: SQLite's changes to a table. It is resolved against the
    /// database's schema when it runs.
    Resolve(Box<Operation>),
}

/// One statement for one server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// Its text, without a semicolon at the end.
    pub sql: String,
    /// Whether the server takes it within a transaction.
    pub in_transaction: bool,
}

impl Statement {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), in_transaction: true }
    }

    /// A statement that the server refuses within a transaction.
    pub(crate) fn outside_transaction(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), in_transaction: false }
    }
}

impl From<Statement> for Piece {
    fn from(statement: Statement) -> Self {
        Self::Statement(statement)
    }
}

impl Operation {
    /// What the operation is on a server, in order. A [`Data`](Self::Data) step is nothing.
    ///
    /// # Errors
    ///
    /// When that server cannot do it, when a name is none there, and when the operation contradicts itself.
    pub fn render(&self, dialect: Dialect) -> Result<Vec<Piece>, OperationError> {
        match self {
            Self::Execute(sql) => return Ok(vec![Statement::new(sql.for_dialect(dialect)?).into()]),
            Self::Data { .. } => return Ok(Vec::new()),
            _ => {}
        }
        match dialect {
            Dialect::Postgres => {
                let parts = postgres::parts(self)?;
                Ok(parts.into_iter().map(|(_, statement)| Piece::Statement(statement)).collect())
            }
            Dialect::Sqlite => sqlite::render(self),
            Dialect::Mysql => {
                let statements = mysql::render(self)?;
                Ok(statements.into_iter().map(Piece::from).collect())
            }
        }
    }
}
