//! Tables that are there before the ledger is: whose they are, nobody has said.

use std::fmt;

use super::error::{Error, first_few};
use super::run::Run;
use crate::adopt::OtherLedger;
use crate::catalog::ObjectName;
use crate::connection::{Dialect, Driver, not_spoken};
use crate::ledger::{LedgerNames, quote_name};

/// What a database without a ledger holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unadopted {
    /// The tables, sorted; one in the schema where new tables go has none in its name.
    pub tables: Vec<ObjectName>,
    /// The ledgers of other tools that are there, too.
    pub other_ledgers: Vec<OtherLedger>,
}

/// `the database holds 2 tables and no ledger: orders, users`.
impl fmt::Display for Unadopted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.tables.iter().map(ToString::to_string).collect();
        match names.as_slice() {
            [name] => write!(f, "the database holds a table and no ledger: {name}"),
            names => {
                write!(f, "the database holds {} tables and no ledger: {}", names.len(), first_few(names))
            }
        }
    }
}

impl Run<'_, '_> {
    /// Refuses a database that holds tables and no ledger, unless they were said to be none of this history's.
    ///
    /// One statement looks for both. A ledger is committed before the first table of a migration, or with it, so
    /// however many runs begin at once, whoever sees such a table sees the ledger (I4).
    pub(super) fn refuse_unadopted(&mut self) -> Result<(), Error> {
        self.unadopted()?.map_or(Ok(()), |unadopted| Err(Error::TablesWithoutLedger(unadopted)))
    }

    /// The tables of a database without a ledger; `None` when there are none, or nobody wants to know.
    pub(super) fn unadopted(&mut self) -> Result<Option<Unadopted>, Error> {
        if self.options.allow_tables {
            return Ok(None);
        }
        let names = self.names.clone();
        let driver = self.host.driver();
        let (mut tables, mut ledgers) = (Vec::new(), Vec::new());
        for Found { schema, table, is_default } in tables_and_ledger(driver, &names)? {
            if names.is_own(schema.as_deref(), &table) {
                if table == format!("{}ledger", names.prefix()) {
                    return Ok(None);
                }
                continue;
            }
            let name = ObjectName { schema: schema.filter(|_| !is_default), name: table };
            match OtherLedger::of(&name.name) {
                Some(ledger) => ledgers.push((ledger, name)),
                None => tables.push(name),
            }
        }
        // A ledger that says that nothing is applied is what a tool leaves in a database before its first migration.
        if tables.is_empty() {
            let mut used = Vec::new();
            for (ledger, name) in ledgers {
                if has_rows(driver, &name)? {
                    used.push((ledger, name));
                }
            }
            ledgers = used;
        }
        if tables.is_empty() && ledgers.is_empty() {
            return Ok(None);
        }
        let other_ledgers = ledgers.iter().map(|(ledger, _)| *ledger).collect();
        tables.extend(ledgers.into_iter().map(|(_, name)| name));
        tables.sort();
        Ok(Some(Unadopted { tables, other_ledgers }))
    }
}

/// A table that the search path leads to.
pub(super) struct Found {
    pub(super) schema: Option<String>,
    pub(super) table: String,
    /// Whether new tables go into its schema.
    is_default: bool,
}

/// The tables where migrations would put theirs, and the ledger, wherever it is, in one statement.
///
/// Not those of extensions, of the session, and the server's own.
pub(super) fn tables_and_ledger(
    driver: &mut dyn Driver,
    names: &LedgerNames,
) -> diesel::QueryResult<Vec<Found>> {
    let ledger = format!("{}ledger", names.prefix());
    let rows = match driver.dialect() {
        Dialect::Postgres => driver.query(
            "SELECT CAST(space.nspname AS text), CAST(class.relname AS text), \
             CASE WHEN space.nspname = current_schema() THEN 'yes' END \
             FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace \
             WHERE class.relkind IN ('r', 'p', 'f') AND NOT class.relispartition AND class.relpersistence <> 't' \
             AND (space.nspname = ANY (current_schemas(false)) AND space.nspname !~ '^pg_' \
             AND space.nspname <> 'information_schema' OR space.nspname = $1 AND class.relname = $2) \
             AND NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = 'pg_class'::regclass \
             AND member.objid = class.oid AND member.deptype = 'e') ORDER BY 1, 2",
            &[names.schema(), Some(&ledger)],
        )?,
        Dialect::Sqlite => {
            let tables = |schema: &str| {
                format!(
                    "SELECT name FROM {}.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'",
                    quote_name(schema)
                )
            };
            let elsewhere = names.schema().filter(|schema| !schema.eq_ignore_ascii_case("main"));
            let elsewhere = elsewhere.map(|schema| format!(" UNION ALL {} AND name = $1", tables(schema)));
            let sql = format!(
                "SELECT NULL, name, 'yes' FROM ({}{})",
                tables("main"),
                elsewhere.as_deref().unwrap_or_default()
            );
            let binds = [Some(&*ledger)];
            driver.query(&sql, if elsewhere.is_some() { &binds } else { &[] })?
        }
        Dialect::Mysql => return Err(not_spoken()),
    };
    let found = |row: Vec<Option<String>>| {
        let mut columns = row.into_iter();
        let mut next = || columns.next().flatten();
        Found { schema: next(), table: next().unwrap_or_default(), is_default: next().is_some() }
    };
    Ok(rows.into_iter().map(found).collect())
}

fn has_rows(driver: &mut dyn Driver, table: &ObjectName) -> diesel::QueryResult<bool> {
    let schema = table.schema.as_deref().map(|schema| format!("{}.", quote_name(schema)));
    let table = format!("{}{}", schema.unwrap_or_default(), quote_name(&table.name));
    Ok(!driver.query(&format!("SELECT '' FROM {table} LIMIT 1"), &[])?.is_empty())
}
