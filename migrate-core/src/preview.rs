//! What a step would do, as far as it can be told without doing it.

use std::collections::BTreeMap;

use crate::backfill::{Pace, Settings};
use crate::connection::Dialect;
use crate::operation::forecast::Forecast;
use crate::operation::render::Statement;
use crate::operation::{Effect, Name, Operation};
use crate::plan::{Direction, Plan};
use crate::runner::Filled;

/// What a run would do to a database.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Preview<'g> {
    /// The steps, and where they lead.
    pub plan: Plan<'g>,
    /// The server's dialect.
    pub dialect: Dialect,
    /// What each step of the plan would do, in order.
    pub steps: Vec<StepPreview>,
    /// How large the tables are that are there already and that the steps touch, by the server's own estimate.
    pub tables: BTreeMap<Name, Size>,
}

/// The size of a table, as the server estimates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Its rows; `None` if the server has not counted them yet (`ANALYZE`).
    pub rows: Option<u64>,
    /// Its bytes on disk, with its indexes.
    pub bytes: u64,
}

/// What a step would do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StepPreview {
    /// The revision.
    pub revision: String,
    /// Up or down.
    pub direction: Direction,
    /// Whether it runs in a transaction. A backfill does not: each of its batches has one of its own.
    pub transaction: bool,
    /// What the body asks for, in order.
    pub operations: Vec<OperationPreview>,
    /// How it runs in batches, if the step is the upgrade of a backfill. It has no operations then: which rows of which
    /// table it changes is known to its queries alone.
    pub backfill: Option<BackfillPreview>,
    /// Whether the body then works on the connection: what it does after that is not known.
    pub opaque: bool,
    /// Why the step would fail after these operations, or why what comes then cannot be told.
    pub fault: Option<String>,
}

/// How a backfill would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackfillPreview {
    /// How large its batches are.
    pub pace: Pace,
    /// How many rows may be put aside.
    pub max_rejected: u64,
    /// Whether it visits all rows again when some remain.
    pub rescans: bool,
    /// How far it is, when it is half done.
    pub filled: Option<Filled>,
}

impl From<Settings> for BackfillPreview {
    fn from(settings: Settings) -> Self {
        let Settings { pace, max_rejected, rescans, .. } = settings;
        Self { pace, max_rejected, rescans, filled: None }
    }
}

/// What an operation would do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OperationPreview {
    /// The operation.
    pub operation: Operation,
    /// Its statements, in order.
    pub statements: Vec<StatementPreview>,
}

/// What a statement would do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StatementPreview {
    /// The statement.
    pub statement: Statement,
    /// What it does to others.
    pub effect: Effect,
}

impl StepPreview {
    /// That of a backfill.
    pub(crate) fn in_batches(revision: &str, settings: Settings) -> Self {
        Self {
            revision: revision.to_owned(),
            direction: Direction::Upgrade,
            transaction: false,
            operations: Vec::new(),
            backfill: Some(settings.into()),
            opaque: false,
            fault: None,
        }
    }

    /// The effects of all its statements, in order.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.operations.iter().flat_map(OperationPreview::effects)
    }
}

impl OperationPreview {
    /// The effects of its statements, in order.
    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.statements.iter().map(|statement| &statement.effect)
    }

    /// What all of it does to others.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effects().fold(Effect::default(), Effect::and)
    }
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
