//! The first row of a sample, which shows where to take the others from.

use super::attempt::Fallen;
use super::contract;
use super::rest::{Part, Rest};
use super::sample::{Sample, activity};
use super::stage::Stage;
use crate::catalog::ObjectName;
use crate::connection::Dialect;
use crate::rehearsal::{self, Activity, Watch};

/// From how many places of the table a sample is.
const PLACES: usize = 5;

impl Sample {
    /// Does the first row and takes it back: it warms up, and shows which tables there are and whether the contract is
    /// kept. Returns the places to visit.
    pub(super) fn scout(&mut self, stage: &mut Stage<'_, '_, '_>, rest: &Rest) -> Result<Vec<Part>, Fallen> {
        let mut places = some_of(&rest.parts);
        // The rest of the table can be divided; it is the last part.
        for part in rest.parts.iter().rev() {
            let Some((last, used)) = self.first_row(stage, part)? else { continue };
            self.findings.extend(contract::findings(stage, part)?);
            if !self.findings.is_empty() {
                // Bounds that are not kept would have rows done twice.
                places.truncate(1);
            } else if part.until.is_none() {
                let count = PLACES.saturating_sub(places.len());
                let candidates = if used.is_empty() { tables(stage)? } else { used };
                let mut keys = rehearsal::places(stage.run.host.driver(), &candidates, &last, count);
                keys.dedup();
                let open = places.pop().unwrap_or_default();
                places.extend(divided(&open, keys));
            }
            break;
        }
        Ok(places)
    }

    /// Does the first row of a part and takes it back. Returns its key, and the tables that it used.
    fn first_row(
        &mut self,
        stage: &mut Stage<'_, '_, '_>,
        part: &Part,
    ) -> Result<Option<(String, Vec<ObjectName>)>, Fallen> {
        stage.begin()?;
        let names = stage.run.names.clone();
        let driver = stage.run.host.driver();
        let watch = (driver.dialect() == Dialect::Sqlite)
            .then(|| Watch::begin(driver, &names, &[], &[]))
            .transpose()
            .unwrap_or_default();
        let before = activity(stage)?;
        self.counts = before.is_some();
        let (last, used) = match stage.ask(part.apply(1))? {
            Ok(answer) => (answer.last, used(stage, before.as_ref(), watch.as_ref())?),
            Err(failed) => (failed.key, Vec::new()),
        };
        stage.rollback()?;
        Ok(last.map(|last| (last, used)))
    }
}

/// As many of the parts as there are places, the first and the last among them.
fn some_of(parts: &[Part]) -> Vec<Part> {
    if parts.len() <= PLACES {
        return parts.to_vec();
    }
    (0..PLACES).map(|number| parts[number * (parts.len() - 1) / (PLACES - 1)].clone()).collect()
}

/// A part in several, each of which ends at a key that the next one begins after.
fn divided(part: &Part, keys: Vec<String>) -> Vec<Part> {
    let mut after = part.after.clone();
    let mut parts = Vec::new();
    for key in keys {
        parts.push(Part { after: after.replace(key.clone()), until: Some(key) });
    }
    parts.push(Part { after, until: part.until.clone() });
    parts
}

/// The tables that the first row used.
fn used(
    stage: &mut Stage<'_, '_, '_>,
    before: Option<&Activity>,
    watch: Option<&Watch>,
) -> Result<Vec<ObjectName>, Fallen> {
    let driver = stage.run.host.driver();
    if let Some(watch) = watch {
        let mut changed: Vec<_> = watch.changes(driver)?.into_values().collect();
        changed.sort_by_key(|changes| u64::MAX - changes.updated);
        return Ok(changed.into_iter().map(|changes| changes.table).collect());
    }
    let now = activity(stage)?;
    Ok(before.zip(now).map(|(before, now)| now.used_since(before)).unwrap_or_default())
}

/// All tables of an SQLite database.
fn tables(stage: &mut Stage<'_, '_, '_>) -> Result<Vec<ObjectName>, Fallen> {
    let driver = stage.run.host.driver();
    if driver.dialect() != Dialect::Sqlite {
        return Ok(Vec::new());
    }
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    Ok(driver.query(sql, &[])?.into_iter().flatten().flatten().map(ObjectName::bare).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(after: &str, until: &str) -> Part {
        let key = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Part { after: key(after), until: key(until) }
    }

    #[test]
    fn a_divided_part_leaves_nothing_out() {
        let keys = vec!["3".to_owned(), "5".to_owned()];
        assert_eq!(divided(&part("1", ""), keys), [part("1", "3"), part("3", "5"), part("5", "")]);
        assert_eq!(divided(&part("", ""), Vec::new()), [part("", "")]);
    }

    #[test]
    fn of_many_parts_the_first_and_the_last_are_visited() {
        let parts: Vec<_> = (0..9).map(|number| part(&number.to_string(), "")).collect();
        let visited: Vec<_> = some_of(&parts).into_iter().map(|part| part.after.unwrap()).collect();
        assert_eq!(visited, ["0", "2", "4", "6", "8"]);
        assert_eq!(some_of(&parts[..2]).len(), 2);
    }
}
