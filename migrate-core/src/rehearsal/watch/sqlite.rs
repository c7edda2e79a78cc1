//! SQLite: temporary triggers, which the connection alone has, write down old and new rows.

use std::collections::BTreeMap;

use diesel::QueryResult;
use diesel::result::Error;

use crate::catalog::ObjectName;
use crate::connection::{Driver, TextRow};
use crate::ledger::{LedgerNames, quote_name};
use crate::rehearsal::change::{Counts, Image, Pairing, RowChange, RowChangeKind, TableChanges};
use crate::rehearsal::literal;

/// A function takes no more arguments than 127 on older versions.
const ARGUMENTS: usize = 100;

/// See [`Watch`](super::Watch).
///
/// What `INSERT OR REPLACE` removes is seen only where `PRAGMA recursive_triggers` is on: SQLite calls no triggers for
/// it otherwise. A change of a virtual table is seen in none of its tables.
pub(crate) struct Watch {
    tables: Vec<Watched>,
}

#[derive(Default)]
struct Watched {
    name: String,
    columns: Vec<String>,
    key: Vec<String>,
}

const TABLES: &str = "CREATE TEMP TABLE migrate_rehearsal_row (number INTEGER PRIMARY KEY, part INTEGER, kind TEXT, old TEXT, new TEXT);
    CREATE TEMP TABLE migrate_rehearsal_count (part INTEGER, kind TEXT, seen INTEGER NOT NULL DEFAULT 0, \
    allowed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (part, kind))";

/// The events of triggers, with a letter for each and the images that it has.
const EVENTS: [(&str, &str, bool, bool); 3] =
    [("INSERT", "i", false, true), ("UPDATE", "u", true, true), ("DELETE", "d", true, false)];

impl Watch {
    pub(super) fn begin(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<Self> {
        let tables = tables(driver, names)?;
        driver.batch(TABLES)?;
        for (part, table) in tables.iter().enumerate() {
            driver.batch(&table.triggers(part))?;
        }
        Ok(Self { tables })
    }

    pub(super) fn changes(&self, driver: &mut dyn Driver) -> QueryResult<BTreeMap<ObjectName, TableChanges>> {
        let mut all: BTreeMap<usize, TableChanges> = BTreeMap::new();
        let sql =
            "SELECT CAST(part AS text), kind, CAST(seen AS text) FROM migrate_rehearsal_count WHERE seen > 0";
        for row in driver.query(sql, &[])? {
            let [Some(part), Some(kind), Some(seen)] = &row[..] else { return Err(unreadable()) };
            let (part, seen): (usize, u64) =
                (part.parse().map_err(|_| unreadable())?, seen.parse().map_err(|_| unreadable())?);
            let table = self.tables.get(part).ok_or_else(unreadable)?;
            let new = || TableChanges::new(ObjectName::bare(&table.name), Counts::default());
            let changes = all.entry(part).or_insert_with(new);
            match kind.as_str() {
                "i" => changes.inserted = seen,
                "u" => changes.updated = seen,
                _ => changes.deleted = seen,
            }
        }
        let sql = "SELECT CAST(part AS text), kind, old, new FROM migrate_rehearsal_row ORDER BY number";
        for row in driver.query(sql, &[])? {
            let (part, change) = self.change(row).ok_or_else(unreadable)?;
            if let Some(changes) = all.get_mut(&part) {
                changes.examples.push(change);
            }
        }
        Ok(all.into_values().map(|changes| (changes.table.clone(), changes)).collect())
    }

    fn change(&self, row: TextRow) -> Option<(usize, RowChange)> {
        let [part, kind, old, new] = <[Option<String>; 4]>::try_from(row).ok()?;
        let part: usize = part?.parse().ok()?;
        let table = self.tables.get(part)?;
        let kind = match kind?.as_str() {
            "i" => RowChangeKind::Inserted,
            "u" => RowChangeKind::Updated,
            _ => RowChangeKind::Deleted,
        };
        let image = |json: Option<String>| match json {
            Some(json) => image(&json).map(Some),
            None => Some(None),
        };
        let (old, new) = (image(old)?, image(new)?);
        let pairing = Pairing { columns: &table.columns, key: &table.key, counts: Counts::default() };
        Some((part, pairing.change(kind, old.as_ref(), new.as_ref())))
    }
}

/// Allows that many more rows of each table and kind to be written down.
pub(super) fn allow(driver: &mut dyn Driver, examples: u32) -> QueryResult<()> {
    driver.batch(&format!("UPDATE migrate_rehearsal_count SET allowed = seen + {examples}"))
}

impl Watched {
    fn triggers(&self, part: usize) -> String {
        let table = quote_name(&self.name);
        let triggers = EVENTS.map(|(event, kind, has_old, has_new)| {
            let old = if has_old { self.image("OLD") } else { "NULL".to_owned() };
            let new = if has_new { self.image("NEW") } else { "NULL".to_owned() };
            format!(
                "INSERT INTO migrate_rehearsal_count (part, kind) VALUES ({part}, '{kind}');
                 CREATE TEMP TRIGGER migrate_rehearsal_{part}_{kind} AFTER {event} ON main.{table} BEGIN
                     UPDATE migrate_rehearsal_count SET seen = seen + 1 WHERE part = {part} AND kind = '{kind}';
                     INSERT INTO migrate_rehearsal_row (part, kind, old, new) SELECT {part}, '{kind}', {old}, {new}
                         FROM migrate_rehearsal_count WHERE part = {part} AND kind = '{kind}' AND seen <= allowed;
                 END;"
            )
        });
        triggers.concat()
    }

    /// The row as a list of lists of literals.
    fn image(&self, row: &str) -> String {
        let literals = |columns: &[String]| {
            let columns: Vec<_> =
                columns.iter().map(|column| format!("quote({row}.{})", quote_name(column))).collect();
            format!("json_array({})", columns.join(", "))
        };
        let lists: Vec<_> = self.columns.chunks(ARGUMENTS).map(literals).collect();
        format!("json_array({})", lists.join(", "))
    }
}

fn image(json: &str) -> Option<Image> {
    let lists: Vec<Vec<String>> = serde_json::from_str(json).ok()?;
    let values = lists.into_iter().flatten().map(|text| literal::value(&text)).collect();
    Some(Image { place: String::new(), values })
}

/// The tables that can have triggers, with their columns.
fn tables(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<Vec<Watched>> {
    let sql = "SELECT part.name, of.name, CASE WHEN of.pk > 0 THEN of.name END \
         FROM pragma_table_list AS part JOIN pragma_table_xinfo(part.name) AS of \
         WHERE part.schema = 'main' AND part.type = 'table' AND part.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND of.hidden <> 1 ORDER BY part.name, of.cid";
    let mut tables: Vec<Watched> = Vec::new();
    for row in driver.query(sql, &[])? {
        let mut row = row.into_iter();
        let (Some(Some(name)), Some(Some(column))) = (row.next(), row.next()) else { continue };
        if names.is_own(None, &name) {
            continue;
        }
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Watched { name, ..Watched::default() });
        }
        if let Some(table) = tables.last_mut() {
            table.columns.push(column);
            table.key.extend(row.next().flatten());
        }
    }
    Ok(tables)
}

fn unreadable() -> Error {
    Error::DeserializationError("the rows that were written down cannot be read".into())
}
