use std::collections::BTreeMap;

use migrate_core::rehearsal::{
    Ended, Finding, Range, Rehearsal, Remaining, RowChange, RowChangeKind, TableChanges, Value,
};
use serde::Serialize;

use super::VERSION;

/// `backfill run --dry-run`.
#[derive(Debug, Serialize)]
pub(crate) struct RehearsalDocument<'a> {
    version: u32,
    revision: &'a str,
    message: &'a str,
    server: String,
    /// The last key that is done, as JSON in a string.
    after: Option<&'a str>,
    rows: u64,
    places: usize,
    ended: &'static str,
    elapsed_ms: u128,
    /// `null` where it is not known.
    remaining: Option<u64>,
    to_do: Option<u64>,
    batches: Vec<BatchBody>,
    projection: Option<ProjectionBody>,
    growth_bytes: Option<u64>,
    counted_rows: u64,
    tables: Vec<TableBody<'a>>,
    unseen: Option<&'a str>,
    sequences: &'a [String],
    findings: Vec<FindingBody<'a>>,
}

#[derive(Debug, Serialize)]
struct BatchBody {
    rows: u32,
    took_us: u128,
    log_bytes: Option<u64>,
}

#[derive(Debug, Serialize)]
struct ProjectionBody {
    rows: u64,
    milliseconds: RangeBody<u128>,
    log_bytes: Option<RangeBody<u64>>,
}

/// From the median and from the ninth decile of the batches.
#[derive(Debug, Serialize)]
struct RangeBody<T> {
    p50: T,
    p90: T,
}

#[derive(Debug, Serialize)]
struct TableBody<'a> {
    table: String,
    inserted: u64,
    updated: u64,
    deleted: u64,
    unseen: Option<&'a str>,
    examples: Vec<ExampleBody<'a>>,
}

#[derive(Debug, Serialize)]
struct ExampleBody<'a> {
    kind: &'static str,
    /// The texts that the database writes; `null` is NULL.
    key: BTreeMap<&'a str, Option<&'a str>>,
    columns: BTreeMap<&'a str, ChangeBody<'a>>,
}

/// A value before or after; `null` is NULL.
#[derive(Debug, Serialize)]
struct Side<'a>(Option<&'a str>);

/// A side that is not there is absent.
#[derive(Debug, Serialize)]
struct ChangeBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Side<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Side<'a>>,
}

#[derive(Debug, Serialize)]
struct FindingBody<'a> {
    code: &'static str,
    /// The row's key, or the last one before, as JSON in a string.
    key: Option<&'a str>,
    message: String,
}

impl<'a> RehearsalDocument<'a> {
    pub(crate) fn new(rehearsal: &'a Rehearsal, message: &'a str) -> Self {
        let batches = rehearsal.measures.iter().map(|batch| BatchBody {
            rows: batch.rows,
            took_us: batch.took.as_micros(),
            log_bytes: batch.log_bytes,
        });
        let projection = rehearsal.projection.as_ref().map(|projection| ProjectionBody {
            rows: projection.rows,
            milliseconds: range(projection.time, |time| time.as_millis()),
            log_bytes: projection.log_bytes.map(|bytes| range(bytes, |bytes| bytes)),
        });
        let finding = |finding: &'a Finding| FindingBody {
            code: finding.code(),
            key: finding.key(),
            message: finding.to_string(),
        };
        Self {
            version: VERSION,
            revision: &rehearsal.revision,
            message,
            server: rehearsal.dialect.to_string(),
            after: rehearsal.after.as_deref(),
            rows: rehearsal.rows,
            places: rehearsal.places,
            ended: ended(rehearsal.ended),
            elapsed_ms: rehearsal.elapsed.as_millis(),
            remaining: match rehearsal.remaining {
                Remaining::Rows(rows) => Some(rows),
                Remaining::TooLong | Remaining::Failed => None,
            },
            to_do: rehearsal.to_do,
            batches: batches.collect(),
            projection,
            growth_bytes: rehearsal.growth_bytes,
            counted_rows: rehearsal.counted_rows,
            tables: rehearsal.tables.iter().map(table).collect(),
            unseen: rehearsal.unseen.as_deref(),
            sequences: &rehearsal.sequences,
            findings: rehearsal.findings.iter().map(finding).collect(),
        }
    }
}

fn range<T, U>(range: Range<T>, unit: impl Fn(T) -> U) -> RangeBody<U> {
    RangeBody { p50: unit(range.likely), p90: unit(range.cautious) }
}

fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::Full => "full",
        Ended::AllRows => "all_rows",
        Ended::OutOfTime => "out_of_time",
        Ended::Failed => "failed",
        Ended::Stopped => "stopped",
    }
}

fn table(changes: &TableChanges) -> TableBody<'_> {
    TableBody {
        table: changes.table.to_string(),
        inserted: changes.inserted,
        updated: changes.updated,
        deleted: changes.deleted,
        unseen: changes.unseen.as_deref(),
        examples: changes.examples.iter().map(example).collect(),
    }
}

fn example(change: &RowChange) -> ExampleBody<'_> {
    ExampleBody {
        kind: match change.kind {
            RowChangeKind::Inserted => "inserted",
            RowChangeKind::Updated => "updated",
            RowChangeKind::Deleted => "deleted",
            RowChangeKind::Written => "written",
        },
        key: change.key.iter().map(|(name, value)| (name.as_str(), value.text())).collect(),
        columns: change
            .columns
            .iter()
            .map(|column| {
                let before = column.before.as_ref().map(Value::text).map(Side);
                let after = column.after.as_ref().map(Value::text).map(Side);
                (column.column.as_str(), ChangeBody { before, after })
            })
            .collect(),
    }
}
