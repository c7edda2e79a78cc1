//! When the next batch is to wait: for standbys that are behind, or because the backfill says so.

use std::time::{Duration, Instant};

use super::fault::{Quit, Stop};
use super::worker::Worker;
use crate::backfill::{BackfillError, Request};
use crate::connection::{Dialect, TextRow};
use crate::runner::event::Event;

/// What a worker remembers of its throttles.
#[derive(Debug, Default)]
pub(super) struct Governor {
    asked: Option<Instant>,
    told: Option<Instant>,
    /// Whether it was said that the lag cannot be seen.
    is_blind: bool,
}

/// How far the standbys are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lag {
    None,
    /// The one that is furthest behind.
    Of(Duration),
    /// There are some, and this login may not see how they are.
    Hidden,
}

/// How often standbys and backfills are asked.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often it is said why the work stands still.
const TOLD: Duration = Duration::from_secs(10);

impl Worker<'_> {
    /// Why the next batch is to wait, if it is; found out at most once a second.
    pub(super) fn reason_to_wait(&mut self) -> Result<Option<String>, Quit> {
        if self.governor.asked.is_some_and(|at| at.elapsed() < INTERVAL) {
            return Ok(None);
        }
        self.governor.asked = Some(Instant::now());
        let reason = match self.lag()? {
            Some(reason) => Some(reason),
            None => self.ask_backfill()?,
        };
        if reason.is_some() {
            // Whoever waits asks again each time before it goes on.
            self.governor.asked = None;
        }
        Ok(reason)
    }

    /// Says why it waits, now and then.
    pub(super) fn say_that_it_waits(&mut self, reason: String) {
        if self.governor.told.is_none_or(|at| at.elapsed() >= TOLD) {
            self.governor.told = Some(Instant::now());
            self.job.emit(&Event::HeldBack { revision: self.job.revision().to_owned(), reason });
        }
    }

    fn lag(&mut self) -> Result<Option<String>, Quit> {
        let Some(limit) = self.job.options.throttle.max_lag else { return Ok(None) };
        if self.host.driver().dialect() != Dialect::Postgres {
            return Ok(None);
        }
        // A standby that has nothing to replay reports no lag. What this login may not see has no state.
        let sql = "SELECT CASE WHEN state IS NOT NULL THEN 'seen' END, \
                   CAST(CAST(extract(epoch FROM replay_lag) * 1000 AS bigint) AS text) FROM pg_stat_replication";
        let rows = self.insist(|worker| Ok(worker.host.driver().query(sql, &[])?));
        let lag = lag(rows.map_err(Stop::without_piece)?);
        if lag == Lag::Hidden && !self.governor.is_blind {
            self.governor.is_blind = true;
            self.job.emit(&Event::LagUnknown { revision: self.job.revision().to_owned() });
        }
        Ok(match lag {
            Lag::Of(lag) if lag > limit => Some(format!("a standby is {:.1} s behind", lag.as_secs_f64())),
            _ => None,
        })
    }

    fn ask_backfill(&mut self) -> Result<Option<String>, Quit> {
        let asked = self.insist(|worker| {
            worker.begin(None)?;
            let hold = worker.ask(Request::Throttle)?.hold;
            worker.host.driver().commit()?;
            Ok(hold)
        });
        asked.map_err(|stop| match stop {
            Stop::Batch(failed) if !failed.is_lost_connection() => {
                BackfillError::Throttle(failed.cause).into()
            }
            stop => stop.without_piece(),
        })
    }
}

fn lag(rows: Vec<TextRow>) -> Lag {
    let mut worst = Lag::None;
    for row in rows {
        let mut columns = row.into_iter();
        let (seen, lag) = (columns.next().flatten(), columns.next().flatten());
        let lag = lag.and_then(|lag| lag.parse().ok()).map(Duration::from_millis);
        worst = match (worst, seen, lag) {
            (Lag::Of(before), Some(_), Some(lag)) => Lag::Of(before.max(lag)),
            (Lag::None | Lag::Hidden, Some(_), Some(lag)) => Lag::Of(lag),
            (Lag::None, None, _) => Lag::Hidden,
            (worst, ..) => worst,
        };
    }
    worst
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seen: bool, lag: Option<&str>) -> TextRow {
        vec![seen.then(|| "seen".to_owned()), lag.map(str::to_owned)]
    }

    #[test]
    fn the_standby_that_is_furthest_behind_counts() {
        assert_eq!(lag(vec![]), Lag::None);
        assert_eq!(lag(vec![row(true, None)]), Lag::None);
        let rows =
            vec![row(true, Some("20")), row(true, Some("1500")), row(true, None), row(true, Some("3"))];
        assert_eq!(lag(rows), Lag::Of(Duration::from_millis(1_500)));
    }

    #[test]
    fn what_may_not_be_seen_is_not_taken_for_no_lag() {
        assert_eq!(lag(vec![row(true, None), row(false, None)]), Lag::Hidden);
        assert_eq!(lag(vec![row(false, None), row(true, Some("7"))]), Lag::Of(Duration::from_millis(7)));
    }
}
