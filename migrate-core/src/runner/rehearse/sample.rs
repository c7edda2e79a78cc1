//! The sample: batches from several places of the table, measured, in one transaction.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use super::attempt::Fallen;
use super::contract;
use super::place::{Place, Size};
use super::rest::Rest;
use super::stage::Stage;
use crate::backfill::{Next, Request};
use crate::catalog::ObjectName;
use crate::connection::Dialect;
use crate::rehearsal::{Activity, Counts, Ended, Finding, Measure, Stretch, bad_rows};
use crate::runner::backfill::{Failed, FailedAt};

/// How many batches it has at least, if it has that many rows: quantiles want some.
const BATCHES: u32 = 10;

/// After so many bad rows there are enough to see what is wrong.
const BAD_ROWS: u64 = 20;

/// What is found out by doing rows.
pub(super) struct Sample {
    pub(super) rows: u64,
    pub(super) ended: Ended,
    pub(super) measures: Vec<Measure>,
    /// In the order in which they were done.
    pub(super) stretches: Vec<Stretch>,
    /// What was written, as far as the server counts it.
    pub(super) written: BTreeMap<ObjectName, Counts>,
    /// Whether it does.
    pub(super) counts: bool,
    pub(super) growth_bytes: Option<u64>,
    pub(super) findings: Vec<Finding>,
    deadline: Instant,
}

impl Sample {
    /// Does as many rows as were asked for; `counted` is how many remain, when that can be asked again quickly.
    pub(super) fn take(
        stage: &mut Stage<'_, '_, '_>,
        rest: &Rest,
        counted: Option<u64>,
    ) -> Result<Self, Fallen> {
        let mut sample = Self {
            rows: 0,
            ended: Ended::Full,
            measures: Vec::new(),
            stretches: Vec::new(),
            written: BTreeMap::new(),
            counts: true,
            growth_bytes: None,
            findings: Vec::new(),
            deadline: Instant::now() + stage.limits.time,
        };
        let pages = pages(stage)?;
        let rows = stage.limits.rows.max(1);
        let size = Size {
            rows: (rows / BATCHES).clamp(1, stage.settings.pace.start.max(1)),
            time: stage.limits.time / BATCHES,
        };
        let parts = sample.scout(stage, rest)?.into_iter().enumerate();
        sample.visit(stage, rows, parts.map(|(number, part)| Place::new(number, part, size)).collect())?;
        sample.growth_bytes = match (pages, self::pages(stage)?) {
            (Some(before), Some(after)) => Some(after.saturating_sub(before)),
            _ => None,
        };
        if let Some(before) = counted.filter(|before| *before > 0 && sample.rows > 0) {
            sample.count_again(stage, before)?;
        }
        Ok(sample)
    }

    /// Visits the places in turns, so that each of them is seen also where there is little time.
    fn visit(
        &mut self,
        stage: &mut Stage<'_, '_, '_>,
        rows: u32,
        mut places: VecDeque<Place>,
    ) -> Result<(), Fallen> {
        while let Some(mut place) = places.pop_front() {
            let done = u32::try_from(self.rows).unwrap_or(u32::MAX);
            let left = rows.saturating_sub(done);
            if left == 0 || self.is_over(stage) {
                return Ok(());
            }
            let goes_on = self.turn(stage, &mut place, left)?;
            if self.ended != Ended::Full {
                return Ok(());
            }
            if goes_on {
                places.push_back(place);
            }
        }
        self.ended = Ended::AllRows;
        Ok(())
    }

    /// Does what comes next of a place, at most `left` rows; whether there is more of it.
    fn turn(&mut self, stage: &mut Stage<'_, '_, '_>, place: &mut Place, left: u32) -> Result<bool, Fallen> {
        match place.next() {
            Next::Finished => return Ok(false),
            Next::GiveUp => self.give_up(place),
            Next::Reject => match place.failed.as_ref().and_then(|failed| failed.key.clone()) {
                Some(key) => self.go_past(place, key),
                None => self.give_up(place),
            },
            Next::Batch { limit } | Next::Again { limit, .. } => {
                match self.batch(stage, place, limit.min(left))? {
                    Ok(Some(measure)) => place.done(measure.rows, measure.took),
                    Ok(None) => return Ok(false),
                    Err(failed) => place.failed(failed),
                }
            }
        }
        Ok(true)
    }

    fn is_over(&mut self, stage: &Stage<'_, '_, '_>) -> bool {
        if stage.run.options.stop.is_set() {
            self.ended = Ended::Stopped;
        } else if Instant::now() >= self.deadline {
            self.ended = Ended::OutOfTime;
        }
        self.ended != Ended::Full
    }

    /// Leaves a row behind that fails alone.
    fn go_past(&mut self, place: &mut Place, key: String) {
        let error = place.failed.take().map(|failed| failed.in_full()).unwrap_or_default();
        self.findings.push(Finding::Row { key: key.clone(), error });
        place.goes_past(key);
        if bad_rows(&self.findings) >= BAD_ROWS {
            self.ended = Ended::Failed;
        }
    }

    /// The sample ends at what cannot be gone past.
    fn give_up(&mut self, place: &mut Place) {
        self.ended = Ended::Failed;
        let Some(failed) = place.failed.take() else { return };
        let (after, error) = (place.part.after.clone(), failed.in_full());
        self.findings.push(match failed.place {
            FailedAt::Contract => Finding::Contract { after, error },
            _ => Finding::Unreadable { after, error },
        });
    }

    /// One batch in a savepoint, which is kept when it goes well; `None` when no row is left.
    fn batch(
        &mut self,
        stage: &mut Stage<'_, '_, '_>,
        place: &mut Place,
        limit: u32,
    ) -> Result<Result<Option<Measure>, Failed>, Fallen> {
        stage.begin()?;
        let before = activity(stage)?;
        let log_before = log_position(stage)?;
        let began = Instant::now();
        let asked = stage.ask(place.part.apply(limit))?;
        let took = began.elapsed();
        let done = match asked {
            Ok(answer) => {
                let log_after = log_position(stage)?;
                match contract::deferred(stage)? {
                    Ok(()) => Ok((answer, log_after)),
                    Err(error) => Err(Failed::applying(error, &answer)),
                }
            }
            Err(failed) => Err(failed),
        };
        let (answer, log_after) = match done {
            Ok(done) => done,
            Err(failed) => {
                stage.rollback()?;
                return Ok(Err(failed));
            }
        };
        let after = activity(stage)?;
        stage.release()?;
        let Some(last) = answer.last else { return Ok(Ok(None)) };
        if let Some((before, after)) = before.zip(after) {
            for (table, counts) in after.writes_since(&before) {
                self.written.entry(table).or_default().add(counts);
            }
        }
        let log_bytes = log_before.zip(log_after).map(|(before, after)| after.saturating_sub(before));
        let measure = Measure { rows: answer.rows, took, log_bytes };
        self.measures.push(measure);
        self.rows += u64::from(answer.rows);
        let after = place.part.after.replace(last.clone());
        self.stretches.push(Stretch { after, last, rows: answer.rows, place: place.number });
        Ok(Ok(Some(measure)))
    }

    /// Whether the rows that were done count as done.
    fn count_again(&mut self, stage: &mut Stage<'_, '_, '_>, before: u64) -> Result<(), Fallen> {
        stage.begin()?;
        let answer = stage.ask(Request::Remaining)?;
        stage.rollback()?;
        let remaining = answer.ok().map(|answer| answer.remaining);
        if let Some(remaining) = remaining.filter(|now| u64::try_from(*now).is_ok_and(|now| now == before)) {
            self.findings.push(Finding::StillRemaining { remaining });
        }
        Ok(())
    }
}

pub(super) fn activity(stage: &mut Stage<'_, '_, '_>) -> Result<Option<Activity>, Fallen> {
    let driver = stage.run.host.driver();
    match driver.dialect() {
        Dialect::Postgres => Ok(Activity::read(driver)?),
        _ => Ok(None),
    }
}

/// How many bytes the server has ever written to its write-ahead log.
fn log_position(stage: &mut Stage<'_, '_, '_>) -> Result<Option<u64>, Fallen> {
    number(
        stage,
        Dialect::Postgres,
        "SELECT CAST(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS text)",
    )
}

/// How many bytes of an SQLite file hold something.
fn pages(stage: &mut Stage<'_, '_, '_>) -> Result<Option<u64>, Fallen> {
    number(
        stage,
        Dialect::Sqlite,
        "SELECT CAST((page_count - freelist_count) * page_size AS text) \
         FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    )
}

/// A number that one of the servers alone knows.
fn number(stage: &mut Stage<'_, '_, '_>, dialect: Dialect, sql: &str) -> Result<Option<u64>, Fallen> {
    let driver = stage.run.host.driver();
    if driver.dialect() != dialect {
        return Ok(None);
    }
    let rows = driver.query(sql, &[])?;
    Ok(rows.into_iter().flatten().flatten().next().and_then(|number| number.parse().ok()))
}
