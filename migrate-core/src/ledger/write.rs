use diesel::QueryResult;

use super::{FORMAT, LedgerNames, RowState, now, placeholders, storable};
use crate::connection::{Dialect, Driver, not_spoken};

/// What the transaction of each step sets on PostgreSQL. The setting ends with the transaction, so that a body
/// which commits, or rolls back, by hand is found out.
pub(crate) const MARK_TRANSACTION: &str = "SET LOCAL migrate.step = 'open';";

/// Whether the transaction is the one that carries [`MARK_TRANSACTION`], on PostgreSQL.
pub(crate) const SAME_TRANSACTION: &str = "current_setting('migrate.step', true) = 'open'";

/// What a ledger row says about a revision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) revision: &'a str,
    pub(crate) message: &'a str,
    pub(crate) checksum: Option<&'a str>,
    pub(crate) applied_by: &'a str,
    pub(crate) binary_version: &'a str,
}

/// What came of trying to write the row that fences a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The row is ours until the transaction ends.
    Ours,
    /// The ledger already is as the step would leave it: another runner was here.
    Done,
    /// The row is in the middle of a non-transactional step.
    Unfinished { state: RowState, applied_by: String },
    /// The step's place is gone: a parent was undone, or a child applied, since the plan was made.
    Diverged,
}

/// Writes the row of an upgrade step, as running, the first statement of its transaction (I3).
///
/// [`finish_upgrade`] makes it applied: a body that ends the transaction by hand and then fails leaves a row
/// that says so.
///
/// The row's primary key is the fence: a second runner waits here for the first one's transaction and then
/// finds the row. The parents are checked, and locked against removal, in the same statement, so the applied
/// set stays closed (I1) whatever became of the run lock. `backend` is the server process that took the
/// session lock: on another one nothing is written.
pub(crate) fn claim(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    parents: &[&str],
    backend: Option<&str>,
) -> QueryResult<Claim> {
    let ledger = names.ledger();
    let format = FORMAT.to_string();
    let mut binds = vec![
        Some(facts.revision),
        Some(RowState::Running.as_str()),
        facts.checksum,
        Some(facts.message),
        Some(facts.applied_by),
        Some(facts.binary_version),
        Some(format.as_str()),
    ];
    let parents_applied = if parents.is_empty() {
        "1 = 1".to_owned()
    } else {
        binds.extend(parents.iter().map(|parent| Some(*parent)));
        let lock = if driver.dialect() == Dialect::Postgres { "FOR KEY SHARE" } else { "" };
        format!(
            "(SELECT count(*) FROM (SELECT 1 FROM {ledger} WHERE state = 'applied' \
             AND revision IN ({}) {lock}) AS parents) = {}",
            placeholders(8, parents.len()),
            parents.len()
        )
    };
    let same_backend = match backend {
        Some(backend) => {
            binds.push(Some(backend));
            format!(" AND pg_backend_pid() = CAST(${} AS integer)", binds.len())
        }
        None => String::new(),
    };
    let sql = format!(
        "INSERT INTO {ledger} (revision, state, checksum, message, applied_by, binary_version, format) \
         SELECT $1, $2, $3, $4, $5, $6, CAST($7 AS integer) WHERE {parents_applied}{same_backend} \
         ON CONFLICT (revision) DO NOTHING"
    );
    if driver.execute_prepared(&sql, &binds)? == 1 {
        return Ok(Claim::Ours);
    }
    Ok(match state_of(driver, names, facts.revision)? {
        Some((RowState::Applied, _)) => Claim::Done,
        Some((state, applied_by)) => Claim::Unfinished { state, applied_by },
        None => Claim::Diverged,
    })
}

/// Makes the row of an unfinished step this run's own; `false` when `from` is no longer the one who has it.
pub(crate) fn take_over(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    state: RowState,
    from: &str,
) -> QueryResult<bool> {
    let taken = driver.execute(
        &format!(
            "UPDATE {} SET applied_by = $1, binary_version = $2, message = $3, checksum = $4 \
             WHERE revision = $5 AND state = $6 AND applied_by = $7",
            names.ledger()
        ),
        &[
            Some(facts.applied_by),
            Some(facts.binary_version),
            Some(facts.message),
            facts.checksum,
            Some(facts.revision),
            Some(state.as_str()),
            Some(from),
        ],
    )?;
    Ok(taken == 1)
}

/// Marks an upgrade step as done and appends its event, in the step's transaction.
///
/// `false`, and nothing written, when the row is not there or the transaction is not the one that began.
pub(crate) fn finish_upgrade(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    duration_ms: u64,
) -> QueryResult<bool> {
    let (dialect, duration) = (driver.dialect(), duration_ms.to_string());
    let update = format!(
        "UPDATE {} SET state = 'applied', applied_at = {}, duration_ms = CAST($1 AS bigint) \
         WHERE revision = $2 AND state = 'running'",
        names.ledger(),
        now(dialect)
    );
    match dialect {
        // One round trip for both.
        Dialect::Postgres => {
            let sql = format!(
                "WITH done AS ({update} AND {SAME_TRANSACTION} RETURNING 1) \
                 INSERT INTO {} (kind, revision, duration_ms, applied_by, binary_version) \
                 SELECT 'upgrade', $2, CAST($1 AS bigint), $3, $4 FROM done",
                names.event()
            );
            let binds = [duration.as_str(), facts.revision, facts.applied_by, facts.binary_version].map(Some);
            Ok(driver.execute_prepared(&sql, &binds)? == 1)
        }
        Dialect::Sqlite => {
            let done = driver.execute_prepared(&update, &[Some(&duration), Some(facts.revision)])? == 1;
            if done {
                append(driver, names, "upgrade", facts, Some(duration_ms), None)?;
            }
            Ok(done)
        }
        Dialect::Mysql => Err(not_spoken()),
    }
}

/// What a downgrade may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undone {
    /// A revision that is applied.
    Whole,
    /// Also one that is being applied: a backfill.
    AlsoHalfDone,
}

/// Removes the row of a downgrade step, the first statement of its transaction (I3).
///
/// The row is locked first and the children looked for in a later statement, which on PostgreSQL sees a child
/// that a concurrent runner committed while this one waited.
pub(crate) fn release(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    children: &[&str],
    from: Undone,
) -> QueryResult<Claim> {
    let ledger = names.ledger();
    match locked_state(driver, names, revision)? {
        None => return Ok(Claim::Done),
        Some((RowState::Running, applied_by)) if from == Undone::Whole => {
            return Ok(Claim::Unfinished { state: RowState::Running, applied_by });
        }
        Some(_) => {}
    }
    let mut binds = Vec::new();
    let guard = no_children(&ledger, revision, children, &mut binds);
    let deleted = driver.execute(&format!("DELETE FROM {ledger} WHERE {guard}"), &binds)?;
    Ok(if deleted == 1 { Claim::Ours } else { Claim::Diverged })
}

/// Journals the start of a downgrade step that runs outside a transaction.
pub(crate) fn mark_reverting(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    children: &[&str],
    from: Undone,
) -> QueryResult<Claim> {
    let ledger = names.ledger();
    match locked_state(driver, names, facts.revision)? {
        None => return Ok(Claim::Done),
        Some((RowState::Applied, _)) => {}
        Some((RowState::Running, _)) if from == Undone::AlsoHalfDone => {}
        Some((state, applied_by)) => return Ok(Claim::Unfinished { state, applied_by }),
    }
    // SQLite numbers placeholders by their first appearance.
    let mut binds = vec![Some(facts.applied_by)];
    let guard = no_children(&ledger, facts.revision, children, &mut binds);
    let sql = format!("UPDATE {ledger} SET state = 'reverting', applied_by = $1 WHERE {guard}");
    Ok(if driver.execute(&sql, &binds)? == 1 { Claim::Ours } else { Claim::Diverged })
}

/// The condition that names a row and holds while none of its children is in the ledger.
fn no_children<'a>(
    ledger: &str,
    revision: &'a str,
    children: &[&'a str],
    binds: &mut Vec<Option<&'a str>>,
) -> String {
    binds.push(Some(revision));
    let own = format!("revision = ${}", binds.len());
    if children.is_empty() {
        return own;
    }
    let list = placeholders(binds.len() + 1, children.len());
    binds.extend(children.iter().map(|child| Some(*child)));
    format!("{own} AND NOT EXISTS (SELECT 1 FROM {ledger} AS child WHERE child.revision IN ({list}))")
}

/// Appends the event of a downgrade step, in the step's transaction.
///
/// `false`, and nothing written, when the row is back or the transaction is not the one that began.
pub(crate) fn finish_downgrade(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    duration_ms: u64,
) -> QueryResult<bool> {
    let duration = duration_ms.to_string();
    let same_transaction = match driver.dialect() {
        Dialect::Postgres => format!(" AND {SAME_TRANSACTION}"),
        Dialect::Sqlite => String::new(),
        Dialect::Mysql => return Err(not_spoken()),
    };
    let sql = format!(
        "INSERT INTO {} (kind, revision, duration_ms, applied_by, binary_version) \
         SELECT 'downgrade', $1, CAST($2 AS bigint), $3, $4 \
         WHERE NOT EXISTS (SELECT 1 FROM {} WHERE revision = $1){same_transaction}",
        names.event(),
        names.ledger()
    );
    let binds = [facts.revision, duration.as_str(), facts.applied_by, facts.binary_version].map(Some);
    Ok(driver.execute(&sql, &binds)? == 1)
}

/// Appends the event of a step that failed, after its transaction is gone.
pub(crate) fn record_failure(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    detail: &str,
) -> QueryResult<()> {
    append(driver, names, "failure", facts, None, Some(detail))
}

/// Keeps everybody else from writing to the ledger until the transaction ends, and waits for who does already.
pub(crate) fn lock_table(driver: &mut dyn Driver, names: &LedgerNames) -> QueryResult<()> {
    match driver.dialect() {
        Dialect::Postgres => {
            driver.batch(&format!("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", names.ledger()))
        }
        // The transaction is `IMMEDIATE`.
        Dialect::Sqlite => Ok(()),
        Dialect::Mysql => Err(not_spoken()),
    }
}

/// Writes rows without running anything, and removes others; the caller holds a transaction and the table.
pub(crate) fn stamp(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    insert: &[Facts<'_>],
    delete: &[Facts<'_>],
) -> QueryResult<()> {
    let ledger = names.ledger();
    let format = FORMAT.to_string();
    for facts in delete {
        driver.execute(&format!("DELETE FROM {ledger} WHERE revision = $1"), &[Some(facts.revision)])?;
        append(driver, names, "unstamp", facts, None, None)?;
    }
    for facts in insert {
        driver.execute(
            &format!(
                "INSERT INTO {ledger} (revision, state, checksum, message, applied_by, binary_version, format) \
                 VALUES ($1, 'applied', $2, $3, $4, $5, CAST($6 AS integer))"
            ),
            &[
                Some(facts.revision),
                facts.checksum,
                Some(facts.message),
                Some(facts.applied_by),
                Some(facts.binary_version),
                Some(&format),
            ],
        )?;
        append(driver, names, "stamp", facts, None, None)?;
    }
    Ok(())
}

pub(super) fn append(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    kind: &str,
    facts: &Facts<'_>,
    duration_ms: Option<u64>,
    detail: Option<&str>,
) -> QueryResult<()> {
    let duration = duration_ms.map(|ms| ms.to_string());
    let detail = detail.map(storable);
    driver.execute(
        &format!(
            "INSERT INTO {} (kind, revision, duration_ms, detail, applied_by, binary_version) \
             VALUES ($1, $2, CAST($3 AS bigint), $4, $5, $6)",
            names.event()
        ),
        &[
            Some(kind),
            Some(facts.revision),
            duration.as_deref(),
            detail.as_deref(),
            Some(facts.applied_by),
            Some(facts.binary_version),
        ],
    )?;
    Ok(())
}

fn locked_state(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
) -> QueryResult<Option<(RowState, String)>> {
    let lock = if driver.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
    select_state(driver, names, revision, lock)
}

fn state_of(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
) -> QueryResult<Option<(RowState, String)>> {
    select_state(driver, names, revision, "")
}

fn select_state(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    suffix: &str,
) -> QueryResult<Option<(RowState, String)>> {
    let sql = format!("SELECT state, applied_by FROM {} WHERE revision = $1{suffix}", names.ledger());
    let rows = driver.query(&sql, &[Some(revision)])?;
    Ok(rows.into_iter().next().and_then(|mut row| {
        let applied_by = row.pop().flatten().unwrap_or_default();
        let state = row.pop().flatten()?;
        Some((RowState::parse(&state)?, applied_by))
    }))
}
