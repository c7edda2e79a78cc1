//! What the batches change, seen in rows of the sample that are done once more.

use std::collections::BTreeMap;
use std::time::Instant;

use super::attempt::Fallen;
use super::rest::Part;
use super::sample::Sample;
use super::stage::{SNAPSHOT, Stage};
use crate::catalog::ObjectName;
use crate::connection::Dialect;
use crate::rehearsal::{Counts, Stretch, TableChanges, Watch};
use crate::runner::error::Error;

/// How many rows of the backfill are done for examples, and how many of a table's rows are kept.
const EXAMPLES: u32 = 50;

/// The tables that are written, with examples.
#[derive(Default)]
pub(super) struct Examples {
    pub(super) tables: Vec<TableChanges>,
    pub(super) counted_rows: u64,
    pub(super) unseen: Option<String>,
}

impl Examples {
    pub(super) fn of(stage: &mut Stage<'_, '_, '_>, sample: &Sample) -> Result<Self, Fallen> {
        let is_postgres = stage.run.host.driver().dialect() == Dialect::Postgres;
        let unseen = |reason: &str| Ok(Self { unseen: Some(reason.to_owned()), ..Self::default() });
        if sample.stretches.is_empty() {
            return Ok(Self::default());
        }
        if is_postgres && !sample.counts {
            return unseen("the server does not count what is written: `track_counts` is off");
        }
        if is_postgres && sample.written.is_empty() {
            return Ok(Self { counted_rows: sample.rows, ..Self::default() });
        }
        // On PostgreSQL a few rows, for their versions are searched. On SQLite all, for that is what counts them.
        let mode = if is_postgres { SNAPSHOT } else { "" };
        let watched = stage.rolled_back(stage.limits.for_examples(), mode, |stage| {
            let stretches =
                if is_postgres { few(stage, &sample.stretches)? } else { sample.stretches.clone() };
            watch(stage, sample, &stretches)
        });
        let Watched { changes, rows, fault } = match watched {
            Ok(watched) => watched,
            // The sample itself went well.
            Err(Fallen::Error(Error::Database(error))) => {
                return unseen(&format!("the changed rows cannot be read: {error}"));
            }
            Err(fallen) => return Err(fallen),
        };
        let unseen =
            fault.map(|error| format!("rows that went well before fail when they are done again: {error}"));
        let counted_rows = if is_postgres { sample.rows } else { rows };
        Ok(Self { tables: merged(changes, &sample.written), counted_rows, unseen })
    }

    /// Whether nothing was written, as far as that is known.
    pub(super) fn is_untouched(&self) -> bool {
        self.tables.is_empty() && self.unseen.is_none()
    }
}

type Changes = BTreeMap<ObjectName, TableChanges>;

struct Watched {
    changes: Changes,
    /// Of how many rows.
    rows: u64,
    /// What failed, and ended it.
    fault: Option<String>,
}

/// Does the stretches while they are watched, as many as there is time for.
fn watch(stage: &mut Stage<'_, '_, '_>, sample: &Sample, stretches: &[Stretch]) -> Result<Watched, Fallen> {
    let names = stage.run.names.clone();
    let written: Vec<_> = sample.written.keys().cloned().collect();
    let watch = Watch::begin(stage.run.host.driver(), &names, &written, stretches)?;
    let (mut fault, mut rows) = (None, 0);
    let deadline = Instant::now() + stage.limits.for_examples() / 2;
    let shares = shares(stretches.iter().map(|stretch| stretch.rows).collect(), EXAMPLES);
    // A row of the backfill may stand for several rows of a table.
    let least = EXAMPLES.div_ceil(u32::try_from(stretches.len()).unwrap_or(u32::MAX));
    for (stretch, share) in stretches.iter().zip(shares) {
        watch.allow(stage.run.host.driver(), share.max(least))?;
        stage.begin()?;
        match stage.ask(part_of(stretch).apply(stretch.rows))? {
            Ok(answer) => rows += u64::from(answer.rows),
            Err(failed) => {
                stage.rollback()?;
                fault = Some(failed.in_full());
                break;
            }
        }
        stage.release()?;
        if Instant::now() >= deadline {
            break;
        }
    }
    Ok(Watched { changes: watch.changes(stage.run.host.driver())?, rows, fault })
}

/// The first rows of each place.
fn few(stage: &mut Stage<'_, '_, '_>, stretches: &[Stretch]) -> Result<Vec<Stretch>, Fallen> {
    let mut places: BTreeMap<usize, u32> = BTreeMap::new();
    for stretch in stretches {
        *places.entry(stretch.place).or_default() += stretch.rows;
    }
    let shares = shares(places.values().copied().collect(), EXAMPLES);
    let mut wanted: BTreeMap<_, _> = places.into_keys().zip(shares).collect();
    let mut few = Vec::new();
    for stretch in stretches {
        let Some(rows) = wanted.get_mut(&stretch.place).filter(|rows| **rows > 0) else { continue };
        let taken = stretch.rows.min(*rows);
        *rows -= taken;
        if taken == stretch.rows {
            few.push(stretch.clone());
            continue;
        }
        stage.begin()?;
        let answer = stage.ask(part_of(stretch).read(taken));
        stage.rollback()?;
        if let Some(last) = answer?.ok().and_then(|answer| answer.last) {
            few.push(Stretch { last, rows: taken, ..stretch.clone() });
        }
    }
    Ok(few)
}

fn part_of(stretch: &Stretch) -> Part {
    Part { after: stretch.after.clone(), until: Some(stretch.last.clone()) }
}

/// The examples with the counts of the whole sample, where those are known apart.
fn merged(mut changes: Changes, written: &BTreeMap<ObjectName, Counts>) -> Vec<TableChanges> {
    for (table, counts) in written {
        if let Some(seen) = changes.remove(table) {
            changes.insert(table.clone(), seen.counted(*counts));
        } else {
            let gone = "it is gone when the batch is taken back: a temporary table of the backfill";
            let told = TableChanges::unseen(table.clone(), *counts, gone);
            changes.insert(table.clone(), told);
        }
    }
    changes.into_values().map(|changes| changes.with_few_examples(EXAMPLES)).collect()
}

/// Shares so many among those who have this much, as evenly as they can take it.
fn shares(have: Vec<u32>, mut total: u32) -> Vec<u32> {
    let mut from_least: Vec<_> = (0..have.len()).collect();
    from_least.sort_by_key(|at| have[*at]);
    let mut shares = have;
    let mut takers = u32::try_from(shares.len()).unwrap_or(u32::MAX);
    for at in from_least {
        shares[at] = shares[at].min(total.div_ceil(takers));
        total -= shares[at];
        takers -= 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_cannot_take_is_for_the_others() {
        assert_eq!(shares(vec![1, 100, 20, 1], 50), [1, 28, 20, 1]);
        assert_eq!(shares(vec![100, 100, 100], 50), [17, 17, 16]);
        assert_eq!(shares(vec![3, 4], 50), [3, 4]);
        assert!(shares(Vec::new(), 50).is_empty());
    }

    #[test]
    fn more_takers_than_there_is_get_nothing_in_the_end() {
        assert_eq!(shares(vec![9, 9, 9, 9], 2), [1, 1, 0, 0]);
    }
}
