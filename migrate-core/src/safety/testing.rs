//! Steps for the tests of rules.

use super::case::Case;
use super::facts::Facts;
use super::finding::Hit;
use super::rule::Rule;
use crate::connection::{AnyConnection, Dialect};
use crate::context::{Context, Scope};
use crate::error::Result;
use crate::operation::render::Statement;
use crate::operation::{Effect, Name, TableLock};
use crate::plan::Direction;
use crate::preview::{OperationPreview, StatementPreview, StepPreview};

/// A step as the tests describe it: an upgrade in a transaction on PostgreSQL, of which nothing else is known.
pub(super) struct Tested {
    pub(super) step: StepPreview,
    dialect: Dialect,
    facts: Facts,
}

/// What a body does on PostgreSQL, in a transaction.
pub(super) fn step(body: impl FnOnce(&mut Context<'_, AnyConnection>) -> Result<()>) -> Tested {
    step_on(Dialect::Postgres, body)
}

/// What a body does on a server, in a transaction.
pub(super) fn step_on(
    dialect: Dialect,
    body: impl FnOnce(&mut Context<'_, AnyConnection>) -> Result<()>,
) -> Tested {
    let mut scope = Scope::recording_for(dialect);
    let outcome = body(&mut Context::new(None, &mut scope, "abc123", Direction::Upgrade));
    let recording = scope.into_recording();
    assert!(outcome.is_ok() || recording.opaque, "{outcome:?}");
    let operations = recording.operations.into_iter();
    let step = StepPreview {
        revision: "abc123".to_owned(),
        direction: Direction::Upgrade,
        transaction: true,
        operations: operations
            .map(|operation| OperationPreview { operation, statements: Vec::new() })
            .collect(),
        backfill: None,
        opaque: recording.opaque,
        fault: None,
    };
    Tested { step, dialect, facts: Facts::default() }
}

impl Tested {
    pub(super) fn outside_transaction(mut self) -> Self {
        self.step.transaction = false;
        self
    }

    pub(super) fn downgrade(mut self) -> Self {
        self.step.direction = Direction::Downgrade;
        self
    }

    pub(super) fn with(self, facts: Facts) -> Self {
        Self { facts, ..self }
    }

    pub(super) fn version(mut self, version: u32) -> Self {
        self.facts.version = Some(version);
        self
    }

    /// Works out what the statements do, as a run has it.
    pub(super) fn forecast(mut self) -> Self {
        let operations = self.step.operations.into_iter().map(|preview| preview.operation);
        self.step.operations = crate::preview::forecast(operations, self.dialect);
        self
    }

    /// Says what an operation does to others.
    pub(super) fn effect(mut self, at: usize, effect: Effect) -> Self {
        let statement = Statement::new(format!("-- statement of operation {at}"));
        self.step.operations[at].statements.push(StatementPreview { statement, effect });
        self
    }

    pub(super) fn hits(&self, rule: &Rule) -> Vec<Hit> {
        if !rule.concerns(self.dialect, self.step.direction) {
            return Vec::new();
        }
        (rule.find)(&Case::new(&self.step, self.dialect, &self.facts))
    }

    /// The only thing that a rule finds.
    #[track_caller]
    pub(super) fn finds(&self, rule: &Rule) -> Hit {
        let mut hits = self.hits(rule);
        assert_eq!(hits.len(), 1, "{} finds {hits:#?}", rule.name);
        hits.remove(0)
    }

    /// What a rule says instead, as it is printed.
    #[track_caller]
    pub(super) fn instead(&self, rule: &Rule) -> String {
        self.finds(rule).alternative.unwrap_or_else(|| panic!("{} knows no other way", rule.name)).to_string()
    }

    #[track_caller]
    pub(super) fn passes(&self, rule: &Rule) {
        let hits = self.hits(rule);
        assert!(hits.is_empty(), "{} finds {hits:#?}", rule.name);
    }
}

/// A lock on a table.
pub(super) fn locks(table: &str, lock: TableLock) -> Effect {
    Effect { locks: [(Name::from(table), lock)].into(), ..Effect::default() }
}

/// A lock on a table, under which its rows are read.
pub(super) fn scans(table: &str, lock: TableLock) -> Effect {
    Effect { scans: [Name::from(table)].into(), ..locks(table, lock) }
}

/// A table that is written anew.
pub(super) fn rewrites(table: &str) -> Effect {
    Effect { rewrites: [Name::from(table)].into(), ..scans(table, TableLock::AccessExclusive) }
}
