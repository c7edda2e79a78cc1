//! The command line over a backfill of the table `items`: `a1` does nothing, `b1` appends a `+` to each text, in batches
//! of 50 rows that take `BATCH_MS` milliseconds.

use std::process::ExitCode;
use std::time::Duration;

use migrate_core::prelude::*;
use migrate_tests::backfills::Append;
use migrate_tests::testkit::{History, Step};

fn main() -> ExitCode {
    let time = std::env::var("BATCH_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let append =
        Append { pace: Pace { start: 50, min: 50, max: 50, ..Pace::default() }, ..Append::default() };
    let append = append.before_apply(move |_, _| {
        std::thread::sleep(Duration::from_millis(time));
        Ok(())
    });
    let history = History::new().with(Step::new("a1").up(|_| Ok(())).down(|_| Ok(())));
    let history = history.with_backfill("b1", &["a1"], append).silent();
    migrate_cli::run(history.manifest())
}
