//! From operations to statements, without the database that they are for.

#[cfg(feature = "sqlite")]
use super::scratch::Scratch;
use crate::connection::Dialect;
use crate::error::BodyError;
use crate::operation::render::{Piece, Statement};
use crate::operation::{Name, Operation, OperationError};

/// Makes statements of operations, one after the other.
///
/// What an operation takes on SQLite may depend on the schema that those before it left. Then all of them run on a
/// scratch database in memory, which is made when it is first needed.
pub(crate) struct Resolver<'a> {
    dialect: Dialect,
    #[cfg(feature = "sqlite")]
    scratch: Scratch<'a>,
    #[cfg(not(feature = "sqlite"))]
    _basis: Basis<'a>,
}

/// What the schema is before the first operation, for a scratch database.
#[cfg_attr(not(feature = "sqlite"), expect(dead_code, reason = "only a scratch database is made of it"))]
pub(crate) enum Basis<'a> {
    /// What these make of an empty one.
    Operations(Box<dyn FnOnce() -> Vec<Operation> + 'a>),
    /// What these statements make of an empty one, in order.
    Schema(Vec<String>),
}

/// What an operation takes.
pub(crate) struct Resolved {
    /// Its statements, in order.
    pub(crate) statements: Vec<Statement>,
    /// The table that it copies.
    pub(crate) rebuilt: Option<Name>,
}

/// Why an operation has no statements.
pub(crate) enum Fault {
    /// The server cannot do it.
    Impossible(BodyError),
    /// It depends on a schema that is not known.
    Schema(String),
}

impl From<OperationError> for Fault {
    fn from(error: OperationError) -> Self {
        Self::Impossible(error.into())
    }
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(dialect: Dialect, basis: Basis<'a>) -> Self {
        #[cfg(feature = "sqlite")]
        return Self { dialect, scratch: Scratch::new(basis) };
        #[cfg(not(feature = "sqlite"))]
        return Self { dialect, _basis: basis };
    }

    /// The statements of an operation after all those before it.
    pub(crate) fn resolve(&mut self, operation: &Operation) -> Result<Resolved, Fault> {
        let pieces = operation.render(self.dialect)?;
        let depends = pieces.iter().any(|piece| matches!(piece, Piece::Resolve(_)));
        if self.dialect != Dialect::Sqlite || !depends {
            self.pass(operation);
            let statements = pieces.into_iter().filter_map(|piece| match piece {
                Piece::Statement(statement) => Some(statement),
                Piece::Resolve(_) => None,
            });
            return Ok(Resolved { statements: statements.collect(), rebuilt: None });
        }
        let texts = self.attempt(operation)?;
        let rebuilt = match operation {
            Operation::AlterTable(alter) if texts.len() > 1 => Some(alter.table.clone()),
            _ => None,
        };
        Ok(Resolved { statements: texts.into_iter().map(Statement::new).collect(), rebuilt })
    }

    /// Notes an operation whose statements depend on nothing.
    #[cfg_attr(not(feature = "sqlite"), expect(clippy::unused_self, reason = "there is no scratch database"))]
    fn pass(&mut self, operation: &Operation) {
        #[cfg(feature = "sqlite")]
        if self.dialect == Dialect::Sqlite {
            self.scratch.pass(operation);
        }
        #[cfg(not(feature = "sqlite"))]
        let _ = operation;
    }

    #[cfg(feature = "sqlite")]
    fn attempt(&mut self, operation: &Operation) -> Result<Vec<String>, Fault> {
        self.scratch.attempt(operation).map_err(Fault::Schema)
    }

    #[cfg(not(feature = "sqlite"))]
    #[expect(clippy::unused_self, reason = "there is no scratch database")]
    fn attempt(&mut self, operation: &Operation) -> Result<Vec<String>, Fault> {
        Err(Fault::Schema(format!("to {operation} takes a program with the feature `sqlite`")))
    }
}
