//! Rehearsals of backfills: what they tell is what happens, and nothing of it stays.

mod begun;
mod changes;
mod findings;
mod large;
mod others;
mod spans;
mod states;
mod uncounted;
mod untouched;

use std::time::Duration;

use migrate_core::AnyConnection;
use migrate_core::backfill::SpanBackfill;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_core::rehearsal::{Limits, Rehearsal, RowChange, TableChanges, Value};
use migrate_core::runner::Error;
use migrate_tests::testkit::{Database, History, Step};

use self::schema::items;

mod schema {
    diesel::table! { items (id) { id -> BigInt, } }
}

type Change = Box<dyn Fn(&mut AnyConnection, i64) -> Result<()> + Send + Sync>;

/// A backfill of the table `items` that does something for each of its rows.
struct Each(Change);

impl Each {
    fn new(change: impl Fn(&mut AnyConnection, i64) -> Result<()> + Send + Sync + 'static) -> Self {
        Self(Box::new(change))
    }

    /// Runs SQL, in which `{id}` stands for the row's.
    fn sql(sql: &'static str) -> Self {
        Self::new(move |conn, id| Ok(conn.batch(&sql.replace("{id}", &id.to_string()))?))
    }
}

impl Backfill for Each {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = i64;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<i64>> {
        let rows = items::table.select(items::id).filter(span.contains(items::id));
        span.for_update(rows.order(items::id).limit(span.limit())).load(conn)
    }

    fn key(&self, id: &i64) -> i64 {
        *id
    }

    fn apply(&self, conn: &mut AnyConnection, ids: Vec<i64>) -> Result<()> {
        ids.into_iter().try_for_each(|id| (self.0)(conn, id))
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        items::table.count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

/// So many rows, however slow the machine.
fn rows(rows: u32) -> Limits {
    Limits { rows, time: Duration::from_secs(120) }
}

/// Rehearses a backfill whose parent is applied.
fn try_to_rehearse<B: SpanBackfill + 'static>(
    database: &Database,
    backfill: B,
    limits: Limits,
) -> Result<Rehearsal, Error> {
    let migrator = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], backfill).migrator();
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    migrator.rehearse_backfill(&mut database.connect(), "b1", limits)
}

#[track_caller]
fn rehearse<B: SpanBackfill + 'static>(database: &Database, backfill: B) -> Rehearsal {
    try_to_rehearse(database, backfill, rows(100)).unwrap()
}

/// The changes of a table, by its bare name.
#[track_caller]
fn table<'r>(rehearsal: &'r Rehearsal, name: &str) -> &'r TableChanges {
    let tables = &rehearsal.tables;
    tables.iter().find(|table| table.table.name == name).unwrap_or_else(|| panic!("{rehearsal:#?}"))
}

/// Its counts of inserted, updated and deleted rows.
fn counts(table: &TableChanges) -> [u64; 3] {
    [table.inserted, table.updated, table.deleted]
}

/// Its examples as `Updated id=1: text NULL>'a'`, sorted.
fn examples(table: &TableChanges) -> Vec<String> {
    let mut lines: Vec<_> = table.examples.iter().map(line).collect();
    lines.sort();
    lines
}

fn line(change: &RowChange) -> String {
    let key: Vec<_> = change.key.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "-".to_owned(), shown);
    let columns: Vec<_> = change
        .columns
        .iter()
        .map(|column| format!(" {} {}>{}", column.column, value(&column.before), value(&column.after)))
        .collect();
    format!("{:?} {}:{}", change.kind, key.join(","), columns.concat())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => format!("'{text}'"),
        Value::Plain(text) | Value::Json(text) => text.clone(),
        Value::Bytes(digits) => format!("x{digits}"),
    }
}
