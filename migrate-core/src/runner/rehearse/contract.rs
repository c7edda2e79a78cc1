//! Whether a backfill keeps its contract, as far as reading its first rows can tell.

use super::attempt::Fallen;
use super::rest::Part;
use super::stage::Stage;
use crate::connection::{Dialect, classify};
use crate::error::BodyError;
use crate::rehearsal::Finding;
use crate::runner::backfill::FailedAt;

/// How many rows are read.
const ROWS: u32 = 20;

/// Reads the first rows of a part in several ways, which have to fit together.
pub(super) fn findings(stage: &mut Stage<'_, '_, '_>, part: &Part) -> Result<Vec<Finding>, Fallen> {
    stage.begin()?;
    let broken = broken(stage, part);
    stage.rollback()?;
    let finding = |error| Finding::Contract { after: part.after.clone(), error };
    Ok(broken?.map(finding).into_iter().collect())
}

/// What of the contract is broken.
fn broken(stage: &mut Stage<'_, '_, '_>, part: &Part) -> Result<Option<String>, Fallen> {
    let says = |text: &str| Ok(Some(text.to_owned()));
    let all = match stage.ask(part.read(ROWS))? {
        Ok(all) if all.rows > 1 => all,
        Err(failed) if failed.place == FailedAt::Contract => return says(&failed.in_full()),
        // What cannot be read is found in the sample, with its place.
        Ok(_) | Err(_) => return Ok(None),
    };
    let half = all.rows / 2;
    let first = stage.ask(part.read(half))?.unwrap_or_default();
    let Some(middle) = first.last.clone().filter(|_| first.rows == half) else {
        return says("`rows` returns fewer rows when it is asked for fewer, but not that many");
    };
    let beyond = Part { after: Some(middle.clone()), until: part.until.clone() };
    let up_to = Part { after: part.after.clone(), until: Some(middle.clone()) };
    let nothing = Part { after: Some(middle.clone()), until: Some(middle) };
    match stage.ask(nothing.read(ROWS))? {
        Err(failed) => return says(&failed.in_full()),
        Ok(answer) if answer.rows > 0 => {
            return says("`rows` does not heed the span's end: filter by `span.contains(…)`");
        }
        Ok(_) => {}
    }
    match stage.ask(up_to.read(ROWS))? {
        Ok(answer) if answer.rows == half && answer.last == first.last => {}
        _ => return says("the rows are not in the order of their keys, or the key is not unique"),
    }
    match stage.ask(beyond.read(all.rows - half))? {
        Err(failed) => says(&failed.in_full()),
        Ok(answer) if answer.last != all.last => says(
            "`rows` returns other rows when they are read in two parts: the key is not unique, or not what they are \
             ordered by",
        ),
        Ok(_) => Ok(None),
    }
}

/// What a commit would check.
///
/// In a savepoint of its own, so that constraints stay as deferred as they were. SQLite tells at a commit alone.
pub(super) fn deferred(stage: &mut Stage<'_, '_, '_>) -> Result<Result<(), BodyError>, Fallen> {
    if stage.dialect() != Dialect::Postgres {
        return Ok(Ok(()));
    }
    stage.begin()?;
    let checked = stage.run.host.driver().batch("SET CONSTRAINTS ALL IMMEDIATE");
    stage.rollback()?;
    match checked {
        Err(error) if classify(&error).is_transient() => Err(error.into()),
        checked => Ok(checked.map_err(BodyError::from)),
    }
}
