//! One batch: the only part of the loop that knows the types of a backfill.

use serde::de::DeserializeOwned;

use super::definition::Backfill;
use super::error::BackfillError;
use super::span::Span;
use crate::connection::Dialect;
use crate::error::BodyError;

/// What the runner asks of a backfill; keys are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// The next rows, read and, unless they are only looked at, changed.
    Batch { after: Option<String>, until: Option<String>, limit: u32, apply: bool },
    /// How many rows remain to be done.
    Remaining,
}

/// What it answers.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// How many rows the batch had; also when it failed.
    pub(crate) rows: u32,
    /// The key of the last one; also when the batch failed.
    pub(crate) last: Option<String>,
    pub(crate) remaining: i64,
    pub(crate) fault: Option<Fault>,
}

/// Where a batch failed.
#[derive(Debug)]
pub(crate) enum Fault {
    Read(BodyError),
    Apply(BodyError),
    /// The backfill does not keep its contract.
    Contract(BackfillError),
}

pub(super) fn answer<B: Backfill>(
    backfill: &B,
    connection: &mut B::Connection,
    request: &Request,
    dialect: Dialect,
) -> Answer {
    let mut answer = Answer::default();
    let outcome = match request {
        Request::Remaining => backfill
            .remaining(connection)
            .map(|remaining| answer.remaining = remaining)
            .map_err(|error| Fault::Read(error.into())),
        Request::Batch { after, until, limit, apply } => {
            let bounds = Bounds { after: after.as_deref(), until: until.as_deref(), limit: *limit };
            batch(backfill, connection, bounds, *apply, dialect, &mut answer)
        }
    };
    answer.fault = outcome.err();
    answer
}

#[derive(Clone, Copy)]
struct Bounds<'r> {
    after: Option<&'r str>,
    until: Option<&'r str>,
    limit: u32,
}

fn batch<B: Backfill>(
    backfill: &B,
    connection: &mut B::Connection,
    bounds: Bounds<'_>,
    apply: bool,
    dialect: Dialect,
    answer: &mut Answer,
) -> Result<(), Fault> {
    let (after, until) = (parse(bounds.after)?, parse(bounds.until)?);
    let span = Span::new(after, until, bounds.limit, dialect);
    let rows = backfill.rows(connection, &span).map_err(|error| Fault::Read(error.into()))?;
    if u32::try_from(rows.len()).map_or(true, |rows| rows > bounds.limit) {
        return Err(Fault::Contract(BackfillError::TooMany { rows: rows.len(), limit: bounds.limit }));
    }
    let mut last = span.after().cloned();
    for (at, row) in rows.iter().enumerate() {
        let key = backfill.key(row);
        if at > 0 && last.as_ref() == Some(&key) {
            return Err(Fault::Contract(BackfillError::Repeated { key: text(&key)? }));
        }
        if span.after() == Some(&key) {
            return Err(Fault::Contract(BackfillError::Stuck { key: text(&key)? }));
        }
        last = Some(key);
    }
    if rows.is_empty() {
        return Ok(());
    }
    answer.rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    answer.last = last.as_ref().map(text).transpose()?;
    if apply { backfill.apply(connection, rows).map_err(Fault::Apply) } else { Ok(()) }
}

fn parse<K: DeserializeOwned>(key: Option<&str>) -> Result<Option<K>, Fault> {
    let parse = |key: &str| {
        serde_json::from_str(key)
            .map_err(|cause| Fault::Contract(BackfillError::Checkpoint { key: key.to_owned(), cause }))
    };
    key.map(parse).transpose()
}

fn text<K: serde::Serialize>(key: &K) -> Result<String, Fault> {
    serde_json::to_string(key).map_err(|error| Fault::Contract(BackfillError::Key(error)))
}
