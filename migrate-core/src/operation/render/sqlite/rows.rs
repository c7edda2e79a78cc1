use super::{Fault, QUOTE};
use crate::operation::Rows;

/// The rows, several in each statement.
pub(super) fn insert(rows: &Rows) -> Result<Vec<String>, Fault> {
    let table = QUOTE.qualified(&rows.table)?;
    let columns = QUOTE.list(&rows.columns)?;
    // `INSERT OR IGNORE` would also pass over rows that a CHECK or NOT NULL refuses.
    let end = if rows.skip_existing { "\nON CONFLICT DO NOTHING" } else { "" };
    let statement = |tuples: &Vec<String>| {
        format!("INSERT INTO {table} {columns} VALUES\n  {}{end}", tuples.join(",\n  "))
    };
    Ok(QUOTE.tuples(rows)?.iter().map(statement).collect())
}

/// What deletes the rows by their keys.
pub(super) fn delete(rows: &Rows) -> Result<Vec<String>, Fault> {
    let table = QUOTE.qualified(&rows.table)?;
    let statement = |condition: &String| format!("DELETE FROM {table} WHERE {condition}");
    Ok(QUOTE.conditions(rows)?.iter().map(statement).collect())
}
