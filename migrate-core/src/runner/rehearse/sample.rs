//! The sample: batches from several places of the table, measured, in one transaction.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::attempt::Fallen;
use super::{SAMPLE_TIME, Stage, contract};
use crate::backfill::{Answer, Batcher, Fault, Next, Outcome, Pace, Request};
use crate::catalog::ObjectName;
use crate::connection::Dialect;
use crate::rehearsal::{self, Activity, Counts, Ended, Finding, Measure, Stretch, Watch};

/// From how many places of the table it is.
const PLACES: u32 = 5;

/// How many batches it has at least, if it has that many rows: quantiles want some.
const BATCHES: u32 = 10;

/// After so many bad rows there are enough to see what is wrong.
const BAD_ROWS: usize = 20;

/// What is found out by doing rows.
pub(super) struct Sample {
    pub(super) rows: u64,
    pub(super) places: usize,
    pub(super) ended: Ended,
    pub(super) measures: Vec<Measure>,
    pub(super) stretches: Vec<Stretch>,
    /// What was written, as far as the server counts it.
    pub(super) written: BTreeMap<ObjectName, Counts>,
    /// Whether it does.
    pub(super) counts: bool,
    pub(super) growth_bytes: Option<u64>,
    pub(super) findings: Vec<Finding>,
    deadline: Instant,
}

/// A part of the table in the order of its keys, and how far it is done.
struct Place {
    number: usize,
    position: Option<String>,
    until: Option<String>,
}

impl Sample {
    /// Does about that many rows; `counted` is how many remain, when that can be asked again quickly.
    pub(super) fn take(
        stage: &mut Stage<'_, '_, '_>,
        rows: u32,
        counted: Option<u64>,
    ) -> Result<Self, Fallen> {
        let mut sample = Self {
            rows: 0,
            places: 0,
            ended: Ended::Full,
            measures: Vec::new(),
            stretches: Vec::new(),
            written: BTreeMap::new(),
            counts: true,
            growth_bytes: None,
            findings: Vec::new(),
            deadline: Instant::now() + SAMPLE_TIME,
        };
        let pages = pages(stage)?;
        let bounds = sample.scout(stage)?;
        sample.visit(stage, rows.max(1), bounds)?;
        sample.growth_bytes = match (pages, self::pages(stage)?) {
            (Some(before), Some(after)) => Some(after.saturating_sub(before)),
            _ => None,
        };
        if let Some(before) = counted.filter(|before| *before > 0 && sample.rows > 0) {
            sample.count_again(stage, before)?;
        }
        Ok(sample)
    }

    /// Does the first row and takes it back: it warms up, and shows which tables there are and whether the contract is
    /// kept. Returns keys to begin further places after.
    fn scout(&mut self, stage: &mut Stage<'_, '_, '_>) -> Result<Vec<String>, Fallen> {
        stage.begin()?;
        let names = stage.run.names.clone();
        let driver = stage.run.host.driver();
        let watch = (driver.dialect() == Dialect::Sqlite)
            .then(|| Watch::begin(driver, &names, &[], &[]))
            .transpose()
            .unwrap_or_default();
        let before = activity(stage)?;
        self.counts = before.is_some();
        let answer = stage.ask(stage.batch(stage.after, None, 1, true))?;
        let used =
            if answer.fault.is_some() { Vec::new() } else { used(stage, before.as_ref(), watch.as_ref())? };
        stage.rollback()?;
        let Some(last) = answer.last else { return Ok(Vec::new()) };
        self.findings.extend(contract::findings(stage)?);
        if !self.findings.is_empty() {
            // Bounds that are not kept would have rows done twice.
            return Ok(Vec::new());
        }
        let count = usize::try_from(PLACES - 1).unwrap_or_default();
        let candidates = if used.is_empty() { tables(stage)? } else { used };
        let mut keys = rehearsal::places(stage.run.host.driver(), &candidates, &last, count);
        keys.dedup();
        Ok(keys)
    }

    fn visit(&mut self, stage: &mut Stage<'_, '_, '_>, rows: u32, bounds: Vec<String>) -> Result<(), Fallen> {
        let size = (rows / BATCHES).clamp(1, stage.settings.pace.start.max(1));
        let untils = bounds.iter().cloned().map(Some).chain([None]);
        let afters = [stage.after.map(str::to_owned)].into_iter().chain(bounds.iter().cloned().map(Some));
        let mut places: Vec<_> = afters
            .zip(untils)
            .enumerate()
            .map(|(number, (position, until))| Place { number, position, until })
            .collect();
        // What one place has too few of, others have.
        while !places.is_empty() {
            let mut unfinished = Vec::new();
            let count = places.len();
            for (number, mut place) in places.into_iter().enumerate() {
                let done = u32::try_from(self.rows).unwrap_or(u32::MAX);
                let left = rows.saturating_sub(done).div_ceil(u32::try_from(count - number).unwrap_or(1));
                if left == 0 {
                    return Ok(());
                }
                let is_finished = self.visit_place(stage, &mut place, left, size)?;
                if self.ended != Ended::Full {
                    return Ok(());
                }
                if !is_finished {
                    unfinished.push(place);
                }
            }
            places = unfinished;
        }
        self.ended = Ended::AllRows;
        Ok(())
    }

    /// Does up to `rows` rows of a place; whether that is all it has.
    fn visit_place(
        &mut self,
        stage: &mut Stage<'_, '_, '_>,
        place: &mut Place,
        rows: u32,
        size: u32,
    ) -> Result<bool, Fallen> {
        let steady = Pace { start: size, min: size, max: size, target: SAMPLE_TIME, rest: Duration::ZERO };
        let mut batcher = Batcher::new(steady, size, 0);
        let mut failed: Option<(Fault<String>, Answer)> = None;
        let enough = self.rows + u64::from(rows);
        loop {
            let next = batcher.next(Instant::now());
            let outcome = match next {
                Next::Finished => return Ok(true),
                Next::GiveUp => return self.give_up(place.position.clone(), failed.take()).map(|()| false),
                Next::Reject => {
                    let Some((fault, answer)) = failed.take() else { return Ok(false) };
                    let Some(key) = answer.last else {
                        return self.give_up(place.position.clone(), Some((fault, answer))).map(|()| false);
                    };
                    self.findings.push(Finding::Row { key: key.clone(), error: fault.in_full() });
                    place.position = Some(key);
                    if self.bad_rows() >= BAD_ROWS {
                        self.ended = Ended::Failed;
                        return Ok(false);
                    }
                    Outcome::Rejected
                }
                Next::Batch { limit } | Next::Again { limit, .. } => {
                    let left = u32::try_from(enough.saturating_sub(self.rows)).unwrap_or(u32::MAX);
                    if left == 0 || self.is_over(stage) {
                        return Ok(false);
                    }
                    match self.batch(stage, place, limit.min(left))? {
                        Ok(0) if limit > left => return Ok(true),
                        Ok(rows) => Outcome::Done { rows },
                        Err((fault, answer)) => {
                            let outcome = Outcome::Failed { failure: fault.failure(), rows: answer.rows };
                            failed = Some((fault, answer));
                            outcome
                        }
                    }
                }
            };
            batcher.told(outcome, Instant::now());
        }
    }

    fn is_over(&mut self, stage: &Stage<'_, '_, '_>) -> bool {
        if stage.run.options.stop.is_set() {
            self.ended = Ended::Stopped;
        } else if Instant::now() >= self.deadline {
            self.ended = Ended::OutOfTime;
        }
        self.ended != Ended::Full
    }

    fn bad_rows(&self) -> usize {
        self.findings.iter().filter(|finding| matches!(finding, Finding::Row { .. })).count()
    }

    /// A place ends at what cannot be gone past.
    fn give_up(
        &mut self,
        after: Option<String>,
        failed: Option<(Fault<String>, Answer)>,
    ) -> Result<(), Fallen> {
        if let Some((fault, _)) = failed {
            let error = fault.in_full();
            self.findings.push(match fault {
                Fault::Contract(_) => Finding::Contract { after, error },
                _ => Finding::Unreadable { after, error },
            });
        }
        self.ended = Ended::Failed;
        Ok(())
    }

    /// One batch in a savepoint, which is kept when it goes well.
    fn batch(
        &mut self,
        stage: &mut Stage<'_, '_, '_>,
        place: &mut Place,
        limit: u32,
    ) -> Result<Result<u32, (Fault<String>, Answer)>, Fallen> {
        stage.begin()?;
        let before = activity(stage)?;
        let log_before = log_position(stage)?;
        let request = stage.batch(place.position.as_deref(), place.until.as_deref(), limit, true);
        let began = Instant::now();
        let mut answer = stage.ask(request)?;
        let took = began.elapsed();
        let log_bytes = log_position(stage);
        let fault = match answer.fault.take() {
            None => contract::deferred(stage)?,
            fault => fault,
        };
        if let Some(fault) = fault {
            stage.rollback()?;
            return Ok(Err((fault, answer)));
        }
        let after = activity(stage)?;
        stage.release()?;
        let Some(last) = answer.last else { return Ok(Ok(0)) };
        for (table, counts) in
            before.zip(after).map(|(before, after)| after.writes_since(&before)).unwrap_or_default()
        {
            self.written.entry(table).or_default().add(counts);
        }
        let log_bytes = log_before.zip(log_bytes?).map(|(before, after)| after.saturating_sub(before));
        self.measures.push(Measure { rows: answer.rows, took, log_bytes });
        self.rows += u64::from(answer.rows);
        self.places = self.places.max(place.number + 1);
        let after = place.position.replace(last.clone());
        self.stretches.push(Stretch { after, last, rows: answer.rows, place: place.number });
        Ok(Ok(answer.rows))
    }

    /// Whether the rows that were done count as done.
    fn count_again(&mut self, stage: &mut Stage<'_, '_, '_>, before: u64) -> Result<(), Fallen> {
        stage.begin()?;
        let answer = stage.ask(Request::Remaining)?;
        stage.rollback()?;
        let still = answer.fault.is_none() && u64::try_from(answer.remaining).is_ok_and(|now| now == before);
        if still {
            self.findings.push(Finding::StillRemaining { remaining: answer.remaining });
        }
        Ok(())
    }
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

fn activity(stage: &mut Stage<'_, '_, '_>) -> Result<Option<Activity>, Fallen> {
    let driver = stage.run.host.driver();
    match driver.dialect() {
        Dialect::Postgres => Ok(Activity::read(driver)?),
        _ => Ok(None),
    }
}

/// How many bytes the server has ever written to its write-ahead log.
fn log_position(stage: &mut Stage<'_, '_, '_>) -> Result<Option<u64>, Fallen> {
    let driver = stage.run.host.driver();
    if driver.dialect() != Dialect::Postgres {
        return Ok(None);
    }
    let sql = "SELECT CAST(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS text)";
    let rows = driver.query(sql, &[])?;
    Ok(rows.into_iter().flatten().flatten().next().and_then(|bytes| bytes.parse().ok()))
}

/// How many bytes of an SQLite file hold something.
fn pages(stage: &mut Stage<'_, '_, '_>) -> Result<Option<u64>, Fallen> {
    let driver = stage.run.host.driver();
    if driver.dialect() != Dialect::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT CAST((page_count - freelist_count) * page_size AS text) \
               FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let rows = driver.query(sql, &[])?;
    Ok(rows.into_iter().flatten().flatten().next().and_then(|bytes| bytes.parse().ok()))
}
