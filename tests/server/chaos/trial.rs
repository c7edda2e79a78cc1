//! One backfill, and what is to be said of it once it is done.

use std::time::Duration;

use migrate_core::connection::Dialect;
use migrate_tests::backfills::create_items;
use migrate_tests::testkit::{Audit, Chance, Database, DoneAgain, Finished, Postgres, SqliteFile, Worker};
use tempfile::TempDir;

use crate::worker;

/// How many rows a batch has.
pub(super) const BATCH: u32 = 20;

/// A backfill of items, run by processes that can be disturbed.
pub(super) struct Trial {
    pub(super) database: Database,
    pub(super) audit: Audit,
    rows: u32,
    _directory: TempDir,
}

/// When to strike.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// So long after its start.
    Early(Duration),
    /// So long after it has begun so many batches.
    Within(usize, Duration),
    /// So long after it has begun the batch with the last row.
    Late(Duration),
}

impl Moment {
    /// Mostly within the batches, of which about `batches` go by; sometimes at the start or the end.
    pub(super) fn random(chance: &mut Chance, batches: u64) -> Self {
        let batch = Duration::from_millis(8);
        match chance.number(0..8) {
            0 | 1 => Self::Early(chance.time(Duration::from_millis(120))),
            2 => Self::Late(chance.time(batch)),
            _ => {
                let batches = chance.number(0..2 * batches);
                Self::Within(usize::try_from(batches).expect("few"), chance.time(batch))
            }
        }
    }
}

/// A fresh database of the same dialect.
pub(super) fn like(database: &Database) -> Database {
    match database.dialect() {
        Dialect::Sqlite => SqliteFile::new().into_database(),
        _ => Postgres::shared().database(),
    }
}

/// Prints what a test counted, for whoever runs it with `--no-capture`.
#[expect(clippy::print_stdout, reason = "the counts are what one runs it for")]
pub(super) fn report(counts: &str) {
    println!("{counts}");
}

impl Trial {
    /// With so many items, each with a text of its own.
    pub(super) fn new(database: Database, rows: u32) -> Self {
        create_items(&database, rows);
        database.execute("UPDATE items SET text = 'item ' || CAST(id AS text)");
        let directory = tempfile::tempdir().unwrap();
        Self { database, audit: Audit::at(directory.path().join("audit")), rows, _directory: directory }
    }

    /// Starts a process that upgrades the database.
    pub(super) fn start(&self, arguments: &[&str]) -> Worker {
        self.start_at(self.database.url(), arguments)
    }

    /// The same through another URL.
    pub(super) fn start_at(&self, url: &str, arguments: &[&str]) -> Worker {
        self.start_with(url, &[arguments, &["upgrade", "heads"]].concat())
    }

    /// Starts a process that works on the backfill, as one among others.
    pub(super) fn start_one_of_many(&self) -> Worker {
        self.start_with(self.database.url(), &["run", "b1"])
    }

    /// Starts a process with a command of its own.
    pub(super) fn start_with(&self, url: &str, arguments: &[&str]) -> Worker {
        let (audit, batch) = (self.audit.path().to_str().unwrap(), BATCH.to_string());
        worker::start(url, &[&["--audited", audit, &batch], arguments].concat())
    }

    /// Waits for the moment; `false` when the process ends before it.
    pub(super) fn wait(&self, worker: &mut Worker, moment: Moment) -> bool {
        let before = self.audit.attempts().len();
        let last = i64::from(2 * self.rows - 1);
        let (has_come, more): (&dyn Fn() -> bool, _) = match moment {
            Moment::Early(time) => (&|| true, time),
            Moment::Within(batches, time) => (&move || self.audit.attempts().len() >= before + batches, time),
            Moment::Late(time) => (
                &move || self.audit.attempts().iter().any(|attempt| attempt.keys.last() == Some(&last)),
                time,
            ),
        };
        while !has_come() {
            if !worker.is_running() {
                return false;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        std::thread::sleep(more);
        worker.is_running()
    }

    /// How the ledger has the backfill: `applied`, `running`, or nothing.
    pub(super) fn state(&self) -> Option<String> {
        let ledger = self.database.ledger();
        ledger.iter().find_map(|row| row.strip_prefix("b1 ")).map(str::to_owned)
    }

    /// Runs it undisturbed to its end.
    pub(super) fn finish(&self, arguments: &[&str]) -> Finished {
        let finished = self.start(arguments).finish();
        worker::assert_succeeded(&finished);
        finished
    }

    /// Starts one process after the other until one succeeds; returns how many failed, each of them with the `cause`.
    pub(super) fn finish_in_the_end(&self, url: &str, arguments: &[&str], cause: &str) -> u32 {
        let mut failed = 0;
        loop {
            let finished = self.start_at(url, arguments).finish();
            if finished.status.success() {
                return failed;
            }
            assert!(finished.stderr.contains(cause), "{}\n{}", finished.stdout, finished.stderr);
            failed += 1;
            assert!(failed < 1_000, "it never ends: {}", finished.stderr);
        }
    }

    /// Asserts that the end is that of an undisturbed run; returns what was done again on the way.
    #[track_caller]
    pub(super) fn assert_done(&self) -> DoneAgain {
        let items = self.database.column(
            "SELECT CAST(id AS text) || ' ' || text || ' ' || coalesce(CAST(owner AS text), '-') FROM items ORDER BY id",
        );
        let expected: Vec<_> =
            (0..self.rows).map(|item| 2 * item + 1).map(|id| format!("{id} item {id}+ -")).collect();
        for (item, expected) in items.iter().zip(&expected) {
            assert_eq!(item, expected);
        }
        assert_eq!(items.len(), expected.len());
        self.assert_counts()
    }

    /// Asserts that the ledger, the checkpoint and the audit are those of a backfill that is done; returns what was
    /// done again on the way.
    #[track_caller]
    pub(super) fn assert_counts(&self) -> DoneAgain {
        assert_eq!(self.database.ledger(), ["a1 applied", "b1 applied"]);
        let counts = "SELECT state || ' ' || CAST(row_count AS text) || ' ' || CAST(rejected_count AS text) \
             FROM migrate_checkpoint";
        assert_eq!(self.database.column(counts), [format!("done {} 0", self.rows)]);
        let again = self.audit.done_again();
        let noted: usize = self.audit.attempts().iter().map(|attempt| attempt.keys.len()).sum();
        assert_eq!(noted, self.rows as usize + again.rows, "every row was written down");
        again
    }
}
