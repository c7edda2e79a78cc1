//! Whether a backfill keeps its contract, as far as reading its first rows can tell.

use super::Stage;
use super::attempt::Fallen;
use crate::backfill::Fault;
use crate::connection::{Dialect, classify};
use crate::error::BodyError;
use crate::rehearsal::Finding;

/// How many rows are read.
const ROWS: u32 = 20;

/// Reads the first rows in several ways, which have to fit together.
pub(super) fn findings(stage: &mut Stage<'_, '_, '_>) -> Result<Vec<Finding>, Fallen> {
    stage.begin()?;
    let findings = read(stage);
    stage.rollback()?;
    Ok(findings?.into_iter().collect())
}

fn read(stage: &mut Stage<'_, '_, '_>) -> Result<Option<Finding>, Fallen> {
    let after = stage.after.map(str::to_owned);
    let contract =
        |error: &str| Ok(Some(Finding::Contract { after: after.clone(), error: error.to_owned() }));
    let all = stage.ask(stage.batch(stage.after, None, ROWS, false))?;
    match (all.fault, all.rows) {
        (Some(fault @ Fault::Contract(_)), _) => return contract(&fault.in_full()),
        // What cannot be read is found in the sample, with its place.
        (Some(_), _) | (None, ..2) => return Ok(None),
        (None, _) => {}
    }
    let half = all.rows / 2;
    let first = stage.ask(stage.batch(stage.after, None, half, false))?;
    let Some(middle) = first.last.clone().filter(|_| first.rows == half) else {
        return contract("`rows` returns fewer rows when it is asked for fewer, but not that many");
    };
    let nothing = stage.ask(stage.batch(Some(&middle), Some(&middle), ROWS, false))?;
    if let Some(fault) = nothing.fault {
        return contract(&fault.in_full());
    }
    if nothing.rows > 0 {
        return contract("`rows` does not heed the span's end: filter by `span.contains(…)`");
    }
    let until = stage.ask(stage.batch(stage.after, Some(&middle), ROWS, false))?;
    if until.fault.is_some() || until.rows != half || until.last != first.last {
        return contract("the rows are not in the order of their keys, or the key is not unique");
    }
    let rest = stage.ask(stage.batch(Some(&middle), None, all.rows - half, false))?;
    if let Some(fault) = rest.fault {
        return contract(&fault.in_full());
    }
    if rest.last != all.last {
        return contract(
            "`rows` returns other rows when they are read in two parts: the key is not unique, or not what they are ordered by",
        );
    }
    Ok(None)
}

/// What a commit would check.
///
/// In a savepoint of its own, so that constraints stay as deferred as they were. SQLite tells at a commit alone.
pub(super) fn deferred(stage: &mut Stage<'_, '_, '_>) -> Result<Option<Fault<String>>, Fallen> {
    if stage.run.host.driver().dialect() != Dialect::Postgres {
        return Ok(None);
    }
    stage.begin()?;
    let checked = stage.run.host.driver().batch("SET CONSTRAINTS ALL IMMEDIATE");
    stage.rollback()?;
    match checked {
        Ok(()) => Ok(None),
        Err(error) if classify(&error).is_transient() => Err(error.into()),
        Err(error) => Ok(Some(Fault::Apply(BodyError::from(error), None))),
    }
}
