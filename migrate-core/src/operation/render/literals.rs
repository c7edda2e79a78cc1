//! Rows as literals, as SQLite and MySQL write them.

use super::Quote;
use super::fault::Fault;
use crate::operation::{Rows, Value};

/// How many rows stand in one statement: enough to make round trips cheap, few enough for any limit on its length.
const ROWS_A_STATEMENT: usize = 500;

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

    /// The keys of the rows in tuples, some for each statement.
    pub(super) fn keys(self, rows: &Rows) -> Result<Vec<Vec<String>>, Fault> {
        let key = Rows { columns: rows.key.clone(), rows: keys(rows)?, ..rows.clone() };
        self.tuples(&key)
    }

    fn tuple(self, values: &[Value]) -> Result<String, Fault> {
        let values: Vec<_> = values.iter().map(|value| self.value(value)).collect::<Result<_, _>>()?;
        Ok(format!("({})", values.join(", ")))
    }
}

fn keys(rows: &Rows) -> Result<Vec<Vec<Value>>, Fault> {
    if rows.key.is_empty() {
        return Err(Fault::malformed("no key says which rows they are"));
    }
    let places = rows.key.iter().map(|key| {
        let place = rows.columns.iter().position(|column| column == key);
        place.ok_or_else(|| Fault::Malformed(format!("the key {key} is none of the columns")))
    });
    let places: Vec<_> = places.collect::<Result<_, _>>()?;
    let of_row = |row: &Vec<Value>| {
        let values = places.iter().map(|place| match row.get(*place) {
            None => Err(Fault::malformed("a row has fewer values than there are columns")),
            Some(Value::Null) => Err(Fault::malformed("a key that is NULL names no row")),
            Some(value) => Ok(value.clone()),
        });
        values.collect()
    };
    rows.rows.iter().map(of_row).collect()
}
