use diesel::QueryResult;

use super::{Source, Tool};
use crate::connection::{Dialect, Driver, TextRow, not_spoken};
use crate::ledger::quote_name;

/// What a tool's table says of one migration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The migration's version, as the tool writes it.
    pub version: String,
    /// What it is called besides, where the tool keeps that.
    pub description: Option<String>,
    /// When it was applied: RFC 3339 in UTC with milliseconds. Alembic keeps no time.
    pub applied_at: Option<String>,
    /// Whether the tool says that it failed.
    pub failed: bool,
}

/// The columns of a tool's table as SQL.
struct Columns {
    version: &'static str,
    description: &'static str,
    applied_at: &'static str,
    failed: &'static str,
}

/// Reads a tool's table, sorted by version; `None` when there is none.
pub(crate) fn read(driver: &mut dyn Driver, source: &Source) -> QueryResult<Option<Vec<Row>>> {
    if !exists(driver, source)? {
        return Ok(None);
    }
    let Columns { version, description, applied_at, failed } = columns(driver.dialect(), source.tool)?;
    let sql = format!(
        "SELECT CAST({version} AS text), {description}, {applied_at}, {failed} FROM {} ORDER BY {version}",
        written(source)
    );
    Ok(Some(driver.query(&sql, &[])?.into_iter().map(row).collect()))
}

/// What each tool writes, as its sources create the table and fill it:
///
/// Diesel's connection works in UTC, and so does the time without a zone that its default writes. refinery writes the
/// text of a time, SeaORM seconds since 1970. SQLite's `CURRENT_TIMESTAMP` is in UTC.
fn columns(dialect: Dialect, tool: Tool) -> QueryResult<Columns> {
    const NULL: &str = "CAST(NULL AS text)";
    let columns = |version, applied_at| Columns { version, description: NULL, applied_at, failed: NULL };
    macro_rules! time {
        (postgres $time:literal) => {
            concat!("to_char(", $time, ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
        };
        (sqlite $time:literal) => {
            concat!("strftime('%Y-%m-%dT%H:%M:%fZ', ", $time, ")")
        };
    }
    Ok(match (dialect, tool) {
        (Dialect::Mysql, _) => return Err(not_spoken()),
        (_, Tool::Alembic) => columns("version_num", NULL),
        (Dialect::Postgres, Tool::Diesel) => columns("version", time!(postgres "run_on")),
        (Dialect::Sqlite, Tool::Diesel) => columns("version", time!(sqlite "run_on")),
        (Dialect::Postgres, Tool::SeaOrm) => {
            columns("version", time!(postgres "to_timestamp(applied_at) AT TIME ZONE 'UTC'"))
        }
        (Dialect::Sqlite, Tool::SeaOrm) => columns("version", time!(sqlite "applied_at, 'unixepoch'")),
        (_, Tool::Refinery) => Columns {
            description: "name",
            ..match dialect {
                Dialect::Postgres => {
                    columns("version", time!(postgres "CAST(applied_on AS timestamptz) AT TIME ZONE 'UTC'"))
                }
                _ => columns("version", time!(sqlite "applied_on")),
            }
        },
        (_, Tool::Sqlx) => Columns {
            description: "description",
            failed: "CASE WHEN NOT success THEN 'failed' END",
            ..match dialect {
                Dialect::Postgres => columns("version", time!(postgres "installed_on AT TIME ZONE 'UTC'")),
                _ => columns("version", time!(sqlite "installed_on")),
            }
        },
    })
}

fn row(row: TextRow) -> Row {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Row {
        version: next().unwrap_or_default(),
        description: next(),
        applied_at: next(),
        failed: next().is_some(),
    }
}

/// Looked for first: a failed query would spoil the transaction that the caller may have open.
fn exists(driver: &mut dyn Driver, source: &Source) -> QueryResult<bool> {
    let rows = match driver.dialect() {
        Dialect::Postgres => {
            driver.query("SELECT CAST(to_regclass($1) AS text)", &[Some(&written(source))])?
        }
        Dialect::Sqlite => {
            let schema = source.table.schema.as_deref().unwrap_or("main");
            let sql = format!(
                "SELECT name FROM {}.sqlite_master WHERE type = 'table' AND name = $1 COLLATE NOCASE",
                quote_name(schema)
            );
            driver.query(&sql, &[Some(&source.table.name)])?
        }
        Dialect::Mysql => return Err(not_spoken()),
    };
    Ok(rows.iter().flatten().any(Option::is_some))
}

fn written(source: &Source) -> String {
    let name = quote_name(&source.table.name);
    match &source.table.schema {
        Some(schema) => format!("{}.{name}", quote_name(schema)),
        None => name,
    }
}
