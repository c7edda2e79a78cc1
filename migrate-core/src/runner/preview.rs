//! What a run would do, asked of its bodies without running them.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Error;
use super::run::{Command, Run};
use crate::catalog::{self, Catalog, ObjectName, Scope};
use crate::connection::{Dialect, Driver};
use crate::ledger::LedgerNames;
use crate::offline::{Basis, Fault, Resolved, Resolver};
use crate::operation::forecast::{Facts, Forecast};
use crate::operation::render::Statement;
use crate::operation::{Effect, Name, Operation, OperationError};
use crate::plan::{Direction, Step};
use crate::preview::{OperationPreview, Preview, Size, StatementPreview, StepPreview};
use crate::registry::Migrations;

impl<'a> Run<'_, 'a> {
    /// Plans, and asks each step's body for its operations. Nothing is written, and no body gets the connection.
    pub(super) fn preview(&mut self, command: Command<'_>) -> Result<Preview<'a>, Error> {
        let rows = self.read()?.unwrap_or_default();
        let (plan, known) = self.plan_from(command, rows)?;
        let filled = self.filled(known.rows.iter())?;
        let one_transaction = self.options.single_transaction;
        let names = self.names.clone();
        let (driver, migrations) = self.host.parts();
        let dialect = driver.dialect();
        let known = if plan.is_empty() { Known::Nothing } else { Known::read(driver, &names)? };
        let facts = known.facts();
        let mut foreseen = Foreseen { dialect, teller: known.teller(dialect, &*facts) };
        let mut steps: Vec<_> =
            plan.steps.iter().map(|step| foreseen.step(step, migrations, one_transaction)).collect();
        for step in &mut steps {
            if let Some(backfill) = &mut step.backfill {
                backfill.filled = filled.get(&step.revision).copied();
            }
        }
        let tables = sizes(driver, &steps)?;
        Ok(Preview { plan, dialect, steps, tables })
    }
}

/// What is known of the database before the first step.
enum Known {
    Nothing,
    /// PostgreSQL: what it holds, and what the session adds to that.
    Catalog {
        catalog: Box<Catalog>,
        default_schema: String,
        utc: Option<bool>,
    },
    /// SQLite: the statements that made it what it is.
    Schema(Vec<String>),
}

impl Known {
    fn read(driver: &mut dyn Driver, names: &LedgerNames) -> Result<Self, Error> {
        match driver.dialect() {
            Dialect::Postgres => {
                let catalog = Box::new(catalog::read(driver, &Scope::default().without_ledger(names))?);
                let sql = "SELECT CAST(current_schema() AS text), current_setting('TimeZone')";
                let row = driver.query(sql, &[])?.into_iter().next().unwrap_or_default();
                let mut row = row.into_iter();
                let default_schema = row.next().flatten().unwrap_or_default();
                let utc = row.next().flatten().map(|zone| ["UTC", "Etc/UTC"].contains(&zone.as_str()));
                Ok(Self::Catalog { catalog, default_schema, utc })
            }
            Dialect::Sqlite => Ok(Self::Schema(schema(driver)?)),
            Dialect::Mysql => Ok(Self::Nothing),
        }
    }

    fn facts(&self) -> Box<dyn Facts + '_> {
        match self {
            Self::Catalog { catalog, default_schema, utc } => {
                Box::new(catalog.facts(default_schema.as_str(), *utc))
            }
            Self::Nothing | Self::Schema(_) => Box::new(()),
        }
    }

    fn teller<'f>(&self, dialect: Dialect, facts: &'f dyn Facts) -> Teller<'f> {
        match (dialect, self) {
            (Dialect::Postgres, _) => Teller::Forecast(Box::new(Forecast::new(facts))),
            (_, Self::Schema(schema)) => {
                Teller::Resolver(Box::new(Resolver::new(dialect, Basis::Schema(schema.clone()))))
            }
            _ => Teller::Resolver(Box::new(Resolver::new(dialect, Basis::Schema(Vec::new())))),
        }
    }
}

/// Who tells what operations would do.
enum Teller<'f> {
    Forecast(Box<Forecast<'f>>),
    Resolver(Box<Resolver<'f>>),
}

/// What operations would do, each after those before it.
struct Foreseen<'f> {
    dialect: Dialect,
    teller: Teller<'f>,
}

impl Foreseen<'_> {
    fn step(&mut self, step: &Step<'_>, migrations: &dyn Migrations, one_transaction: bool) -> StepPreview {
        let batches = migrations.backfill(step.id()).filter(|_| step.direction() == Direction::Upgrade);
        if let Some(settings) = batches {
            return StepPreview {
                transaction: one_transaction,
                ..StepPreview::in_batches(step.id(), settings)
            };
        }
        let (recording, outcome) = migrations.record(step.id(), self.dialect, step.direction());
        let declaration = migrations.declaration(step.id());
        let mut preview = StepPreview {
            revision: step.id().to_owned(),
            direction: step.direction(),
            transaction: one_transaction || declaration.is_none_or(|declaration| declaration.transaction),
            operations: Vec::with_capacity(recording.operations.len()),
            backfill: None,
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
        match &mut self.teller {
            Teller::Forecast(forecast) => {
                let told = forecast.operation(operation)?.into_iter();
                Ok(told.map(|(statement, effect)| StatementPreview { statement, effect }).collect())
            }
            Teller::Resolver(resolver) => Ok(of_resolved(operation, resolver.resolve(operation)?)),
        }
    }
}

/// On SQLite others wait for the whole step; what differs is whether a table is copied.
fn of_resolved(operation: &Operation, resolved: Resolved) -> Vec<StatementPreview> {
    let Resolved { statements, rebuilt } = resolved;
    let unknown = matches!(operation, Operation::Execute(_));
    let preview = |statement: Statement| {
        let copies = rebuilt.iter().filter(|_| statement.sql.starts_with("INSERT")).cloned();
        let effect = Effect { unknown, rewrites: copies.collect(), ..Effect::default() };
        StatementPreview { statement, effect }
    };
    statements.into_iter().map(preview).collect()
}

/// The statements that made an SQLite database what it is. A virtual table makes its shadow tables itself.
fn schema(driver: &mut dyn Driver) -> Result<Vec<String>, Error> {
    let sql = "SELECT sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*' AND tbl_name \
               NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow') ORDER BY rowid";
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
