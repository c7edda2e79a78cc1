use diesel::QueryResult;

use super::{FORMAT, LedgerNames, RowState, now, placeholders};
use crate::connection::{Dialect, Driver};

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

/// Writes the row of an upgrade step, the first statement of its transaction (I3).
///
/// The row's primary key is the fence: a second runner waits here for the first one's transaction and then
/// finds the row. The parents are checked, and locked against removal, in the same statement, so the applied
/// set stays closed (I1) whatever became of the run lock. `backend` is the server process that took the
/// session lock: on another one nothing is written.
pub(crate) fn claim(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    state: RowState,
    parents: &[&str],
    backend: Option<&str>,
) -> QueryResult<Claim> {
    let ledger = names.ledger();
    let format = FORMAT.to_string();
    let mut binds = vec![
        Some(facts.revision),
        Some(state.as_str()),
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
    if driver.execute(&sql, &binds)? == 1 {
        return Ok(Claim::Ours);
    }
    Ok(match state_of(driver, names, facts.revision)? {
        Some((RowState::Applied, _)) => Claim::Done,
        Some((state, applied_by)) => Claim::Unfinished { state, applied_by },
        None => Claim::Diverged,
    })
}

/// Marks an upgrade step as done and appends its event, in the step's transaction.
pub(crate) fn finish_upgrade(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    duration_ms: u64,
) -> QueryResult<()> {
    let (dialect, duration) = (driver.dialect(), duration_ms.to_string());
    let update = format!(
        "UPDATE {} SET state = 'applied', applied_at = {}, duration_ms = CAST($1 AS bigint) WHERE revision = $2",
        names.ledger(),
        now(dialect)
    );
    match dialect {
        // One round trip for both.
        Dialect::Postgres => {
            let sql = format!(
                "WITH done AS ({update}) INSERT INTO {} (kind, revision, duration_ms, applied_by, binary_version) \
                 SELECT 'upgrade', $2, CAST($1 AS bigint), $3, $4",
                names.event()
            );
            let binds = [duration.as_str(), facts.revision, facts.applied_by, facts.binary_version].map(Some);
            driver.execute(&sql, &binds)?;
        }
        Dialect::Sqlite => {
            driver.execute(&update, &[Some(&duration), Some(facts.revision)])?;
            append(driver, names, "upgrade", facts, Some(duration_ms), None)?;
        }
    }
    Ok(())
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
) -> QueryResult<Claim> {
    let ledger = names.ledger();
    match locked_state(driver, names, revision)? {
        None => return Ok(Claim::Done),
        Some((RowState::Running, applied_by)) => {
            return Ok(Claim::Unfinished { state: RowState::Running, applied_by });
        }
        Some(_) => {}
    }
    let (guard, binds) = no_children(&ledger, revision, children);
    let deleted = driver.execute(&format!("DELETE FROM {ledger} WHERE revision = $1{guard}"), &binds)?;
    Ok(if deleted == 1 { Claim::Ours } else { Claim::Diverged })
}

/// Journals the start of a downgrade step that runs outside a transaction.
pub(crate) fn mark_reverting(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    revision: &str,
    children: &[&str],
) -> QueryResult<Claim> {
    let ledger = names.ledger();
    match locked_state(driver, names, revision)? {
        None => return Ok(Claim::Done),
        Some((RowState::Running, applied_by)) => {
            return Ok(Claim::Unfinished { state: RowState::Running, applied_by });
        }
        Some(_) => {}
    }
    let (guard, binds) = no_children(&ledger, revision, children);
    let sql = format!("UPDATE {ledger} SET state = 'reverting' WHERE revision = $1{guard}");
    Ok(if driver.execute(&sql, &binds)? == 1 { Claim::Ours } else { Claim::Diverged })
}

fn no_children<'a>(ledger: &str, revision: &'a str, children: &[&'a str]) -> (String, Vec<Option<&'a str>>) {
    let mut binds = vec![Some(revision)];
    if children.is_empty() {
        return (String::new(), binds);
    }
    binds.extend(children.iter().map(|child| Some(*child)));
    let list = placeholders(2, children.len());
    (format!(" AND NOT EXISTS (SELECT 1 FROM {ledger} AS child WHERE child.revision IN ({list}))"), binds)
}

/// Appends the event of a downgrade step, in the step's transaction.
pub(crate) fn finish_downgrade(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    facts: &Facts<'_>,
    duration_ms: u64,
) -> QueryResult<()> {
    append(driver, names, "downgrade", facts, Some(duration_ms), None)
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

/// Writes rows without running anything, and removes others; the caller holds a transaction.
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

fn append(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    kind: &str,
    facts: &Facts<'_>,
    duration_ms: Option<u64>,
    detail: Option<&str>,
) -> QueryResult<()> {
    let duration = duration_ms.map(|ms| ms.to_string());
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
            detail,
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
