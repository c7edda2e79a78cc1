//! Rows as literals, many to a statement.

use super::part::{Part, Parts};
use super::writer::{Outcome, Writer};
use crate::operation::render::Statement;
use crate::operation::{Rows, Value};

/// A statement ends with the row that brings it to this many rows or bytes.
const ROWS: usize = 500;
const BYTES: usize = 64 * 1024;

impl Writer<'_> {
    pub(super) fn insert_rows<'o>(&self, rows: &'o Rows) -> Outcome<Parts<'o>> {
        self.check_rows(rows)?;
        let into =
            format!("INSERT INTO {} {} VALUES", self.qualified(&rows.table)?, self.names(&rows.columns)?);
        let on_conflict = if rows.skip_existing { "\nON CONFLICT DO NOTHING" } else { "" };
        let values = rows.rows.iter().map(|row| self.values(row)).collect::<Outcome<Vec<_>>>()?;
        let statements = chunks(&values).map(|values| {
            let sql = format!("{into}\n    {}{on_conflict}", values.join(",\n    "));
            (Part::Insert(rows), Statement::new(sql))
        });
        Ok(statements.collect())
    }

    /// Rows are deleted last one first, for a later one may refer to an earlier one.
    pub(super) fn delete_rows<'o>(&self, rows: &'o Rows) -> Outcome<Parts<'o>> {
        self.check_rows(rows)?;
        if rows.key.is_empty() {
            return Err(self.malformed("no key says which rows they are"));
        }
        let positions = rows.key.iter().map(|key| {
            let position = rows.columns.iter().position(|column| column == key);
            position.ok_or_else(|| self.malformed(format!("the rows have no column {key}")))
        });
        let positions = positions.collect::<Outcome<Vec<_>>>()?;
        let names = rows.key.iter().map(|key| self.name(key)).collect::<Outcome<Vec<_>>>()?;
        let keys = rows.rows.iter().map(|row| {
            let values: Vec<_> = positions.iter().map(|&position| &row[position]).collect();
            self.key_condition(&names, &values)
        });
        let keys = keys.collect::<Outcome<Vec<_>>>()?;
        let table = self.qualified(&rows.table)?;
        let mut parts: Parts<'o> = chunks(&keys)
            .map(|keys| {
                let sql = format!("DELETE FROM {table}\nWHERE {}", keys.join("\n   OR "));
                (Part::Delete(rows), Statement::new(sql))
            })
            .collect();
        parts.reverse();
        Ok(parts)
    }

    fn values(&self, row: &[Value]) -> Outcome<String> {
        let values = row.iter().map(|value| self.quote.value(value));
        Ok(format!("({})", values.collect::<Outcome<Vec<_>>>()?.join(", ")))
    }

    fn key_condition(&self, names: &[String], values: &[&Value]) -> Outcome<String> {
        let conditions = names.iter().zip(values).map(|(name, value)| match value {
            Value::Null => Ok(format!("{name} IS NULL")),
            // A number with a fraction would be compared with more digits than a `real` column keeps.
            Value::Double(_) => Ok(format!("{name} = '{}'", self.quote.value(value)?)),
            value => Ok(format!("{name} = {}", self.quote.value(value)?)),
        });
        Ok(format!("({})", conditions.collect::<Outcome<Vec<_>>>()?.join(" AND ")))
    }

    fn check_rows(&self, rows: &Rows) -> Outcome<()> {
        if rows.columns.is_empty() {
            return Err(self.malformed("the rows have no columns"));
        }
        let columns = rows.columns.len();
        match rows.rows.iter().position(|row| row.len() != columns) {
            Some(number) => {
                let values = rows.rows[number].len();
                Err(self.malformed(format!("row {} has {values} values for {columns} columns", number + 1)))
            }
            None => Ok(()),
        }
    }
}

/// Consecutive rows, each time as many as one statement takes.
fn chunks(rows: &[String]) -> impl Iterator<Item = &[String]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let full = rest.iter().position(|row| {
            bytes += row.len();
            bytes >= BYTES
        });
        let count = full.map_or(rest.len(), |last| last + 1).min(ROWS);
        let (chunk, after) = rest.split_at(count);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}
