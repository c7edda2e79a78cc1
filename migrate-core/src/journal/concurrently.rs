//! What PostgreSQL does outside of transactions: `CREATE INDEX`, `DROP INDEX` and `REINDEX CONCURRENTLY`.
//!
//! They consist of several transactions, between which they wait for everybody who is older. What ends one in the
//! middle (a lock timeout, a cancelled statement, a lost connection, a duplicate in a unique index) leaves an
//! `INVALID` index behind: it is written with each row and read by nobody, and it is in the way of the next
//! attempt.

use std::time::Duration;

use crate::connection::{Dialect, Driver};
use crate::error::Result;
use crate::journal::JournalError;
use crate::lock::jitter;
use crate::operation::render::{Piece, Quote};
use crate::operation::{Index, Name, Operation, ReindexTarget};

/// An index in the catalog.
struct Found {
    oid: String,
    /// Its name with its schema, quoted.
    name: String,
    is_valid: bool,
    definition: String,
}

/// Whether an operation that an earlier run was in the middle of is done.
///
/// # Errors
///
/// When an index of the name is there that is another one than was asked for.
pub(super) fn is_done(driver: &mut dyn Driver, operation: &Operation) -> Result<bool> {
    match operation {
        Operation::CreateIndex(index) if index.concurrently => {
            let Some(found) = finished(driver, &index.table, &index.name)? else { return Ok(false) };
            if !found.is_valid {
                return Ok(false);
            }
            if is_another(driver, index, &found)? {
                let Found { definition, .. } = found;
                return Err(JournalError::OtherIndex { index: index.name.clone(), found: definition }.into());
            }
            Ok(true)
        }
        Operation::DropIndex { index, table } if index.concurrently => {
            let table =
                Name { schema: index.name.schema.clone().or_else(|| table.schema.clone()), ..table.clone() };
            Ok(finished(driver, &table, &index.name.name)?.is_none())
        }
        // A second one does no harm.
        _ => Ok(false),
    }
}

/// Drops the invalid indexes that an earlier attempt, by whomever, left where the operation builds its own.
pub(super) fn clear(driver: &mut dyn Driver, operation: &Operation) -> Result<()> {
    let leftovers = match operation {
        Operation::CreateIndex(index) if index.concurrently => {
            finished(driver, &index.table, &index.name)?.into_iter().filter(|found| !found.is_valid).collect()
        }
        Operation::Reindex { target, concurrently: true } => copies(driver, target)?,
        _ => Vec::new(),
    };
    for leftover in leftovers {
        tracing::info!(target: "migrate", "dropping the invalid index {}", leftover.name);
        driver.batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {}", leftover.name))?;
    }
    Ok(())
}

/// Runs `work` without a lock timeout, and puts the one of the session back.
///
/// The timeout would end the wait for older transactions as well, and with it the statement, in the middle; and
/// the wait is harmless, because these statements keep nobody from reading and writing. Not in a session that
/// may be a pooler's: the next client would inherit the setting.
pub(super) fn patiently(
    driver: &mut dyn Driver,
    own_session: bool,
    work: impl FnOnce(&mut dyn Driver) -> Result<()>,
) -> Result<()> {
    if !own_session || driver.dialect() != Dialect::Postgres {
        return work(driver);
    }
    let sql = "SELECT 'SET lock_timeout = ' || quote_literal(current_setting('lock_timeout'))";
    let before = driver.query(sql, &[])?.into_iter().flatten().flatten().next();
    driver.batch("SET lock_timeout = 0")?;
    let outcome = work(driver);
    if let Some(before) = before {
        let _ = driver.batch(&before);
    }
    outcome
}

/// The index of a name in the schema of a table, as it is when nobody builds it any more.
///
/// The server goes on with a statement whose client was killed, for as long as the statement takes.
fn finished(driver: &mut dyn Driver, table: &Name, index: &str) -> Result<Option<Found>> {
    let table = Quote(Dialect::Postgres).qualified(table)?;
    let sql = "SELECT CAST(class.oid AS text), quote_ident(space.nspname) || '.' || quote_ident(class.relname), \
         CAST(index.indisvalid AND index.indisready AND index.indislive AS text), pg_get_indexdef(class.oid), \
         CAST(EXISTS (SELECT 1 FROM pg_stat_progress_create_index AS progress \
             WHERE progress.index_relid = class.oid AND progress.datname = current_database()) AS text) \
         FROM pg_class AS class JOIN pg_index AS index ON index.indexrelid = class.oid \
         JOIN pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE class.relkind = 'i' AND class.relname = $1 AND class.relnamespace = \
             (SELECT relnamespace FROM pg_class WHERE oid = to_regclass($2))";
    let mut seen_left = false;
    loop {
        let rows = driver.query(sql, &[Some(index), Some(&table)])?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let found = Found { oid: next(), name: next(), is_valid: next() == "true", definition: next() };
        let is_building = next() == "true";
        // The builder's last transaction, which makes the index valid, ends after its progress does.
        if !is_building && (found.is_valid || std::mem::replace(&mut seen_left, true)) {
            return Ok(Some(found));
        }
        // Asked again and again, for a blocked statement would be one of those that the builder waits for.
        std::thread::sleep(jitter(Duration::from_millis(200)));
    }
}

/// The copies that a `REINDEX CONCURRENTLY` has left: the new index, or the old one after the exchange.
fn copies(driver: &mut dyn Driver, target: &ReindexTarget) -> Result<Vec<Found>> {
    let (name, table) = match target {
        ReindexTarget::Index(name) => {
            (name, "(SELECT indrelid FROM pg_index WHERE indexrelid = to_regclass($1))")
        }
        ReindexTarget::Table(name) => (name, "to_regclass($1)"),
    };
    let name = Quote(Dialect::Postgres).qualified(name)?;
    let sql = format!(
        "SELECT CAST(class.oid AS text), quote_ident(space.nspname) || '.' || quote_ident(class.relname) \
         FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid \
         JOIN pg_namespace AS space ON space.oid = class.relnamespace \
         WHERE class.relkind = 'i' AND NOT index.indisvalid AND class.relname ~ '_cc(new|old)[0-9]*$' \
         AND (index.indrelid = {table} OR index.indrelid IN (SELECT relid FROM pg_partition_tree({table}))) \
         AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index AS progress \
             WHERE progress.relid = index.indrelid AND progress.datname = current_database()) \
         ORDER BY 2"
    );
    let rows = driver.query(&sql, &[Some(&name)])?;
    let found = |row: Vec<Option<String>>| {
        let mut columns = row.into_iter().flatten();
        Some(Found {
            oid: columns.next()?,
            name: columns.next()?,
            is_valid: false,
            definition: String::new(),
        })
    };
    Ok(rows.into_iter().filter_map(found).collect())
}

/// Whether an index is certainly another one than was asked for.
///
/// The server is shown the same index on an empty copy of the table and says what it makes of it, in the catalog's
/// own terms: no text that a person wrote is compared with what the server prints. Where it takes no such copy
/// (no right to create temporary tables, an expression over the table's own row type) the name has to do.
fn is_another(driver: &mut dyn Driver, index: &Index, found: &Found) -> Result<bool> {
    let quote = Quote(Dialect::Postgres);
    let copy = Index {
        name: "migrate_probe_index".to_owned(),
        table: ("pg_temp", "migrate_probe").into(),
        concurrently: false,
        if_not_exists: false,
        tablespace: None,
        ..index.clone()
    };
    let pieces = Operation::from(copy).render(Dialect::Postgres)?;
    let table = quote.qualified(&index.table)?;
    driver.begin("")?;
    let mut build = || {
        driver.batch(&format!("CREATE TEMPORARY TABLE migrate_probe (LIKE {table})"))?;
        for piece in &pieces {
            if let Piece::Statement(statement) = piece {
                driver.batch(&statement.sql)?;
            }
        }
        let sql = format!(
            "SELECT CAST({NATURE} AS text) FROM {OF_INDEX} WHERE class.oid IN \
             (CAST($1 AS oid), to_regclass('pg_temp.migrate_probe_index')) GROUP BY 1"
        );
        driver.query(&sql, &[Some(&found.oid)])
    };
    let natures = build();
    driver.rollback()?;
    Ok(natures.is_ok_and(|natures| natures.len() > 1))
}

/// Everything of an index but its name, its table and where it is kept.
const NATURE: &str = "concat_ws(' | ', method.amname, index.indisunique, \
     to_jsonb(index) ->> 'indnullsnotdistinct', index.indnkeyatts, CAST(index.indoption AS text), \
     CAST(index.indclass AS text), CAST(index.indcollation AS text), CAST(class.reloptions AS text), \
     (SELECT string_agg(pg_get_indexdef(class.oid, key, false), ', ' ORDER BY key) \
         FROM generate_series(1, index.indnatts) AS key), \
     pg_get_expr(index.indpred, index.indrelid))";

const OF_INDEX: &str = "pg_class AS class JOIN pg_index AS index ON index.indexrelid = class.oid \
     JOIN pg_am AS method ON method.oid = class.relam";
