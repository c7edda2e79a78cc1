use diesel::QueryResult;

use super::{Held, LockHolder, LockRequest, Lost};
use crate::connection::{Driver, TextRow};
use crate::ledger::{self, LedgerNames};

/// How long a lease lives without being renewed. Each step renews it, and keeps the row locked while it runs.
const TTL: &str = "interval '30 seconds'";

/// The same for a step outside a transaction, which holds no row lock and cannot renew while it runs.
const TTL_OUTSIDE_TRANSACTION: &str = "interval '1 hour'";

pub(super) fn try_acquire(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<Held>> {
    // Every statement stands in a transaction, so that a pooler keeps them on one server connection.
    driver.begin("")?;
    let outcome = attempt(driver, request);
    match &outcome {
        Ok(_) => driver.commit()?,
        Err(_) => driver.rollback()?,
    }
    outcome
}

fn attempt(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<Held>> {
    let schema = ledger::locate(driver, request.names)?;
    let names = request.names.within(schema.clone());
    if !ledger::exists(driver, &names)? {
        ledger::create(driver, &names)?;
    }
    let lease = names.lease();
    // Only when there is none: an insertion that conflicts waits for whoever has the row locked.
    driver.execute(
        &format!(
            "INSERT INTO {lease} (name, token, acquired_at, expires_at) \
             SELECT 'run', 0, clock_timestamp(), '-infinity' \
             WHERE NOT EXISTS (SELECT 1 FROM {lease} WHERE name = 'run') ON CONFLICT DO NOTHING"
        ),
        &[],
    )?;
    // A row that another transaction holds belongs to a step at work, however old the lease is.
    let token = first(driver.query(
        &format!(
            "UPDATE {lease} SET token = token + 1, holder = $1, acquired_at = clock_timestamp(), \
             expires_at = clock_timestamp() + {TTL} WHERE name IN (SELECT name FROM {lease} \
             WHERE name = 'run' AND expires_at < clock_timestamp() FOR UPDATE SKIP LOCKED) \
             RETURNING CAST(token AS text)"
        ),
        &[Some(request.holder)],
    )?);
    Ok(token.map(|token| Held::Lease { token, schema }))
}

pub(super) fn renew(
    driver: &mut dyn Driver,
    names: &LedgerNames,
    token: &str,
    outside_transaction: bool,
) -> QueryResult<Result<(), Lost>> {
    let ttl = if outside_transaction { TTL_OUTSIDE_TRANSACTION } else { TTL };
    let renewed = driver.execute(
        &format!(
            "UPDATE {} SET expires_at = clock_timestamp() + {ttl} \
             WHERE name = 'run' AND token = CAST($1 AS bigint)",
            names.lease()
        ),
        &[Some(token)],
    )?;
    Ok(if renewed == 1 { Ok(()) } else { Err(Lost::LeaseTaken) })
}

pub(super) fn release(driver: &mut dyn Driver, names: &LedgerNames, token: &str) -> QueryResult<()> {
    driver
        .execute(
            &format!(
                "UPDATE {} SET holder = NULL, expires_at = '-infinity' \
                 WHERE name = 'run' AND token = CAST($1 AS bigint)",
                names.lease()
            ),
            &[Some(token)],
        )
        .map(drop)
}

pub(super) fn holder(driver: &mut dyn Driver, request: &LockRequest<'_>) -> QueryResult<Option<LockHolder>> {
    let rows = driver.query(
        &format!(
            "SELECT holder, to_char(acquired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \
             FROM {} WHERE name = 'run' AND holder IS NOT NULL",
            request.names.lease()
        ),
        &[],
    )?;
    Ok(rows.into_iter().next().map(|row| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        LockHolder { who: columns.next().unwrap_or_default(), since: columns.next().unwrap_or_default() }
    }))
}

fn first(rows: Vec<TextRow>) -> Option<String> {
    rows.into_iter().next()?.into_iter().next()?
}
