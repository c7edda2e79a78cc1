//! What a step would do, as far as it can be told without doing it.

use crate::connection::Dialect;
use crate::operation::forecast::Forecast;
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

/// The operations of a step with their statements and what these do, as far as that is worked out: on PostgreSQL.
///
/// Of the database nothing is known, so the worse is assumed. An operation that has no statements there, or that
/// the server cannot do, comes without any.
pub(crate) fn forecast(
    operations: impl IntoIterator<Item = Operation>,
    dialect: Dialect,
) -> Vec<OperationPreview> {
    let mut forecast = Forecast::new(&());
    let statements = |operation: &Operation, forecast: &mut Forecast<'_>| match dialect {
        Dialect::Postgres => forecast.operation(operation).unwrap_or_default(),
        _ => Vec::new(),
    };
    operations
        .into_iter()
        .map(|operation| {
            let statements = statements(&operation, &mut forecast).into_iter();
            let statements =
                statements.map(|(statement, effect)| StatementPreview { statement, effect }).collect();
            OperationPreview { operation, statements }
        })
        .collect()
}
