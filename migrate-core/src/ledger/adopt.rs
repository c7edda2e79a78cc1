use std::collections::BTreeSet;

use diesel::QueryResult;

use super::write::append;
use super::{FORMAT, Facts, LedgerNames, now};
use crate::connection::{Dialect, Driver, not_spoken};

/// Records a revision that another tool has applied; the caller holds a transaction and the table.
///
/// `detail` says in the event where that is known from.
pub(crate) fn adopt(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    applied_at: Option<&str>,
    detail: &str,
) -> QueryResult<()> {
    let dialect = driver.dialect();
    let at = match dialect {
        Dialect::Postgres => "CAST($4 AS timestamptz)",
        Dialect::Sqlite => "$4",
        Dialect::Mysql => return Err(not_spoken()),
    };
    let sql = format!(
        "INSERT INTO {} (revision, state, checksum, message, applied_at, applied_by, binary_version, format) \
         VALUES ($1, 'applied', $2, $3, coalesce({at}, {}), $5, $6, CAST($7 AS integer))",
        names.ledger(),
        now(dialect)
    );
    let format = FORMAT.to_string();
    driver.execute(
        &sql,
        &[
            Some(facts.revision),
            facts.checksum,
            Some(facts.message),
            applied_at,
            Some(facts.applied_by),
            Some(facts.binary_version),
            Some(&format),
        ],
    )?;
    append(driver, names, "stamp", facts, None, Some(detail))
}

/// The revisions whose last event is that they were undone.
pub(crate) fn undone(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<BTreeSet<String>> {
    let event = names.event();
    let rows = driver.query(
        &format!(
            "SELECT revision FROM {event} AS undone WHERE kind = 'downgrade' AND NOT EXISTS (SELECT 1 FROM {event} \
             AS later WHERE later.revision = undone.revision AND later.id > undone.id AND later.kind <> 'failure')"
        ),
        &[],
    )?;
    Ok(rows.into_iter().flatten().flatten().collect())
}
