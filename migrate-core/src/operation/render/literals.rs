//! Rows as literals, as SQLite and MySQL write them.

use std::borrow::Cow;

use super::Quote;
use super::fault::Fault;
use crate::connection::Dialect;
use crate::operation::{ColumnType, Rows, Value};

/// How many rows stand in one statement: enough to make round trips cheap, few enough for any limit on its length.
const ROWS_A_STATEMENT: usize = 500;

/// A value as the default of a column of this type: a number and a truth are documents of their own in JSON, which
/// is text.
pub(super) fn as_default<'v>(value: &'v Value, type_: &ColumnType) -> Cow<'v, Value> {
    if !matches!(type_, ColumnType::Json | ColumnType::Jsonb) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(match value {
        Value::Bool(value) => Value::Text(value.to_string()),
        Value::Integer(value) => Value::Text(value.to_string()),
        Value::Double(value) if value.is_finite() => Value::Text(format!("{value:?}")),
        _ => return Cow::Borrowed(value),
    })
}

impl Quote {
    /// The rows in tuples `(1, 'x')`, some for each statement.
    pub(super) fn tuples(self, rows: &Rows) -> Result<Vec<Vec<String>>, Fault> {
        if rows.columns.is_empty() {
            return Err(Fault::malformed("the rows have no columns"));
        }
        let width = rows.columns.len();
        let all = rows.rows.iter().enumerate().map(|(index, row)| {
            if row.len() != width {
                let (number, values) = (index + 1, row.len());
                return Err(Fault::Malformed(format!(
                    "row {number} has {values} values for {width} columns"
                )));
            }
            self.tuple(row)
        });
        let all: Vec<_> = all.collect::<Result<_, _>>()?;
        Ok(all.chunks(ROWS_A_STATEMENT).map(<[String]>::to_vec).collect())
    }

    /// Conditions that find the rows by their keys, one for each statement. NULL is found by `IS NULL`.
    pub(super) fn conditions(self, rows: &Rows) -> Result<Vec<String>, Fault> {
        let keys = keys(rows)?;
        let statements = keys.chunks(ROWS_A_STATEMENT).map(|keys| self.condition(&rows.key, keys));
        statements.collect()
    }

    fn condition(self, columns: &[String], keys: &[Vec<&Value>]) -> Result<String, Fault> {
        let (partial, whole): (Vec<_>, Vec<_>) = keys.iter().partition(|key| key.contains(&&Value::Null));
        let mut conditions = Vec::new();
        if !whole.is_empty() {
            let tuples: Vec<_> = whole.into_iter().map(|key| self.key(key)).collect::<Result<_, _>>()?;
            let values = if columns.len() > 1 && self.0 == Dialect::Sqlite { "VALUES" } else { "" };
            let names = if let [only] = columns { self.name(only)? } else { self.list(columns)? };
            let tuples = match tuples.as_slice() {
                [only] => format!("{values}{}{only}", if values.is_empty() { "" } else { " " }),
                several => format!("{values}\n  {}\n", several.join(",\n  ")),
            };
            conditions.push(format!("{names} IN ({tuples})"));
        }
        for key in partial {
            let equal = columns.iter().zip(key).map(|(column, value)| {
                let column = self.name(column)?;
                Ok::<_, Fault>(match value {
                    Value::Null => format!("{column} IS NULL"),
                    value => format!("{column} = {}", self.value(value)?),
                })
            });
            conditions.push(format!("({})", equal.collect::<Result<Vec<_>, _>>()?.join(" AND ")));
        }
        Ok(conditions.join(" OR "))
    }

    fn key(self, values: &[&Value]) -> Result<String, Fault> {
        let literals: Vec<_> = values.iter().map(|value| self.value(value)).collect::<Result<_, _>>()?;
        Ok(if values.len() == 1 { literals.concat() } else { format!("({})", literals.join(", ")) })
    }

    fn tuple(self, values: &[Value]) -> Result<String, Fault> {
        let values: Vec<_> = values.iter().map(|value| self.value(value)).collect::<Result<_, _>>()?;
        Ok(format!("({})", values.join(", ")))
    }
}

fn keys(rows: &Rows) -> Result<Vec<Vec<&Value>>, Fault> {
    if rows.key.is_empty() {
        return Err(Fault::malformed("no key says which rows they are"));
    }
    let places = rows.key.iter().map(|key| {
        let place = rows.columns.iter().position(|column| column == key);
        place.ok_or_else(|| Fault::Malformed(format!("the key {key} is none of the columns")))
    });
    let places: Vec<_> = places.collect::<Result<_, _>>()?;
    let too_short = || Fault::malformed("a row has fewer values than there are columns");
    rows.rows
        .iter()
        .map(|row| places.iter().map(|place| row.get(*place).ok_or_else(too_short)).collect())
        .collect()
}
