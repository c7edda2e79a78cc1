//! What a run would do, asked of its bodies without running them.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use super::run::{Command, Run};
use crate::catalog::{self, ObjectName, Scope};
use crate::connection::{Dialect, Driver};
use crate::offline::{Basis, Fault, Resolved, Resolver};
use crate::operation::render::Statement;
use crate::operation::{Effect, Name, Operation, OperationError};
use crate::plan::Step;
use crate::preview::{OperationPreview, Preview, Size, StatementPreview, StepPreview};
use crate::registry::Migrations;

impl<'a> Run<'_, 'a> {
    /// Plans, and asks each step's body for its operations. Nothing is written, and no body gets the connection.
    pub(super) fn preview(&mut self, command: Command<'_>) -> Result<Preview<'a>, Error> {
        let plan = self.plan(command)?;
        let one_transaction = self.options.single_transaction;
        let (driver, migrations) = self.host.parts();
        let dialect = driver.dialect();
        let mut steps = Vec::with_capacity(plan.len());
        if !plan.is_empty() {
            let schema = if dialect == Dialect::Sqlite { schema(driver)? } else { Vec::new() };
            let mut foreseen = Foreseen { dialect, resolver: Resolver::new(dialect, Basis::Schema(schema)) };
            for step in &plan.steps {
                steps.push(foreseen.step(step, migrations, one_transaction));
            }
        }
        let tables = sizes(driver, &steps)?;
        Ok(Preview { plan, dialect, steps, tables })
    }
}

/// What operations would do, each after those before it.
struct Foreseen<'f> {
    dialect: Dialect,
    resolver: Resolver<'f>,
}

impl Foreseen<'_> {
    fn step(&mut self, step: &Step<'_>, migrations: &dyn Migrations, one_transaction: bool) -> StepPreview {
        let (recording, outcome) = migrations.record(step.id(), self.dialect, step.direction());
        let declaration = migrations.declaration(step.id());
        let mut preview = StepPreview {
            revision: step.id().to_owned(),
            direction: step.direction(),
            transaction: one_transaction || declaration.is_none_or(|declaration| declaration.transaction),
            operations: Vec::with_capacity(recording.operations.len()),
            opaque: recording.opaque,
            fault: None,
        };
        for operation in recording.operations {
            match self.statements(&operation) {
                Ok(statements) => {
                    let outside = |it: &StatementPreview| !it.statement.in_transaction;
                    if preview.transaction && statements.iter().any(outside) {
                        let operation = operation.to_string();
                        preview.fault = Some(OperationError::NotInTransaction { operation }.to_string());
                    }
                    preview.operations.push(OperationPreview { operation, statements });
                }
                Err(fault) => {
                    preview.operations.push(OperationPreview { operation, statements: Vec::new() });
                    preview.fault = Some(match fault {
                        Fault::Impossible(error) => error.to_string(),
                        Fault::Schema(reason) => reason,
                    });
                }
            }
            if preview.fault.is_some() {
                return preview;
            }
        }
        if let (false, Err(error)) = (recording.opaque, outcome) {
            preview.fault = Some(error.to_string());
        }
        preview
    }

    fn statements(&mut self, operation: &Operation) -> Result<Vec<StatementPreview>, Fault> {
        let Resolved { statements, rebuilt } = self.resolver.resolve(operation)?;
        let effect = Effect {
            unknown: matches!(operation, Operation::Execute(_)),
            rewrites: rebuilt.into_iter().collect(),
            ..Effect::default()
        };
        let copies = |statement: &Statement| statement.sql.starts_with("INSERT");
        let is_copied = !effect.rewrites.is_empty();
        let preview = |statement: Statement| {
            let effect = if is_copied && !copies(&statement) { Effect::default() } else { effect.clone() };
            StatementPreview { statement, effect }
        };
        Ok(statements.into_iter().map(preview).collect())
    }
}

/// The statements that made an SQLite database what it is.
fn schema(driver: &mut dyn Driver) -> Result<Vec<String>, Error> {
    let sql = "SELECT sql FROM main.sqlite_schema \
               WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' ORDER BY rowid";
    Ok(driver.query(sql, &[])?.into_iter().flatten().flatten().collect())
}

/// The sizes of all tables that others may have to wait for.
fn sizes(driver: &mut dyn Driver, steps: &[StepPreview]) -> Result<BTreeMap<Name, Size>, Error> {
    let effects = steps.iter().flat_map(StepPreview::effects);
    let touched: BTreeSet<&Name> =
        effects.flat_map(|effect| effect.locks.keys().chain(&effect.rewrites).chain(&effect.scans)).collect();
    let mut sizes = BTreeMap::new();
    for name in touched {
        let object = ObjectName { schema: name.schema.clone(), name: name.name.clone() };
        let found = catalog::statistics(driver, &Scope::tables([object]))?.into_values().next();
        if let Some(statistics) = found {
            sizes.insert(name.clone(), Size { rows: statistics.rows, bytes: statistics.bytes });
        }
    }
    Ok(sizes)
}
