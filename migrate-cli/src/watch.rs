//! Tells how far a backfill is while it runs: a bar on a terminal, a line now and then in a log.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use migrate_core::runner::{BackfillProgress, Event};

use crate::render::meter::{Meter, Numbers};
use crate::ui::{Printer, Volume};

/// The least time between two pictures of the bar.
const REDRAW: Duration = Duration::from_millis(100);

/// The least time between two lines of a log.
const LOG: Duration = Duration::from_secs(10);

/// Watches the backfills of a run by its events, one after the other.
pub(crate) struct Watch {
    printer: Printer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The backfill that is under way.
    seen: Option<Seen>,
    /// What keeps it waiting, and since when that is known to the reader.
    held: Option<(Held, Instant)>,
    /// When the reader was last told that the connection is lost: each worker says so at each try.
    lost: Option<Instant>,
}

struct Seen {
    meter: Meter,
    /// When it was last told of.
    told: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Paused,
    /// For a reason that each batch does away with.
    Waiting(String),
}

impl Held {
    fn words(&self) -> String {
        match self {
            Self::Paused => "paused".to_owned(),
            Self::Waiting(reason) => format!("waiting: {reason}"),
        }
    }
}

impl Watch {
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, state: Mutex::default() }
    }

    /// Takes note of an event; true when the event needs no line of its own any more.
    pub(crate) fn event(&self, event: &Event) -> bool {
        let now = Instant::now();
        match event {
            Event::Progress { revision, progress } => {
                self.progress(revision, progress, now);
                false
            }
            Event::Finished { .. } => {
                self.end(now);
                false
            }
            Event::Paused { .. } => self.held(Some(Held::Paused), now),
            Event::Unpaused { .. } => self.held(None, now),
            Event::Reconnecting { .. } => self.lost(now),
            Event::HeldBack { reason, .. } => self.held(Some(Held::Waiting(reason.clone())), now),
            _ => false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self, revision: &str, progress: &BackfillProgress, now: Instant) {
        let mut guard = self.state();
        let state = &mut *guard;
        let is_other = |seen: &mut Seen| seen.meter.revision() != revision;
        if let Some(other) = state.seen.take_if(is_other) {
            self.say_last(&other.meter, now);
        }
        let numbers = numbers(progress);
        let seen = state.seen.get_or_insert_with(|| {
            let began = now.checked_sub(progress.elapsed).unwrap_or(now);
            let before = Numbers { rows: numbers.rows.saturating_sub(u64::from(progress.batch)), ..numbers };
            Seen { meter: Meter::new(revision, before, began), told: began }
        });
        // Who is paused ends the batch that was under way.
        if state.held.take_if(|(held, _)| *held != Held::Paused).is_some() {
            seen.meter.held(None, now);
        }
        seen.meter.told(numbers, now);
        self.show(seen, now, false);
    }

    /// Something keeps the backfill waiting, or no longer: each worker says so, and the reader is told once.
    fn held(&self, held: Option<Held>, now: Instant) -> bool {
        let mut guard = self.state();
        let state = &mut *guard;
        let is_known = match (&state.held, &held) {
            (None, None) | (Some((Held::Paused, _)), Some(Held::Paused)) => true,
            (Some((Held::Waiting(_), told)), Some(Held::Waiting(_))) => now.duration_since(*told) < LOG,
            _ => false,
        };
        let words = held.as_ref().map(Held::words);
        match (&mut state.held, held) {
            (Some((known, _)), Some(held)) if is_known => *known = held,
            (known, held) => *known = held.map(|held| (held, now)),
        }
        let Some(seen) = &mut state.seen else { return is_known };
        seen.meter.held(words, now);
        if self.printer.talk_width().is_some() {
            self.show(seen, now, true);
            return true;
        }
        is_known
    }

    /// A worker tries to connect again; true when the reader has heard of it a moment ago.
    fn lost(&self, now: Instant) -> bool {
        let told = &mut self.state().lost;
        let is_known = told.is_some_and(|told| now.saturating_duration_since(told) < LOG);
        if !is_known {
            *told = Some(now);
        }
        is_known
    }

    fn show(&self, seen: &mut Seen, now: Instant, at_once: bool) {
        // Whoever asked for quiet, or has a program read what happens, is not told.
        if self.is_silent() {
            return;
        }
        let passed = now.saturating_duration_since(seen.told);
        match self.printer.talk_width() {
            Some(columns) if at_once || passed >= REDRAW => {
                self.printer.pin(seen.meter.bar(self.printer.talk_palette(), columns));
            }
            None if passed >= LOG => self.printer.talk(seen.meter.line()),
            _ => return,
        }
        seen.told = now;
    }

    fn is_silent(&self) -> bool {
        self.printer.json() || self.printer.volume() < Volume::Normal
    }

    /// The backfill is done, or the run is at its end.
    fn end(&self, now: Instant) {
        if let Some(seen) = self.state().seen.take() {
            self.say_last(&seen.meter, now);
        }
    }

    fn say_last(&self, meter: &Meter, now: Instant) {
        self.printer.pin("");
        if !self.is_silent() {
            self.printer.talk(meter.last_line(now));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end(Instant::now());
    }
}

fn numbers(progress: &BackfillProgress) -> Numbers {
    let BackfillProgress { rows, batches, rejected, total, workers, .. } = *progress;
    Numbers { rows, batches, rejected, total, workers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Stream;

    #[test]
    fn a_lost_connection_is_told_once_and_not_by_each_worker_at_each_try() {
        let [stdout, stderr] = [Stream::piped(std::io::sink()), Stream::piped(std::io::sink())];
        let watch = Watch::new(Printer::new(stdout, stderr, [false; 2], Volume::Normal, false));
        let reconnecting = |attempt| Event::Reconnecting {
            revision: "b1".to_owned(),
            attempt,
            delay: Duration::from_millis(100),
            cause: "the server is down".to_owned(),
        };
        assert!(!watch.event(&reconnecting(1)), "the reader learns of it");
        assert!(watch.event(&reconnecting(1)), "another worker");
        assert!(watch.event(&reconnecting(2)), "another try");
        watch.state().lost = Instant::now().checked_sub(LOG);
        assert!(!watch.event(&reconnecting(7)), "it is still down");
    }
}
