//! One batch: the only part of the loop that knows the types of a backfill.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::definition::Backfill;
use super::end::End;
use super::error::BackfillError;
use super::order;
use super::span::Span;
use super::span_backfill::SpanBackfill;
use crate::connection::Dialect;
use crate::error::BodyError;

/// What the runner asks of a backfill; keys are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// The next rows, read and, unless they are only looked at, changed.
    Batch { after: Option<String>, until: Option<String>, limit: u32, apply: bool },
    /// The last of the next rows.
    End { after: Option<String>, until: Option<String>, limit: u32 },
    /// One row, if it is still there: read and changed, or only looked for.
    Row { key: String, apply: bool },
    /// How many rows remain to be done.
    Remaining,
    /// How many rows will be visited.
    Total,
    /// Whether the backfill wants to wait.
    Throttle,
}

/// What it answers.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// How many rows the batch had, or lie up to the end; also when the batch failed.
    pub(crate) rows: u32,
    /// The key of the last one; also when the batch failed.
    pub(crate) last: Option<String>,
    pub(crate) remaining: i64,
    /// How many rows will be visited, when that is known.
    pub(crate) total: Option<i64>,
    /// Why the backfill wants to wait, if it does.
    pub(crate) hold: Option<String>,
    pub(crate) fault: Option<Fault<String>>,
}

/// The first rows of a span.
#[derive(Debug)]
#[doc(hidden)]
pub struct Batch<K> {
    end: Option<End<K>>,
}

/// Where a batch failed; the end is that of its rows, when they could be read.
#[derive(Debug)]
#[doc(hidden)]
pub enum Fault<K> {
    Read(BodyError),
    Apply(BodyError, Option<End<K>>),
    /// The backfill does not keep its contract.
    Contract(BackfillError),
}

type Done<K> = Result<Batch<K>, Fault<K>>;

/// The batch of a backfill that changes its rows by their span.
pub(super) fn of_span<S: SpanBackfill + ?Sized>(
    backfill: &S,
    connection: &mut S::Connection,
    span: &Span<S::Key>,
    apply: bool,
) -> Done<S::Key> {
    let end = backfill.end(connection, span).map_err(|error| Fault::Read(error.into()))?;
    let Some(end) = heeded(end, span)? else { return Ok(Batch { end: None }) };
    if apply {
        let rows = span.up_to(end.key.clone());
        if let Err(error) = backfill.apply(connection, &rows) {
            return Err(Fault::Apply(error, Some(end)));
        }
    }
    Ok(Batch { end: Some(end) })
}

/// The batch of a backfill that reads its rows.
pub(super) fn of_rows<B: Backfill>(
    backfill: &B,
    connection: &mut B::Connection,
    span: &Span<B::Key>,
    apply: bool,
) -> Done<B::Key> {
    let rows = backfill.rows(connection, span).map_err(|error| Fault::Read(error.into()))?;
    let (mut last, mut before) = (None, None);
    for row in &rows {
        let key = backfill.key(row);
        in_order(&key, &mut before)?;
        if last.as_ref() == Some(&key) {
            return Err(Fault::Contract(BackfillError::Repeated { key: text(&key)? }));
        }
        if span.after() == Some(&key) {
            return Err(Fault::Contract(BackfillError::Stuck { key: text(&key)? }));
        }
        last = Some(key);
    }
    let end = heeded(last.map(|key| End { key, rows: rows.len() }), span)?;
    if apply
        && end.is_some()
        && let Err(error) = backfill.apply(connection, rows)
    {
        return Err(Fault::Apply(error, end));
    }
    Ok(Batch { end })
}

/// Refuses a key that comes before the last one: the next batch would begin in the middle of this one.
fn in_order<K: Serialize>(key: &K, before: &mut Option<Value>) -> Result<(), Fault<K>> {
    let value = serde_json::to_value(key).map_err(|error| Fault::Contract(BackfillError::Key(error)))?;
    refuse_null(&value).map_err(Fault::Contract)?;
    match before.replace(value) {
        Some(last) if before.as_ref().is_some_and(|key| order::falls(&last, key)) => {
            Err(Fault::Contract(BackfillError::OutOfOrder { key: text(key)?, last: last.to_string() }))
        }
        _ => Ok(()),
    }
}

/// Refuses a key that is NULL, or a part of it: no row comes after it.
fn refuse_null(key: &Value) -> Result<(), BackfillError> {
    let is_null = match key {
        Value::Array(parts) => parts.contains(&Value::Null),
        key => key.is_null(),
    };
    if is_null { Err(BackfillError::NullKey { key: key.to_string() }) } else { Ok(()) }
}

/// The end of a span that moved on and kept to the limit.
fn heeded<K: Serialize + PartialEq>(end: Option<End<K>>, span: &Span<K>) -> Result<Option<End<K>>, Fault<K>> {
    let Some(end) = end else { return Ok(None) };
    let limit = u32::try_from(span.limit()).unwrap_or(u32::MAX);
    if u32::try_from(end.rows).map_or(true, |rows| rows > limit) {
        return Err(Fault::Contract(BackfillError::TooMany { rows: end.rows, limit }));
    }
    if span.after() == Some(&end.key) {
        return Err(Fault::Contract(BackfillError::Stuck { key: text(&end.key)? }));
    }
    Ok(Some(end))
}

/// Does what is asked.
pub(super) fn answer<S: SpanBackfill>(
    backfill: &S,
    connection: &mut S::Connection,
    request: &Request,
    dialect: Dialect,
) -> Answer {
    let mut answer = Answer::default();
    if let Err(fault) = fill(backfill, connection, request, dialect, &mut answer) {
        answer.fault = Some(match fault {
            Fault::Read(error) => Fault::Read(error),
            Fault::Contract(error) => Fault::Contract(error),
            // The key of a failed batch was written down before, or it would be another fault.
            Fault::Apply(error, end) => match end.map(|end| answer.put_end(&end)).transpose() {
                Ok(_) => Fault::Apply(error, None),
                Err(error) => Fault::Contract(error),
            },
        });
    }
    answer
}

fn fill<S: SpanBackfill>(
    backfill: &S,
    connection: &mut S::Connection,
    request: &Request,
    dialect: Dialect,
    answer: &mut Answer,
) -> Result<(), Fault<S::Key>> {
    let read = |error: diesel::result::Error| Fault::Read(error.into());
    let end = match request {
        Request::Remaining => {
            answer.remaining = backfill.remaining(connection).map_err(read)?;
            return Ok(());
        }
        Request::Total => {
            answer.total = backfill.total(connection).map_err(read)?;
            return Ok(());
        }
        Request::Throttle => {
            answer.hold = backfill.throttle(connection).map_err(read)?;
            return Ok(());
        }
        Request::Batch { after, until, limit, apply } => {
            let span = span(after.as_deref(), until.as_deref(), *limit, dialect)?;
            backfill.batch(connection, &span, *apply)?.end
        }
        Request::Row { key, apply } => {
            let span = Span::one(parse(key)?, dialect);
            let span = if *apply { span } else { span.unlocked() };
            backfill.batch(connection, &span, *apply)?.end
        }
        Request::End { after, until, limit } => {
            let span = span(after.as_deref(), until.as_deref(), *limit, dialect)?.unlocked();
            heeded(backfill.end(connection, &span).map_err(read)?, &span)?
        }
    };
    if let Some(end) = end {
        answer.put_end(&end).map_err(Fault::Contract)?;
    }
    Ok(())
}

impl Answer {
    fn put_end<K>(&mut self, end: &End<K>) -> Result<(), BackfillError>
    where
        K: Serialize + DeserializeOwned + PartialEq,
    {
        refuse_null(&serde_json::to_value(&end.key).map_err(BackfillError::Key)?)?;
        let key = serde_json::to_string(&end.key).map_err(BackfillError::Key)?;
        if !serde_json::from_str::<K>(&key).is_ok_and(|back| back == end.key) {
            return Err(BackfillError::Unstable { key });
        }
        self.rows = u32::try_from(end.rows).unwrap_or(u32::MAX);
        self.last = Some(key);
        Ok(())
    }
}

fn span<K: DeserializeOwned>(
    after: Option<&str>,
    until: Option<&str>,
    limit: u32,
    dialect: Dialect,
) -> Result<Span<K>, Fault<K>> {
    Ok(Span::new(after.map(parse).transpose()?, until.map(parse).transpose()?, limit, dialect))
}

fn parse<K: DeserializeOwned>(key: &str) -> Result<K, Fault<K>> {
    serde_json::from_str(key)
        .map_err(|cause| Fault::Contract(BackfillError::Checkpoint { key: key.to_owned(), cause }))
}

fn text<K: Serialize>(key: &K) -> Result<String, Fault<K>> {
    serde_json::to_string(key).map_err(|error| Fault::Contract(BackfillError::Key(error)))
}
