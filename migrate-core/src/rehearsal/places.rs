//! Places spread over a table, so that a sample is not its oldest rows alone.

use diesel::QueryResult;
use serde_json::Value as Json;

use super::literal;
use crate::catalog::{self, ObjectName, Scope, Table};
use crate::connection::{Dialect, Driver};
use crate::ledger::quote_name;

/// How many pages are read of a table to find places in it.
const PAGES: u64 = 40;

/// Finds keys beyond `last` that lie apart, in the order of the table: of the first candidate whose primary key looks
/// like `last` and has it.
///
/// Any key that the backfill reads is as good a place to begin at as another, so a wrong guess costs nothing but
/// evenness. None are found for a key that is no primary key, or when anything fails. Costs some forty pages on
/// PostgreSQL and a few look-ups on SQLite, however large the table is.
pub(crate) fn places(
    driver: &mut dyn Driver,
    candidates: &[ObjectName],
    last: &str,
    count: usize,
) -> Vec<String> {
    let Some(key) = Key::parse(last) else { return Vec::new() };
    let within = |driver: &mut dyn Driver| -> Option<Vec<String>> {
        let catalog = catalog::read(driver, &Scope::tables(candidates.iter().cloned())).ok()?;
        let fitting = candidates.iter().filter_map(|name| {
            let table = catalog.tables.get(name)?;
            Some((name, Keyed::new(driver.dialect(), name, table, &key)?))
        });
        let fitting: Vec<_> = fitting.collect();
        fitting.into_iter().find_map(|(_, keyed)| {
            attempt(driver, |driver| keyed.has(driver, &key)).filter(|has| *has)?;
            attempt(driver, |driver| keyed.places(driver, &key, count))
        })
    };
    attempt(driver, |driver| Ok(within(driver))).flatten().unwrap_or_default()
}

/// Does something that may fail without spoiling the transaction.
fn attempt<T>(driver: &mut dyn Driver, work: impl FnOnce(&mut dyn Driver) -> QueryResult<T>) -> Option<T> {
    driver.begin("").ok()?;
    let outcome = work(driver);
    driver.rollback().ok()?;
    outcome.ok()
}

/// A key that was written down.
pub(super) struct Key {
    literals: Vec<String>,
    is_list: bool,
}

impl Key {
    /// `None` for a key that is no value of a column, nor a list of such.
    pub(super) fn parse(json: &str) -> Option<Self> {
        let (parts, is_list) = match serde_json::from_str(json).ok()? {
            Json::Array(parts) => (parts, true),
            part => (vec![part], false),
        };
        let literals = parts.iter().map(literal::of_json).collect::<Option<Vec<_>>>()?;
        (!literals.is_empty()).then_some(Self { literals, is_list })
    }
}

/// A table with a primary key of as many columns as a key has parts.
pub(super) struct Keyed {
    table: String,
    /// In quotes, with the type.
    columns: Vec<(String, String)>,
    dialect: Dialect,
    has_rowid: bool,
}

impl Keyed {
    pub(super) fn new(dialect: Dialect, name: &ObjectName, table: &Table, key: &Key) -> Option<Self> {
        let primary = &table.primary_key.as_ref()?.rule.columns;
        if primary.len() != key.literals.len() {
            return None;
        }
        let typed = |name: &String| {
            let column = table.columns.iter().find(|column| column.name == *name)?;
            Some((quote_name(name), column.type_.clone()))
        };
        Some(Self {
            table: quoted(name),
            columns: primary.iter().map(typed).collect::<Option<_>>()?,
            dialect,
            has_rowid: !table.options.without_rowid,
        })
    }

    /// The columns, as a row.
    pub(super) fn row(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|(column, _)| column.as_str()).collect();
        format!("({})", columns.join(", "))
    }

    /// A key, as a row that is compared with that.
    pub(super) fn of(&self, key: &Key) -> String {
        let part = |(literal, (_, type_)): (&String, &(String, String))| match self.dialect {
            // In quotes also a number: every type reads its own text.
            Dialect::Postgres if literal.starts_with('\'') => format!("CAST({literal} AS {type_})"),
            Dialect::Postgres => format!("CAST('{literal}' AS {type_})"),
            _ => literal.clone(),
        };
        let parts: Vec<_> = key.literals.iter().zip(&self.columns).map(part).collect();
        format!("({})", parts.join(", "))
    }

    fn has(&self, driver: &mut dyn Driver, key: &Key) -> QueryResult<bool> {
        let sql = format!("SELECT '' FROM {} WHERE {} = {}", self.table, self.row(), self.of(key));
        driver.query(&sql, &[]).map(|rows| !rows.is_empty())
    }

    fn places(&self, driver: &mut dyn Driver, beyond: &Key, count: usize) -> QueryResult<Vec<String>> {
        let json = self.as_json(beyond.is_list);
        let (row, beyond) = (self.row(), self.of(beyond));
        let columns = row.trim_start_matches('(').trim_end_matches(')');
        let sql = match self.dialect {
            Dialect::Postgres => {
                let percent = self.percent(driver)?;
                format!(
                    "SELECT DISTINCT ON (tile) key FROM (SELECT CAST({json} AS text) AS key, \
                     row_number() OVER (ORDER BY {columns}) AS number, ntile({tiles}) OVER (ORDER BY {columns}) AS tile \
                     FROM ONLY {table} TABLESAMPLE SYSTEM ({percent}) WHERE {row} > {beyond}) AS sampled \
                     WHERE tile > 1 ORDER BY tile, number",
                    tiles = count + 1,
                    table = self.table,
                )
            }
            _ if self.has_rowid => {
                self.by_rowid(driver, &json, &format!("{row} > {beyond}"), columns, count)?
            }
            _ => return Ok(Vec::new()),
        };
        let keys = driver.query(&sql, &[])?.into_iter().flatten().flatten().collect();
        Ok(if self.dialect == Dialect::Postgres { keys } else { evenly(keys, count) })
    }

    /// The key of a row, as it is written down.
    fn as_json(&self, is_list: bool) -> String {
        let columns: Vec<_> = self.columns.iter().map(|(column, _)| column.as_str()).collect();
        let columns = columns.join(", ");
        match (self.dialect, is_list) {
            (Dialect::Postgres, true) => format!("json_build_array({columns})"),
            (Dialect::Postgres, false) => format!("to_json({columns})"),
            (_, true) => format!("json_array({columns})"),
            (_, false) => format!("json_quote({columns})"),
        }
    }

    /// The share of the table's pages that makes [`PAGES`] of them.
    fn percent(&self, driver: &mut dyn Driver) -> QueryResult<String> {
        let sql = "SELECT CAST(least(100, CAST($2 AS numeric) * 100 * CAST(current_setting('block_size') AS numeric) \
                   / greatest(pg_relation_size(CAST($1 AS regclass)), 1)) AS text)";
        let rows = driver.query(sql, &[Some(&self.table), Some(&PAGES.to_string())])?;
        Ok(rows.into_iter().flatten().flatten().next().unwrap_or_else(|| "100".to_owned()))
    }

    /// The rows nearest to points that are evenly spread over the numbers of the rows.
    fn by_rowid(
        &self,
        driver: &mut dyn Driver,
        json: &str,
        condition: &str,
        columns: &str,
        count: usize,
    ) -> QueryResult<String> {
        let table = &self.table;
        let sql = format!(
            "SELECT CAST((SELECT min(_rowid_) FROM {table}) AS text), CAST((SELECT max(_rowid_) FROM {table}) AS text)"
        );
        let ends: Vec<i128> = driver
            .query(&sql, &[])?
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|end| end.parse().ok())
            .collect();
        let [low, high] = ends[..] else { return Ok("SELECT NULL".to_owned()) };
        // Some are not beyond the key, and the order of the numbers need not be that of the keys.
        let parts = i128::try_from(4 * (count + 1)).unwrap_or(i128::MAX);
        let points = (1..parts).map(|part| low + (high - low) / parts * part);
        let nearest: Vec<_> = points
            .map(|point| {
                format!("(SELECT _rowid_ FROM {table} WHERE _rowid_ >= {point} ORDER BY _rowid_ LIMIT 1)")
            })
            .collect();
        Ok(format!(
            "SELECT {json} FROM {table} WHERE _rowid_ IN ({}) AND {condition} ORDER BY {columns}",
            nearest.join(", ")
        ))
    }
}

/// That many of the keys, with as many between each two of them.
fn evenly(keys: Vec<String>, count: usize) -> Vec<String> {
    let total = keys.len();
    let chosen: Vec<_> = (1..=count).map(|number| number * total / (count + 1)).collect();
    keys.into_iter().enumerate().filter(|(at, _)| chosen.contains(at)).map(|(_, key)| key).collect()
}

/// A table's name as SQL.
pub(super) fn quoted(name: &ObjectName) -> String {
    let table = quote_name(&name.name);
    match &name.schema {
        Some(schema) => format!("{}.{table}", quote_name(schema)),
        None => table,
    }
}
