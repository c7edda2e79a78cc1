//! What operations will do to others on PostgreSQL, told before they run.
//!
//! [`Forecast`] walks over the operations of a step. It begins with what is known of the database
//! ([`Facts`]) and keeps it up to date, so that a table that the step itself created is not in anybody's way, and
//! a validated CHECK proves what it proves. Each statement comes with its [`Effect`]; both are made from the same
//! part of the operation. Where something is not known the worse is assumed, and the effect says so.
//!
//! The rules are those that `docs/locks.md` has as measurements; the tests compare the two on real servers.

mod alter;
mod change_type;
mod facts;
mod keys;
mod not_null;
mod note;
mod objects;
mod rows;
mod sql_type;
mod state;
#[cfg(test)]
mod tests;
mod type_change;
mod volatility;
mod words;

pub use self::facts::{
    ColumnFacts, ConstraintFacts, ConstraintKind, DataType, Facts, IndexFacts, Relation, RelationKind,
};
use self::state::State;
pub use self::type_change::{TypeChange, type_change};
pub use self::volatility::Volatility;
use super::render::Statement;
use super::render::postgres::{Part, parts};
use super::{Effect, Operation, OperationError};

/// Tells what the statements of operations will do, one operation after the other.
pub struct Forecast<'f> {
    state: State<'f>,
}

impl<'f> Forecast<'f> {
    /// Begins with what is known of a database; `&()` where nothing is.
    pub fn new(facts: &'f dyn Facts) -> Self {
        Self { state: State::new(facts) }
    }

    /// The statements of the next operation on PostgreSQL, each with what it does to others.
    ///
    /// # Errors
    ///
    /// When the operation has no statements there, for the reason that [`Operation::render`] has.
    pub fn operation(&mut self, operation: &Operation) -> Result<Vec<(Statement, Effect)>, OperationError> {
        let parts = parts(operation)?;
        Ok(parts.into_iter().map(|(part, statement)| (statement, self.part(&part))).collect())
    }

    fn part(&mut self, part: &Part<'_>) -> Effect {
        match part {
            Part::Whole(operation) => self.state.whole(operation),
            Part::CreateTable(table) => self.state.create_table(table),
            Part::CreateIndex(index) => self.state.create_index(index, index.concurrently),
            Part::CreateTableIndex(index) => self.state.create_index(index, false),
            Part::Alter { table, changes } => self.state.alter_table(table, changes),
            Part::Comment(target) => self.state.comment(target),
            Part::Type => Effect::default(),
            Part::ConvertEnum { table, columns } => self.state.convert_enum(table, columns),
            Part::Insert(rows) => self.state.insert(rows),
            Part::Delete(rows) => self.state.delete(rows),
        }
    }
}
