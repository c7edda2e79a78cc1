//! Facts from a database.

use std::collections::BTreeMap;

use diesel::result::QueryResult;

use super::attached;
use super::facts::Facts;
use crate::connection::{Dialect, Driver};
use crate::operation::Name;

/// What follows is about tables that people made.
pub(super) const OWN: &str =
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'";

impl Facts {
    /// What the catalog of a database says: seven short queries on PostgreSQL, three on SQLite, nothing on others.
    ///
    /// Rows are the server's estimates; a table that was never analysed has none.
    pub fn read(driver: &mut dyn Driver) -> QueryResult<Self> {
        match driver.dialect() {
            Dialect::Postgres => postgres(driver),
            Dialect::Sqlite => sqlite(driver),
            Dialect::Mysql => Ok(Self::default()),
        }
    }
}

fn postgres(driver: &mut dyn Driver) -> QueryResult<Facts> {
    let mut facts = Facts::default();
    let version = driver.query("SELECT current_setting('server_version_num')", &[])?;
    let number = version.into_iter().flatten().flatten().next().and_then(|text| text.parse::<u32>().ok());
    facts.version = number.map(|number| number / 10_000);
    let tables = format!(
        "SELECT n.nspname::text, c.relname::text, c.reltuples::bigint::text FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND c.reltuples > 0 AND {OWN}"
    );
    for row in driver.query(&tables, &[])? {
        if let [Some(schema), Some(table), Some(rows)] = row.as_slice()
            && let Ok(rows) = rows.parse()
        {
            facts.rows.insert((schema, table).into(), rows);
        }
    }
    // One row for each column of an index; an expression is a column without a name, where what is known ends.
    let keys = if facts.is_before(11) { "indnatts" } else { "indnkeyatts" };
    let indexes = format!(
        "SELECT n.nspname::text, t.relname::text, x.indexrelid::text, a.attname::text \
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace \
         CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY AS k (attnum, position) \
         LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum AND k.attnum > 0 \
         WHERE k.position <= x.{keys} AND x.indpred IS NULL AND x.indisvalid AND {OWN} \
         ORDER BY 1, 2, 3, k.position"
    );
    let mut columns: BTreeMap<(Name, String), Vec<Option<String>>> = BTreeMap::new();
    for row in driver.query(&indexes, &[])? {
        if let [Some(schema), Some(table), Some(index), column] = row.as_slice() {
            columns.entry(((schema, table).into(), index.clone())).or_default().push(column.clone());
        }
    }
    for ((table, _), columns) in columns {
        let known = columns.into_iter().map_while(|column| column).collect();
        facts.indexes.entry(table).or_default().push(known);
    }
    read_invalid(driver, &mut facts)?;
    read_not_null(driver, &mut facts)?;
    facts.attached = attached::on_postgres(driver)?;
    facts.attributes = attached::attributes(driver)?;
    Ok(facts)
}

/// Indexes that are not valid, but for those that are being built right now.
fn read_invalid(driver: &mut dyn Driver, facts: &mut Facts) -> QueryResult<()> {
    let building = if facts.is_before(12) {
        ""
    } else {
        "AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = x.indexrelid)"
    };
    let invalid = format!(
        "SELECT n.nspname::text, i.relname::text, t.relname::text FROM pg_index x \
         JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace WHERE NOT x.indisvalid AND t.relkind <> 'p' AND {OWN} {building}"
    );
    for row in driver.query(&invalid, &[])? {
        if let [Some(schema), Some(index), Some(table)] = row.as_slice() {
            facts.invalid_indexes.insert((schema, index).into(), (schema, table).into());
        }
    }
    Ok(())
}

/// Columns that are NOT NULL, or that a validated CHECK says so of.
fn read_not_null(driver: &mut dyn Driver, facts: &mut Facts) -> QueryResult<()> {
    let columns = format!(
        "SELECT n.nspname::text, t.relname::text, a.attname::text FROM pg_attribute a \
         JOIN pg_class t ON t.oid = a.attrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE a.attnum > 0 AND NOT a.attisdropped AND t.relkind IN ('r', 'p') AND {OWN} AND (a.attnotnull OR EXISTS \
         (SELECT 1 FROM pg_constraint c WHERE c.conrelid = t.oid AND c.contype = 'c' AND c.convalidated \
         AND c.conkey = ARRAY[a.attnum] AND pg_get_constraintdef(c.oid) = \
         'CHECK ((' || quote_ident(a.attname) || ' IS NOT NULL))'))"
    );
    for row in driver.query(&columns, &[])? {
        if let [Some(schema), Some(table), Some(column)] = row.as_slice() {
            facts.not_null.insert(((schema, table).into(), column.clone()));
        }
    }
    Ok(())
}

fn sqlite(driver: &mut dyn Driver) -> QueryResult<Facts> {
    let mut facts = Facts { attached: attached::on_sqlite(driver)?, ..Facts::default() };
    let analysed = driver.query("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat1'", &[])?;
    if analysed.is_empty() {
        return Ok(facts);
    }
    // The first number of each line is the rows of its table.
    for row in driver.query("SELECT tbl, stat FROM sqlite_stat1", &[])? {
        if let [Some(table), Some(stat)] = row.as_slice()
            && let Some(rows) = stat.split(' ').next().and_then(|rows| rows.parse::<u64>().ok())
        {
            let most = facts.rows.entry(table.into()).or_default();
            *most = rows.max(*most);
        }
    }
    Ok(facts)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::connection::DatabaseUrl;

    #[test]
    fn sqlite_knows_its_rows_once_it_was_analysed() {
        let mut connection = DatabaseUrl::parse("sqlite::memory:").unwrap().connect().unwrap();
        connection
            .batch("CREATE TABLE users (id integer primary key, email text); CREATE INDEX i ON users (email)")
            .unwrap();
        connection.batch("INSERT INTO users (email) VALUES ('a'), ('b'), ('c')").unwrap();
        let facts = Facts::read(&mut connection).unwrap();
        assert_eq!(facts.rows_of(&"users".into()), None);
        let attached: Vec<_> = facts.attached_to(&"users".into()).map(ToString::to_string).collect();
        assert_eq!(attached, ["index i"]);
        connection.batch("ANALYZE").unwrap();
        assert_eq!(Facts::read(&mut connection).unwrap().rows_of(&"users".into()), Some(3));
    }
}
