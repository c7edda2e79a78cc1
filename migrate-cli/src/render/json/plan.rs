use std::borrow::Cow;
use std::time::Duration;

use migrate_core::operation::{Effect, Name, Operation, TableLock};
use migrate_core::plan::Step;
use migrate_core::preview::{BackfillPreview, OperationPreview, Preview, StatementPreview, StepPreview};
use migrate_core::registry::Declaration;
use migrate_core::runner::RevisionFinding;
use serde::Serialize;

use super::VERSION;
use super::run::LeftBody;
use super::status::FilledBody;
use crate::render::finding::FindingBody;

/// `plan`.
#[derive(Debug, Serialize)]
pub(crate) struct PlanDocument<'a> {
    version: u32,
    server: String,
    direction: String,
    target: &'a str,
    steps: Vec<PlannedStep<'a>>,
    /// The tables that are there already and that the steps touch.
    tables: Vec<TableBody>,
    current_after: &'a [&'a str],
    /// What is left for later.
    deferred: Vec<LeftBody>,
}

#[derive(Debug, Serialize)]
struct TableBody {
    table: String,
    /// The server's estimate; `null` if it has none.
    rows: Option<u64>,
    bytes: u64,
}

#[derive(Debug, Serialize)]
struct PlannedStep<'a> {
    revision: &'a str,
    from: &'a [Cow<'static, str>],
    to: &'a [Cow<'static, str>],
    message: &'a str,
    transaction: bool,
    irreversible: Option<&'a str>,
    operations: Vec<OperationBody<'a>>,
    /// How it runs in batches, if it is a backfill.
    backfill: Option<BackfillBody>,
    /// Whether the step then works on the connection in Rust: what it does after that is not known.
    opaque: bool,
    /// Why the step would fail after these operations.
    fault: Option<&'a str>,
    /// What the safety rules found in it.
    findings: Vec<FindingBody<'a>>,
}

/// How a backfill would run. How many rows there are is known to its queries, which a plan does not ask.
#[derive(Debug, Serialize)]
struct BackfillBody {
    rows_at_first: u32,
    rows_at_least: u32,
    rows_at_most: u32,
    /// How long a batch should take.
    target_ms: u64,
    /// How long it rests after each batch.
    rest_ms: u64,
    max_rejected: u64,
    rescans: bool,
    /// How far it is, if it is half done.
    filled: Option<FilledBody>,
}

impl From<BackfillPreview> for BackfillBody {
    fn from(preview: BackfillPreview) -> Self {
        let BackfillPreview { pace, max_rejected, rescans, filled } = preview;
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            rows_at_first: pace.start,
            rows_at_least: pace.min,
            rows_at_most: pace.max,
            target_ms: milliseconds(pace.target),
            rest_ms: milliseconds(pace.rest),
            max_rejected,
            rescans,
            filled: filled.map(FilledBody::from),
        }
    }
}

#[derive(Debug, Serialize)]
struct OperationBody<'a> {
    operation: String,
    /// Whether it is Rust, which has no statements.
    rust: bool,
    statements: Vec<StatementBody<'a>>,
}

#[derive(Debug, Serialize)]
struct StatementBody<'a> {
    sql: &'a str,
    /// Whether what it does to others is not known.
    unknown: bool,
    waits_for_transactions: bool,
    tables: Vec<EffectBody>,
}

/// What a statement does to a table that is there already.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a program asks each of them by its name")]
struct EffectBody {
    table: String,
    lock: Option<String>,
    blocks_reads: bool,
    blocks_writes: bool,
    rewrites: bool,
    scans: bool,
}

impl<'a> PlanDocument<'a> {
    pub(crate) fn new(
        preview: &'a Preview<'a>,
        findings: &'a [RevisionFinding],
        target: &'a str,
        declaration: impl Fn(&str) -> Option<&'static Declaration>,
    ) -> Self {
        let steps = preview.plan.steps.iter().zip(&preview.steps);
        let size = |(table, size): (&Name, &migrate_core::preview::Size)| TableBody {
            table: table.to_string(),
            rows: size.rows,
            bytes: size.bytes,
        };
        Self {
            version: VERSION,
            server: preview.dialect.to_string(),
            direction: preview.plan.direction.to_string(),
            target,
            steps: steps
                .map(|(step, preview)| planned(step, preview, findings, declaration(step.id())))
                .collect(),
            tables: preview.tables.iter().map(size).collect(),
            current_after: &preview.plan.heads_after,
            deferred: preview.plan.deferred.iter().map(|left| LeftBody::from(&left.into())).collect(),
        }
    }
}

fn planned<'a>(
    step: &Step<'a>,
    preview: &'a StepPreview,
    findings: &'a [RevisionFinding],
    declared: Option<&'static Declaration>,
) -> PlannedStep<'a> {
    PlannedStep {
        revision: step.id(),
        from: step.from(),
        to: step.to(),
        message: step.message(),
        transaction: preview.transaction,
        irreversible: declared.and_then(|declared| declared.irreversible),
        operations: preview.operations.iter().map(operation).collect(),
        backfill: preview.backfill.map(BackfillBody::from),
        opaque: preview.opaque,
        fault: preview.fault.as_deref(),
        findings: findings
            .iter()
            .filter(|found| found.revision == step.id())
            .map(FindingBody::from)
            .collect(),
    }
}

fn operation(preview: &OperationPreview) -> OperationBody<'_> {
    OperationBody {
        operation: preview.operation.to_string(),
        rust: matches!(preview.operation, Operation::Data { .. }),
        statements: preview.statements.iter().map(statement).collect(),
    }
}

fn statement(preview: &StatementPreview) -> StatementBody<'_> {
    let effect = &preview.effect;
    StatementBody {
        sql: &preview.statement.sql,
        unknown: effect.unknown,
        waits_for_transactions: effect.waits_for_transactions,
        tables: effect.tables().into_iter().map(|table| on_table(effect, table)).collect(),
    }
}

fn on_table(effect: &Effect, table: &Name) -> EffectBody {
    let lock = effect.locks.get(table).copied();
    EffectBody {
        table: table.to_string(),
        lock: lock.map(|lock| lock.to_string()),
        blocks_reads: lock.is_some_and(TableLock::blocks_reads),
        blocks_writes: lock.is_some_and(TableLock::blocks_writes),
        rewrites: effect.rewrites.contains(table),
        scans: effect.scans.contains(table),
    }
}
