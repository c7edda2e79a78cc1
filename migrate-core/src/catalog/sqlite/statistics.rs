use std::collections::BTreeMap;

use crate::catalog::{CatalogError, ObjectName, Scope, Statistics};
use crate::connection::Driver;
use crate::ledger::quote_name;
use crate::sqlite::same;

/// Up to this many pages the file is looked at page by page.
const PAGES_TO_LOOK_AT: u64 = 16_384;

/// Estimates how large the tables are.
///
/// The rows are those of the last `ANALYZE`, else the distance between the first and the last rowid, which costs
/// two look-ups. The size of a table in a large file is its share by rows, because SQLite would have to read the
/// whole file for the truth.
pub(in crate::catalog) fn statistics(
    driver: &mut dyn Driver,
    scope: &Scope,
) -> Result<BTreeMap<ObjectName, Statistics>, CatalogError> {
    let analyzed = analyzed(driver)?;
    let tables = driver.query(
        "SELECT name, wr FROM pragma_table_list \
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        &[],
    )?;
    let mut found = BTreeMap::new();
    for row in tables {
        let [Some(name), without_rowid] = row.as_slice() else { continue };
        let only = scope.only_tables();
        if !scope.has(None, name) || only.is_some_and(|only| !only.iter().any(|one| same(&one.name, name))) {
            continue;
        }
        let rows = match analyzed.get(name) {
            Some(rows) => Some(*rows),
            None if without_rowid.as_deref() == Some("1") => None,
            None => span_of_rowids(driver, name)?,
        };
        found.insert(ObjectName::bare(name), Statistics { rows, pages: 0, bytes: 0 });
    }
    sizes(driver, &mut found)?;
    Ok(found)
}

fn analyzed(driver: &mut dyn Driver) -> Result<BTreeMap<String, u64>, CatalogError> {
    let exists = "SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_stat1'";
    if driver.query(exists, &[])?.is_empty() {
        return Ok(BTreeMap::new());
    }
    // The first number of each line is the rows of its index; an index may be partial.
    let rows = driver.query(
        "SELECT tbl, CAST(max(CAST(stat AS integer)) AS text) FROM main.sqlite_stat1 GROUP BY tbl",
        &[],
    )?;
    let pair = |row: Vec<Option<String>>| {
        let mut columns = row.into_iter().flatten();
        Some((columns.next()?, columns.next()?.parse().ok()?))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

fn span_of_rowids(driver: &mut dyn Driver, table: &str) -> Result<Option<u64>, CatalogError> {
    let name = quote_name(table);
    // Two queries in one, for SQLite finds the end of a tree at once only if it is asked for nothing else. A table
    // may have columns of all three names, and then what they hold says nothing.
    let sql =
        format!("SELECT (SELECT max(_rowid_) FROM main.{name}), (SELECT min(_rowid_) FROM main.{name})");
    let row = driver.query(&sql, &[])?.into_iter().next().unwrap_or_default();
    let number = |index: usize| row.get(index)?.as_deref()?.parse::<i128>().ok();
    Ok(match (number(0), number(1)) {
        (Some(last), Some(first)) => u64::try_from(last - first + 1).ok(),
        _ => Some(0),
    })
}

/// Fills in pages and bytes.
fn sizes(driver: &mut dyn Driver, found: &mut BTreeMap<ObjectName, Statistics>) -> Result<(), CatalogError> {
    let row = driver.query("SELECT page_count, page_size FROM pragma_page_count, pragma_page_size", &[])?;
    let numbers: Vec<u64> =
        row.into_iter().flatten().flatten().filter_map(|text| text.parse().ok()).collect();
    let [page_count, page_size] = numbers.as_slice() else { return Ok(()) };
    if *page_count <= PAGES_TO_LOOK_AT {
        return look_at_pages(driver, found);
    }
    let all: u64 = found.values().filter_map(|statistics| statistics.rows).sum();
    for statistics in found.values_mut() {
        let share =
            u128::from(statistics.rows.unwrap_or(0)) * u128::from(*page_count) / u128::from(all.max(1));
        statistics.pages = u64::try_from(share).unwrap_or(u64::MAX);
        statistics.bytes = statistics.pages.saturating_mul(*page_size);
    }
    Ok(())
}

/// Adds up the pages of each table and its indexes.
fn look_at_pages(
    driver: &mut dyn Driver,
    found: &mut BTreeMap<ObjectName, Statistics>,
) -> Result<(), CatalogError> {
    // Not in one query: joined, the pages would be looked at again for each object.
    let parts = driver.query("SELECT name, tbl_name FROM main.sqlite_schema WHERE rootpage > 0", &[])?;
    let pair = |row: Vec<Option<String>>| {
        let mut columns = row.into_iter().flatten();
        Some((columns.next()?, columns.next()?))
    };
    let parts: BTreeMap<_, _> = parts.into_iter().filter_map(pair).collect();
    for row in driver.query("SELECT name, pageno, pgsize FROM dbstat WHERE aggregate = TRUE", &[])? {
        let [Some(name), Some(pages), Some(bytes)] = row.as_slice() else { continue };
        let Some(table) = parts.get(name) else { continue };
        let Some(statistics) = found.get_mut(&ObjectName::bare(table)) else { continue };
        if name == table {
            statistics.pages += pages.parse::<u64>().unwrap_or(0);
        }
        statistics.bytes += bytes.parse::<u64>().unwrap_or(0);
    }
    Ok(())
}
