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
    seen: Mutex<Option<Seen>>,
}

/// The backfill that is under way.
struct Seen {
    meter: Meter,
    /// When it was last told of.
    told: Instant,
}

impl Watch {
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, seen: Mutex::new(None) }
    }

    /// Takes note of an event.
    pub(crate) fn event(&self, event: &Event) {
        // Whoever asked for quiet, or has a program read what happens, is not told.
        if self.printer.json() || self.printer.volume() < Volume::Normal {
            return;
        }
        match event {
            Event::Progress { revision, progress } => self.progress(revision, progress, Instant::now()),
            Event::Finished { .. } => self.end(Instant::now()),
            _ => {}
        }
    }

    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self, revision: &str, progress: &BackfillProgress, now: Instant) {
        let mut guard = self.seen();
        let is_other = |seen: &mut Seen| seen.meter.revision() != revision;
        if let Some(other) = guard.take_if(is_other) {
            self.say_last(&other.meter, now);
        }
        let numbers = numbers(progress);
        let seen = guard.get_or_insert_with(|| {
            let began = now.checked_sub(progress.elapsed).unwrap_or(now);
            let before = Numbers { rows: numbers.rows.saturating_sub(u64::from(progress.batch)), ..numbers };
            Seen { meter: Meter::new(revision, before, began), told: began }
        });
        seen.meter.told(numbers, now);
        self.show(seen, now, false);
    }

    fn show(&self, seen: &mut Seen, now: Instant, at_once: bool) {
        let passed = now.saturating_duration_since(seen.told);
        match self.printer.talk_width() {
            Some(columns) if at_once || passed >= REDRAW => {
                self.printer.pin(seen.meter.bar(self.printer.talk_palette(), columns));
            }
            None if at_once || passed >= LOG => self.printer.talk(seen.meter.line()),
            _ => return,
        }
        seen.told = now;
    }

    /// The backfill is done, or the run is at its end.
    fn end(&self, now: Instant) {
        if let Some(seen) = self.seen().take() {
            self.say_last(&seen.meter, now);
        }
    }

    fn say_last(&self, meter: &Meter, now: Instant) {
        self.printer.pin("");
        self.printer.talk(meter.last_line(now));
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end(Instant::now());
    }
}

fn numbers(progress: &BackfillProgress) -> Numbers {
    let BackfillProgress { rows, batches, rejected, .. } = *progress;
    Numbers { rows, batches, rejected, total: None, workers: 1 }
}
