//! Upgrades that leave backfills for later, and backfills that are half done, in every view.

mod half_done;
mod upgrades;
mod views;

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use migrate_core::runner::{DeferredRevision, Event, Report, StopFlag};
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::backfills::Append;
use migrate_tests::testkit::{History, Step};

/// ```text
///      c1    d1 ~ ~> b1
///      |     |
///      b1    s1          (b1 is the backfill)
///        \  /
///         a1
/// ```
fn around(append: Append) -> History {
    History::new()
        .with(Step::new("a1"))
        .with_backfill("b1", &["a1"], append)
        .with(Step::new("c1").on(&["b1"]))
        .with(Step::new("s1").on(&["a1"]))
        .with(Step::new("d1").on(&["s1"]).depends_on(&["b1"]))
}

fn plain() -> Migrator<AnyConnection> {
    around(Append::default()).migrator()
}

fn deferring(migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    let options = Options { defer_backfills: true, ..migrator.options().clone() };
    migrator.with_options(options)
}

/// Stops a backfill after so many batches.
fn stopping_after(batches: u64, migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    let stop = StopFlag::default();
    let options = Options { stop: stop.clone(), ..migrator.options().clone() };
    migrator.with_options(options).on_event(move |event| {
        if matches!(event, Event::Progress { progress, .. } if progress.batches == batches) {
            stop.set();
        }
    })
}

/// What was left for later, as `revision: what it waits for`.
fn left(report: &Report) -> Vec<String> {
    let words = |left: &DeferredRevision| format!("{}: {}", left.revision, left.waits_for.join(" "));
    report.deferred.iter().map(words).collect()
}

/// A run on another thread that stands still after its second batch.
struct Standing {
    stands: Receiver<()>,
    goes_on: Sender<()>,
}

impl Standing {
    /// Makes a migrator's run stand still; it has no run lock, like a worker.
    fn of(migrator: Migrator<AnyConnection>) -> (Migrator<AnyConnection>, Self) {
        let (stand, stands) = channel();
        let (goes_on, go_on) = channel();
        let go_on = Mutex::new(go_on);
        let options = Options { lock: migrate_core::runner::LockMode::None, ..migrator.options().clone() };
        let migrator = migrator.with_options(options).on_event(move |event| {
            if matches!(event, Event::Progress { progress, .. } if progress.batches == 2) {
                stand.send(()).expect("somebody waits");
                let _ = go_on.lock().expect("one run").recv();
            }
        });
        (migrator, Self { stands, goes_on })
    }

    /// Waits until the run stands still.
    fn wait(&self) {
        self.stands.recv_timeout(std::time::Duration::from_secs(60)).expect("two batches");
    }

    /// Lets it go on.
    fn release(self) {
        self.goes_on.send(()).expect("it stands");
    }
}
