//! PostgreSQL: which tables the transaction wrote, by its own counters, and which rows, by the marks of their versions.
//!
//! In a `REPEATABLE READ` transaction a visible row whose `xmin` is not older than the transaction itself was written by
//! it, or by a subtransaction of it: everybody else's is older or invisible. What a row was before is seen through a
//! cursor, which keeps to the state of its declaration although it is read only afterwards.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;

use super::Stretch;
use crate::catalog::{self, Column, ObjectName, Scope, Table};
use crate::connection::{Dialect, Driver, TextRow};
use crate::ledger::quote_name;
use crate::rehearsal::change::{Counts, Image, Pairing, TableChanges};
use crate::rehearsal::places::{Key, Keyed, quoted};
use crate::rehearsal::value::Value;

/// A table of up to so many bytes is read from one end to the other.
const SCANNED_BYTES: u64 = 128 << 20;

/// So many of the last pages of a larger table are looked through for new rows.
const TAIL_PAGES: u64 = 64;

/// How many versions of rows are read of a table.
const VERSIONS: usize = 2_000;

/// What the session did to each table since its counters began: reads and writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Activity(BTreeMap<ObjectName, (u64, Counts)>);

impl Activity {
    /// Reads the counters of the transaction. `None` when the server does not count (`track_counts`).
    ///
    /// They may hold something of earlier transactions, and hold what was rolled back: only differences tell.
    pub(crate) fn read(driver: &mut dyn Driver) -> QueryResult<Option<Self>> {
        let sql = "SELECT CAST(schemaname AS text), CAST(relname AS text), CAST(seq_scan + coalesce(idx_scan, 0) AS text), \
             CAST(n_tup_ins AS text), CAST(n_tup_upd AS text), CAST(n_tup_del AS text), current_setting('track_counts') \
             FROM (SELECT 1) AS always LEFT JOIN pg_stat_xact_user_tables \
             ON seq_scan + coalesce(idx_scan, 0) + n_tup_ins + n_tup_upd + n_tup_del > 0";
        let rows = driver.query(sql, &[])?;
        let counts = rows.iter().all(|row| row.last().is_some_and(|on| on.as_deref() == Some("on")));
        Ok(counts.then(|| Self(rows.into_iter().filter_map(activity).collect())))
    }

    /// What was written since an earlier reading.
    pub(crate) fn writes_since(&self, earlier: &Self) -> BTreeMap<ObjectName, Counts> {
        let written = self.0.iter().map(|(table, (_, now))| {
            let (_, then) = earlier.0.get(table).copied().unwrap_or_default();
            let counts = Counts {
                inserted: now.inserted.saturating_sub(then.inserted),
                updated: now.updated.saturating_sub(then.updated),
                deleted: now.deleted.saturating_sub(then.deleted),
            };
            (table.clone(), counts)
        });
        written.filter(|(_, counts)| !counts.is_zero()).collect()
    }

    /// The tables that were read or written since an earlier reading, those that were written first.
    pub(crate) fn used_since(&self, earlier: &Self) -> Vec<ObjectName> {
        let written = self.writes_since(earlier);
        let used = self.0.iter().filter(|(table, now)| earlier.0.get(table).is_none_or(|then| then != *now));
        let (mut tables, others): (Vec<_>, Vec<_>) =
            used.map(|(table, _)| table.clone()).partition(|table| written.contains_key(table));
        // Rather the table whose rows are changed than one that gets new rows for each of them.
        tables.sort_by_key(|table| written.get(table).map(|counts| u64::MAX - counts.updated));
        tables.extend(others);
        tables
    }
}

fn activity(row: TextRow) -> Option<(ObjectName, (u64, Counts))> {
    let mut columns = row.into_iter();
    let name = ObjectName::new(columns.next()??, columns.next()??);
    let mut number = || columns.next()??.parse().ok();
    Some((name, (number()?, Counts { inserted: number()?, updated: number()?, deleted: number()? })))
}

/// The sequences with their last values, as far as they may be read.
pub(crate) fn sequences(driver: &mut dyn Driver) -> QueryResult<BTreeMap<String, Option<String>>> {
    let sql = "SELECT CAST(schemaname AS text), CAST(sequencename AS text), CAST(last_value AS text) FROM pg_sequences";
    let sequence = |row: TextRow| {
        let mut columns = row.into_iter();
        let name = ObjectName::new(columns.next()??, columns.next()??);
        Some((name.to_string(), columns.next().flatten()))
    };
    Ok(driver.query(sql, &[])?.into_iter().filter_map(sequence).collect())
}

/// See [`Watch`](super::Watch).
pub(crate) struct Watch {
    tables: Vec<Watched>,
    before: Activity,
}

struct Watched {
    name: ObjectName,
    columns: Vec<(String, String)>,
    key: Vec<String>,
    look: Result<Look, String>,
    cursor: Option<String>,
}

/// Where the changed rows of a table are looked for.
enum Look {
    Everywhere,
    /// Where one of the conditions holds, which an index serves.
    Keys(Vec<String>),
    /// Only new rows, from this page on.
    Tail(u64),
}

impl Watch {
    pub(super) fn begin(
        driver: &mut dyn Driver,
        written: &[ObjectName],
        stretches: &[Stretch],
    ) -> QueryResult<Self> {
        // The statement's snapshot is older than the number it asks for.
        let rows = driver.query("SELECT CAST(txid_current() AS text), CAST(mxid_age('1') AS text)", &[])?;
        let multixacts = rows.into_iter().flatten().flatten().nth(1).unwrap_or_default();
        let scope = Scope::tables(written.iter().cloned());
        let catalog = catalog::read(driver, &scope)
            .map_err(|error| diesel::result::Error::QueryBuilderError(error.into()))?;
        let mut tables = Vec::new();
        for (number, name) in written.iter().enumerate() {
            let Some(table) = catalog.tables.get(name) else { continue };
            let mut watched = Watched::new(driver, name, table, stretches)?;
            watched.declare(driver, number, &multixacts)?;
            tables.push(watched);
        }
        let before = Activity::read(driver)?.unwrap_or_default();
        Ok(Self { tables, before })
    }

    pub(super) fn changes(&self, driver: &mut dyn Driver) -> QueryResult<BTreeMap<ObjectName, TableChanges>> {
        let written = Activity::read(driver)?.unwrap_or_default().writes_since(&self.before);
        let mut all = BTreeMap::new();
        for table in &self.tables {
            let counts = written.get(&table.name).copied().unwrap_or_default();
            let mut changes = TableChanges::new(table.name.clone(), counts);
            driver.begin("")?;
            let seen = table.see(driver, counts);
            driver.rollback()?;
            match seen {
                Ok(seen) => changes.examples = seen,
                Err(reason) => changes.unseen = Some(reason),
            }
            all.insert(table.name.clone(), changes);
        }
        Ok(all)
    }
}

impl Watched {
    fn new(
        driver: &mut dyn Driver,
        name: &ObjectName,
        table: &Table,
        stretches: &[Stretch],
    ) -> QueryResult<Self> {
        let column = |column: &Column| (column.name.clone(), column.type_.clone());
        let key = table.primary_key.as_ref().map(|key| key.rule.columns.clone()).unwrap_or_default();
        let sql =
            "SELECT CAST(pg_relation_size(CAST($1 AS regclass)) AS text), current_setting('block_size')";
        let mut sizes = driver.query(sql, &[Some(&quoted(name))])?.into_iter().flatten().flatten();
        let mut size = || sizes.next().and_then(|size| size.parse::<u64>().ok()).unwrap_or_default();
        let (bytes, page) = (size(), size().max(1));
        let look = if bytes <= SCANNED_BYTES {
            Ok(Look::Everywhere)
        } else if let Some(conditions) = conditions(name, table, stretches) {
            Ok(Look::Keys(conditions))
        } else {
            Ok(Look::Tail((bytes / page).saturating_sub(TAIL_PAGES)))
        };
        let columns = table.columns.iter().map(column).collect();
        Ok(Self { name: name.clone(), columns, key, look, cursor: None })
    }

    /// Declares the cursor that sees rows as they are now: those that are going to be written or locked.
    ///
    /// A row that the transaction locks and changes in different subtransactions is marked with a multixact: one of
    /// those that are made from now on.
    fn declare(&mut self, driver: &mut dyn Driver, number: usize, multixacts: &str) -> QueryResult<()> {
        let Ok(look) = &self.look else { return Ok(()) };
        if matches!(look, Look::Tail(_)) {
            return Ok(());
        }
        let touched = format!(
            "(age(xmax) <= 0 OR mxid_age(xmax) BETWEEN 1 AND mxid_age('1') - CAST({multixacts} AS bigint))"
        );
        let cursor = format!("migrate_rehearsal_{number}");
        driver.batch(&format!("DECLARE {cursor} NO SCROLL CURSOR FOR {}", self.select(look, &touched)))?;
        self.cursor = Some(cursor);
        Ok(())
    }

    fn select(&self, look: &Look, marked: &str) -> String {
        let columns =
            self.columns.iter().map(|(column, _)| format!(", CAST({} AS text)", quote_name(column)));
        let from = format!(
            "SELECT CAST(ctid AS text){} FROM ONLY {} WHERE {marked}",
            columns.collect::<String>(),
            quoted(&self.name)
        );
        let selects = match look {
            Look::Everywhere => vec![from],
            Look::Keys(conditions) => {
                conditions.iter().map(|condition| format!("({from} AND {condition})")).collect()
            }
            Look::Tail(page) => vec![format!("{from} AND ctid >= '({page},0)'")],
        };
        format!("{} LIMIT {VERSIONS}", selects.join(" UNION ALL "))
    }

    /// The changes, or why they cannot be told.
    fn see(
        &self,
        driver: &mut dyn Driver,
        counts: Counts,
    ) -> Result<Vec<crate::rehearsal::RowChange>, String> {
        let look = self.look.as_ref().map_err(Clone::clone)?;
        let failed = |error: diesel::result::Error| format!("its rows cannot be read: {error}");
        let after = self.images(driver.query(&self.select(look, "age(xmin) <= 0"), &[]).map_err(failed)?);
        let before = match &self.cursor {
            Some(cursor) => {
                self.images(driver.query(&format!("FETCH ALL FROM {cursor}"), &[]).map_err(failed)?)
            }
            None => Vec::new(),
        };
        if before.len() >= VERSIONS || after.len() >= VERSIONS {
            return Err(format!("a few rows of the backfill change more than {VERSIONS} rows of it"));
        }
        let there = self.there(driver, &before).map_err(failed)?;
        let columns: Vec<_> = self.columns.iter().map(|(column, _)| column.clone()).collect();
        let changes = Pairing { columns: &columns, key: &self.key, counts }.pair(before, after, &there);
        if changes.is_empty() && !counts.is_zero() {
            return Err("it is too large to look for the rows that changed".to_owned());
        }
        Ok(changes)
    }

    /// The places of these rows that still are where a row is: it was locked at most.
    fn there(&self, driver: &mut dyn Driver, images: &[Image]) -> QueryResult<BTreeSet<String>> {
        let places: Vec<_> = images.iter().map(|image| format!("\"{}\"", image.place)).collect();
        let sql = format!(
            "SELECT CAST(ctid AS text) FROM ONLY {} WHERE ctid = ANY(CAST($1 AS tid[]))",
            quoted(&self.name)
        );
        let rows = driver.query(&sql, &[Some(&format!("{{{}}}", places.join(",")))])?;
        Ok(rows.into_iter().flatten().flatten().collect())
    }

    fn images(&self, rows: Vec<TextRow>) -> Vec<Image> {
        let image = |row: TextRow| {
            let mut texts = row.into_iter();
            let place = texts.next().flatten().unwrap_or_default();
            let typed = self.columns.iter().zip(texts);
            let values = typed.map(|((_, type_), text)| Value::of_type(type_, text)).collect();
            Image { place, values }
        };
        rows.into_iter().map(image).collect()
    }
}

/// The conditions that a row lies in one of the stretches, when their keys look like the table's primary key.
fn conditions(name: &ObjectName, table: &Table, stretches: &[Stretch]) -> Option<Vec<String>> {
    let condition = |stretch: &Stretch| {
        let last = Key::parse(&stretch.last)?;
        let keyed = Keyed::new(Dialect::Postgres, name, table, &last)?;
        let (row, until) = (keyed.row(), keyed.of(&last));
        Some(match &stretch.after {
            Some(after) => format!("{row} > {} AND {row} <= {until}", keyed.of(&Key::parse(after)?)),
            None => format!("{row} <= {until}"),
        })
    };
    stretches.iter().map(condition).collect()
}
