use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};

use super::{FORMAT, LedgerNames};
use crate::connection::{Dialect, Driver, FailureKind, TextRow, classify, not_spoken};

/// The state of a ledger row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowState {
    /// The revision is applied.
    Applied,
    /// A step outside a transaction began to apply it and has not finished.
    Running,
    /// A step outside a transaction began to undo it and has not finished.
    Reverting,
}

impl RowState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Running => "running",
            Self::Reverting => "reverting",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Applied, Self::Running, Self::Reverting].into_iter().find(|state| state.as_str() == text)
    }
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerRow {
    /// The revision id.
    pub revision: String,
    /// Whether it is applied or in the middle of a step.
    pub state: RowState,
    /// The checksum of the migration's source when it was applied.
    pub checksum: Option<String>,
    /// What the revision does.
    pub message: String,
    /// When, by the database's clock: RFC 3339 in UTC with milliseconds.
    pub applied_at: String,
    /// How long the body took; `None` for a stamp and for a step that has not finished.
    pub duration_ms: Option<u64>,
    /// Who: user, host and process.
    pub applied_by: String,
    /// The package and version of the program that applied it.
    pub binary_version: String,
    /// The format that the row was written in, see [`FORMAT`](super::FORMAT).
    pub format: u32,
}

/// Reads the ledger, sorted by revision id: one SELECT, no DDL, no lock. `None` when there is no ledger.
pub(crate) fn read_rows(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<Option<Vec<LedgerRow>>> {
    // A failed query would spoil the transaction that the caller has open, so there we look first.
    if driver.transaction_depth() != Some(0) && !exists(driver, names)? {
        return Ok(None);
    }
    let at = match driver.dialect() {
        Dialect::Postgres => "to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
        Dialect::Sqlite => "applied_at",
        Dialect::Mysql => return Err(not_spoken()),
    };
    let sql = format!(
        "SELECT revision, state, checksum, message, {at}, CAST(duration_ms AS text), applied_by, \
         binary_version, CAST(format AS text) FROM {} ORDER BY revision",
        names.ledger()
    );
    let rows = match driver.query(&sql, &[]) {
        Ok(rows) => rows,
        Err(error) => match exists(driver, names) {
            Ok(false) => return Ok(None),
            // Another run may have created it between the two statements.
            Ok(true) => driver.query(&sql, &[])?,
            Err(later) => return Err(the_reason(error, later)),
        },
    };
    rows.into_iter().map(parse).collect::<QueryResult<_>>().map(Some)
}

/// The schema of the ledger on PostgreSQL: the chosen one, the one on the search path that has it, or the one
/// where it would be created. Binds: the chosen schema or NULL, and the ledger's name.
pub(crate) const LOCATION: &str = "coalesce($1, (SELECT CAST(space.nspname AS text) FROM pg_class AS class \
     JOIN pg_namespace AS space ON space.oid = class.relnamespace WHERE class.oid = to_regclass($2)), \
     CAST(current_schema() AS text))";

/// Finds out in which schema the ledger is, so that a body that changes the search path moves nothing.
pub(crate) fn locate(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<Option<String>> {
    match driver.dialect() {
        Dialect::Postgres => {
            let binds = [names.schema(), Some(&*names.ledger())];
            let rows = driver.query(&format!("SELECT {LOCATION}"), &binds)?;
            Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()?))
        }
        Dialect::Sqlite => Ok(None),
        Dialect::Mysql => Err(not_spoken()),
    }
}

/// Shows each row's revision and checksum, which is empty when the row has none; no checksum at all says that the
/// row is not simply an applied one, or is of a newer format.
///
/// What a start-up with nothing to do needs to know and no more, in one SELECT: with a thousand rows most of its
/// time is this answer's length. False when there is no ledger.
pub(crate) fn glance(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    visit: &mut dyn FnMut(&str, Option<&str>),
) -> QueryResult<bool> {
    let sql = format!(
        "SELECT revision, CASE WHEN state = 'applied' AND format <= {FORMAT} THEN coalesce(checksum, '') END FROM {}",
        names.ledger()
    );
    let seen =
        driver.visit_pairs(&sql, &mut |revision, checksum| visit(revision.unwrap_or_default(), checksum));
    match seen {
        Ok(()) => Ok(true),
        // There is none, or another run has just created it: the full read tells.
        Err(error) => exists(driver, names).map(|_| false).map_err(|later| the_reason(error, later)),
    }
}

/// Why the ledger could not be read, when it could not be looked for either: "no such table" says nothing any more once
/// a lock was in the way of finding out.
fn the_reason(reading: Error, looking: Error) -> Error {
    if classify(&reading) == FailureKind::Other { looking } else { reading }
}

/// Whether the ledger table is there.
pub(crate) fn exists(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<bool> {
    has_table(driver, names, "ledger")
}

/// Whether one of the framework's tables is there, by its name after the prefix.
pub(super) fn has_table(driver: &mut dyn Driver, names: &LedgerNames, table: &str) -> QueryResult<bool> {
    let rows = match driver.dialect() {
        Dialect::Postgres => {
            driver.query("SELECT CAST(to_regclass($1) AS text)", &[Some(names.qualified(table).as_str())])?
        }
        Dialect::Sqlite => {
            let schema = names.schema().map(|schema| format!("{}.", super::quote_name(schema)));
            driver.query(
                &format!(
                    "SELECT name FROM {}sqlite_master WHERE type = 'table' AND name = $1 COLLATE NOCASE",
                    schema.unwrap_or_default()
                ),
                &[Some(&format!("{}{table}", names.prefix()))],
            )?
        }
        Dialect::Mysql => return Err(not_spoken()),
    };
    Ok(rows.first().is_some_and(|row| row.first().is_some_and(Option::is_some)))
}

fn parse(row: TextRow) -> QueryResult<LedgerRow> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    let row = (|| {
        Some(LedgerRow {
            revision: next()?,
            state: RowState::parse(&next()?)?,
            checksum: next(),
            message: next()?,
            applied_at: next()?,
            duration_ms: next().and_then(|text| text.parse().ok()),
            applied_by: next()?,
            binary_version: next()?,
            format: next()?.parse().ok()?,
        })
    })();
    row.ok_or_else(|| {
        Error::DatabaseError(
            DatabaseErrorKind::Unknown,
            Box::new("the ledger holds a row that this version cannot read".to_owned()),
        )
    })
}
