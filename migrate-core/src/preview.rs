//! What a step would do, as far as it can be told without doing it.

use crate::operation::render::Statement;
use crate::operation::{Effect, Operation};
use crate::plan::Direction;

/// What a step would do.
#[derive(Debug, Clone)]
pub struct StepPreview {
    /// The revision.
    pub revision: String,
    /// Up or down.
    pub direction: Direction,
    /// Whether it runs in a transaction.
    pub transaction: bool,
    /// What the body asks for, in order.
    pub operations: Vec<OperationPreview>,
    /// Whether the body then works on the connection: what it does after that is not known.
    pub opaque: bool,
}

/// What an operation would do.
#[derive(Debug, Clone)]
pub struct OperationPreview {
    /// The operation.
    pub operation: Operation,
    /// Its statements, in order.
    pub statements: Vec<StatementPreview>,
}

/// What a statement would do.
#[derive(Debug, Clone)]
pub struct StatementPreview {
    /// The statement.
    pub statement: Statement,
    /// What it does to others.
    pub effect: Effect,
}
