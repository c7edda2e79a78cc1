//! Everything at once, while the application writes.

use std::time::Duration;

use migrate_core::connection::Driver as _;
use migrate_tests::testkit::{Chance, Cut, Postgres, Proxy, Worker, repetitions};

use super::stolen::STEAL;
use super::trial::{Trial, report};
use crate::worker::assert_succeeded;

const ROWS: u32 = 6_000;

/// What strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blow {
    Kill,
    Restart,
    Cut(Cut),
    CutAll,
    Lock,
    Steal,
}

impl Blow {
    /// A restart takes seconds, so there are fewer of them.
    fn random(chance: &mut Chance) -> Self {
        if chance.number(0..12) == 0 {
            return Self::Restart;
        }
        let others = [Self::Kill, Self::Cut(Cut::BeforeCommit), Self::Cut(Cut::AfterCommit)];
        chance.one_of(&[&others[..], &[Self::CutAll, Self::Lock, Self::Steal]].concat())
    }
}

/// Three processes with two workers each, behind a proxy.
struct Storm<'s> {
    server: &'s Postgres,
    proxy: Proxy,
    trial: Trial,
    workers: Vec<Worker>,
    /// How many processes ended of it.
    failed: u32,
    /// How many writes of the application were committed.
    writes: usize,
}

impl<'s> Storm<'s> {
    fn begin(server: &'s Postgres) -> Self {
        let trial = Trial::new(server.database(), ROWS);
        assert_succeeded(&trial.start_with(trial.database.url(), &["upgrade", "a1"]).finish());
        let proxy = Proxy::start(server.port());
        let mut storm = Self { server, proxy, trial, workers: Vec::new(), failed: 0, writes: 0 };
        storm.workers = (0..3).map(|_| storm.start()).collect();
        storm
    }

    fn start(&self) -> Worker {
        self.trial.start_with(&self.proxy.url(&self.trial.database), &["--workers", "2", "run", "b1"])
    }

    fn strike(&mut self, chance: &mut Chance, blow: Blow) {
        match blow {
            Blow::Kill => {
                let one = usize::try_from(chance.number(0..3)).unwrap();
                self.workers[one].kill();
                self.workers[one] = self.start();
            }
            Blow::Restart => {
                self.server.crash();
                std::thread::sleep(chance.time(Duration::from_millis(200)));
                self.server.start_again();
            }
            Blow::Cut(cut) => self.proxy.cut(u32::try_from(chance.number(0..6)).unwrap(), cut),
            Blow::CutAll => self.proxy.cut_all(),
            Blow::Lock => {
                let mut connection = self.trial.database.connect();
                connection.batch("BEGIN; LOCK TABLE items IN SHARE MODE").unwrap();
                std::thread::sleep(chance.time(Duration::from_millis(60)));
            }
            Blow::Steal => self.trial.database.execute(STEAL),
        }
    }

    /// The application appends a `w` to some items.
    fn write(&mut self, chance: &mut Chance) {
        let mut connection = self.trial.database.connect();
        for _ in 0..5 {
            let id = 2 * chance.number(0..u64::from(ROWS)) + 1;
            let sql = format!("UPDATE items SET text = text || 'w' WHERE id = {id}");
            self.writes += connection.execute(&sql, &[]).unwrap();
        }
    }

    /// Starts others in place of the processes that have ended.
    fn replace_the_dead(&mut self) {
        for one in 0..self.workers.len() {
            if self.workers[one].is_running() {
                continue;
            }
            let next = self.start();
            let finished = std::mem::replace(&mut self.workers[one], next).finish();
            if !finished.status.success() {
                let known = ["connection", "starting up", "shutting down", "recovery"];
                let is_known = known.iter().any(|cause| finished.stderr.contains(cause));
                assert!(is_known, "{}\n{}", finished.stdout, finished.stderr);
                self.failed += 1;
            }
        }
    }

    fn is_done(&self) -> bool {
        self.trial.state().as_deref() == Some("applied")
    }

    /// Lets it end, and looks at what is left.
    fn end(mut self) -> (u32, u32) {
        while !self.is_done() {
            self.replace_the_dead();
            std::thread::sleep(Duration::from_millis(20));
        }
        let texts = self.trial.database.column("SELECT text FROM items ORDER BY id");
        let mut written = 0;
        for (item, text) in texts.iter().enumerate() {
            let appended = text.strip_prefix(&format!("item {}", 2 * item + 1)).expect("its own text");
            let (changed, others) = (appended.matches('+').count(), appended.matches('w').count());
            assert!(changed == 1 && changed + others == appended.len(), "{text}");
            written += others;
        }
        assert_eq!(texts.len(), ROWS as usize);
        assert_eq!(written, self.writes, "no write was lost");
        (self.failed, self.trial.assert_counts().total())
    }
}

#[test]
fn a_storm_leaves_each_row_changed_once_and_no_write_lost() {
    let mut chance = Chance::new();
    let server = Postgres::own().start();
    let (mut blows, mut backfills, mut failed, mut again) = (0, 0, 0, 0);
    while blows < repetitions(30) {
        let mut storm = Storm::begin(&server);
        backfills += 1;
        while !storm.is_done() && blows < repetitions(30) {
            std::thread::sleep(chance.time(Duration::from_millis(80)));
            storm.write(&mut chance);
            let blow = Blow::random(&mut chance);
            storm.strike(&mut chance, blow);
            storm.replace_the_dead();
            blows += 1;
        }
        let (ended, batches) = storm.end();
        failed += ended;
        again += batches;
    }
    report(&format!(
        "{blows} blows in {backfills} backfills, {failed} processes ended by them: {again} batches done again"
    ));
}
