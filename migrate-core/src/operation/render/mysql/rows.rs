use super::{Fault, QUOTE};
use crate::operation::Rows;

/// The rows, several in each statement.
pub(super) fn insert(rows: &Rows) -> Result<Vec<String>, Fault> {
    let tuples = QUOTE.tuples(rows)?;
    let table = QUOTE.qualified(&rows.table)?;
    let columns = QUOTE.list(&rows.columns)?;
    // `INSERT IGNORE` would also make warnings of rows that a constraint refuses or that do not fit.
    let end = match rows.columns.first() {
        Some(first) if rows.skip_existing => {
            let first = QUOTE.name(first)?;
            format!("\nON DUPLICATE KEY UPDATE {first} = {table}.{first}")
        }
        _ => String::new(),
    };
    let statement = |tuples: &Vec<String>| {
        format!("INSERT INTO {table} {columns} VALUES\n  {}{end}", tuples.join(",\n  "))
    };
    Ok(tuples.iter().map(statement).collect())
}

/// What deletes the rows by their keys.
pub(super) fn delete(rows: &Rows) -> Result<Vec<String>, Fault> {
    let table = QUOTE.qualified(&rows.table)?;
    let statement = |condition: &String| format!("DELETE FROM {table} WHERE {condition}");
    Ok(QUOTE.conditions(rows)?.iter().map(statement).collect())
}
