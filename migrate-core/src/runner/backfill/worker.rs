//! One worker: a connection that takes piece after piece until nothing is left.

use std::time::{Duration, Instant};

use super::choice::Asker;
use super::fault::{Failed, Quit, Stop};
use super::job::Job;
use super::pieces::Given;
use super::throttle::Governor;
use crate::backfill::{Answer, BackfillError, Batcher, Failure, Request};
use crate::connection::{Dialect, Driver};
use crate::error::chain;
use crate::ledger::{self, MARK_TRANSACTION, Owner, Piece};
use crate::lock::{self, Held};
use crate::runner::claim::limits;
use crate::runner::event::Event;
use crate::runner::host::Host;
use crate::runner::options::Options;

/// How long a server may take to come back before a worker gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whatever the database has as its default: where workers meet, they lock rows and look at what others have committed,
/// and the checkpoints are so few that to a stricter level each of them would be in the others' way.
const READ_COMMITTED: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED;";

/// How a worker ended that did all it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It has ended the backfill.
    Finished,
    /// Somebody else had.
    WasDone,
}

/// One connection at work.
pub(super) struct Worker<'w> {
    pub(super) host: &'w mut dyn Host,
    pub(super) job: &'w Job<'w>,
    /// The lease that each batch renews; a thread has none.
    pub(super) held: &'w Held,
    pub(super) name: String,
    pub(super) session: Option<String>,
    /// How many transactions are open around the batches.
    pub(super) depth: u32,
    pub(super) batcher: Batcher,
    /// Whether it goes on with the size of batches that it finds at its first piece.
    pub(super) is_new: bool,
    /// Why the last batch failed.
    pub(super) failed: Option<Failed>,
    /// The piece it works on, as its row says, to be taken again on another connection.
    mine: Option<(i64, i64)>,
    pub(super) asker: Asker,
    pub(super) governor: Governor,
    /// How often the connection was lost since the last batch.
    pub(super) losses: u32,
    /// When the heart last beat while it waited.
    pub(super) beaten: Instant,
}

impl<'w> Worker<'w> {
    /// Looks at the connection; `number` tells the workers of a process apart.
    pub(super) fn new(host: &'w mut dyn Host, job: &'w Job<'w>, held: &'w Held, number: Option<u32>) -> Self {
        let applied_by = &job.options.applied_by;
        let name = number.map_or_else(|| applied_by.clone(), |number| format!("{applied_by} #{number}"));
        let pace = job.settings.pace;
        let asker = Asker { expects_others: job.workers > 1, cannot_cut: false, too_small: None };
        let depth = host.driver().transaction_depth().unwrap_or_default();
        Self {
            host,
            job,
            held,
            name,
            session: None,
            depth,
            batcher: Batcher::new(pace, pace.start, job.options.retries),
            is_new: true,
            failed: None,
            mine: None,
            asker,
            governor: Governor::default(),
            losses: 0,
            beaten: Instant::now(),
        }
    }

    /// Works until the backfill is done, or leaves it as one that nobody works on.
    pub(super) fn work(&mut self) -> Result<Ended, Quit> {
        let ended = self.work_on_any_connection();
        if !matches!(ended, Ok(_) | Err(Quit::ConnectionLost(_))) {
            self.rollback();
            self.leave();
        }
        ended
    }

    /// A connection that is lost is replaced, unless the run lock went with it.
    fn work_on_any_connection(&mut self) -> Result<Ended, Quit> {
        let mut outcome = self.settle().map_err(|error| Failed::around(error).without_piece());
        loop {
            if outcome.is_ok() {
                match self.take_turns() {
                    Ok(ended) => return Ok(ended),
                    Err(quit) => outcome = Err(quit),
                }
            }
            match outcome {
                Err(Quit::ConnectionLost(error)) if self.may_reconnect() => {
                    self.losses += 1;
                    outcome = self.reconnect(error);
                }
                Err(quit) => return Err(quit),
                Ok(()) => {}
            }
        }
    }

    /// Asks for a piece and works on it, again and again.
    fn take_turns(&mut self) -> Result<Ended, Quit> {
        let mut pause = Duration::from_millis(10);
        let mut again = self.take_again()?;
        loop {
            let given = match again.take() {
                // Whoever is to stop gives it back before the first batch.
                Some(piece) => Given::Piece(piece),
                None if self.job.is_halted() => return Err(Quit::Halted),
                None => self.ask_for_a_piece()?,
            };
            match given {
                Given::Piece(piece) => {
                    pause = Duration::from_millis(10);
                    self.work_on(piece)?;
                }
                Given::Nothing => {
                    self.hold(lock::jitter(pause), None)?;
                    pause = (pause * 2).min(Duration::from_millis(500));
                }
                Given::Paused => self.wait_for_resume()?,
                Given::Finish => match self.finish()? {
                    Some(ended) => return Ok(ended),
                    None => self.hold(lock::jitter(pause), None)?,
                },
                Given::Done => return Ok(Ended::WasDone),
            }
        }
    }

    /// Tries something in a transaction again and again while it fails in passing.
    pub(super) fn insist<T>(
        &mut self,
        mut work: impl FnMut(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let mut attempt = 0;
        loop {
            let failed = match work(self) {
                Err(Stop::Batch(failed)) => failed,
                outcome => {
                    if outcome.is_err() {
                        self.rollback();
                    }
                    return outcome;
                }
            };
            self.rollback();
            if failed.failure() != Failure::Passing || attempt >= self.job.options.retries {
                return Err(failed.into());
            }
            attempt += 1;
            self.wait(attempt, &failed, None)?;
        }
    }

    /// Waits before something is tried again, with the heart beating.
    pub(super) fn wait(&mut self, attempt: u32, failed: &Failed, piece: Option<&Piece>) -> Result<(), Quit> {
        let delay = lock::backoff(attempt - 1);
        let (revision, cause) = (self.job.revision().to_owned(), failed.cause.to_string());
        self.job.emit(&Event::Retrying { revision, attempt, delay, cause });
        if let Some(piece) = piece {
            self.beat(piece)?;
        }
        std::thread::sleep(delay);
        Ok(())
    }

    /// Begins a transaction with the time limits of a step; with a piece, its row is locked.
    pub(super) fn begin(&mut self, piece: Option<&Piece>) -> Result<(), Stop> {
        let (driver, spans) = (self.host.driver(), self.job.spans());
        let is_postgres = driver.dialect() == Dialect::Postgres;
        let mut settings = limits(self.job.options, driver.dialect(), "SET LOCAL");
        if is_postgres {
            if self.depth == 0 {
                settings.push_str(READ_COMMITTED);
            }
            settings.push_str(MARK_TRANSACTION);
            settings.extend(piece.map(|piece| spans.lock_piece(piece)));
        }
        let begun = driver.begin(&settings);
        if begun.is_err() && is_postgres && self.depth == 0 {
            // The server may have got as far as the lock that it could not have.
            let _ = driver.batch("ROLLBACK");
        }
        Ok(begun?)
    }

    pub(super) fn ask(&mut self, request: Request) -> Result<Answer, Stop> {
        let mut answer = self.host.ask(self.job.revision(), request)?;
        if let Some(fault) = answer.fault.take() {
            return Err(Failed::of(fault, &answer).into());
        }
        if self.has_left_transaction() { Err(Failed::left_transaction().into()) } else { Ok(answer) }
    }

    /// Whether the body ended the transaction of its batch by hand.
    ///
    /// On PostgreSQL the statement that writes the checkpoint looks for the transaction's mark.
    fn has_left_transaction(&mut self) -> bool {
        let driver = self.host.driver();
        if driver.transaction_depth() != Some(self.depth + 1) {
            return true;
        }
        // SQLite has no second transaction within the first.
        let ended = driver.dialect() == Dialect::Sqlite && driver.batch("BEGIN").is_ok();
        if ended {
            let _ = driver.batch("ROLLBACK");
        }
        ended
    }

    /// Takes back what belongs to the transaction.
    pub(super) fn rollback(&mut self) {
        let driver = self.host.driver();
        while driver.transaction_depth().is_some_and(|depth| depth > self.depth) {
            if driver.rollback().is_err() {
                break;
            }
        }
    }

    /// Renews a lease, within a transaction: others may take it once that no longer keeps its row locked.
    pub(super) fn confirm_lease(&mut self) -> Result<(), Stop> {
        if !matches!(self.held, Held::Lease { .. }) {
            return Ok(());
        }
        match lock::confirm(self.host.driver(), &self.job.names, self.held, false)? {
            Ok(()) => Ok(()),
            Err(lost) => Err(Quit::LockLost(lost).into()),
        }
    }

    /// Notes which piece it works on.
    pub(super) fn has(&mut self, piece: Option<&Piece>) {
        self.mine = piece.map(|piece| (piece.span, piece.token));
    }

    /// Learns whose session this is. A pooler in transaction mode may be behind any lock but the session's.
    fn settle(&mut self) -> diesel::QueryResult<()> {
        let driver = self.host.driver();
        if self.job.options.lock.is_for_poolers() && driver.dialect() == Dialect::Postgres {
            driver.disable_prepared_statements();
        }
        self.session = session(driver, self.job.options, self.job.is_alone)?;
        Ok(())
    }

    fn may_reconnect(&self) -> bool {
        let keeps_lock = *self.held == Held::Nothing;
        keeps_lock && self.depth == 0 && self.host.can_reconnect() && self.losses < self.job.options.retries
    }

    /// Opens another connection in place of the one that was lost; the server may be about to start again.
    fn reconnect(&mut self, error: BackfillError) -> Result<(), Quit> {
        let (since, mut attempt) = (Instant::now(), 0);
        let mut cause = chain(&error);
        loop {
            let delay = lock::backoff(attempt);
            attempt += 1;
            let revision = self.job.revision().to_owned();
            self.job.emit(&Event::Reconnecting { revision, attempt, delay, cause });
            self.hold(delay, None)?;
            let connected = self.host.reconnect();
            match connected.and_then(|()| Ok(self.settle()?)) {
                Ok(()) => return Ok(()),
                Err(_) if since.elapsed() >= PATIENCE => return Err(Quit::ConnectionLost(error)),
                Err(again) => cause = chain(&*again),
            }
        }
    }

    /// The piece it worked on when the connection was lost, from where it is committed.
    ///
    /// Not if its last batch was the last one, or somebody has taken it over; nor while the server still has the old
    /// session in the middle of a batch: once that is gone, the piece is anybody's.
    fn take_again(&mut self) -> Result<Option<Piece>, Quit> {
        let Some((span, token)) = self.mine.take() else { return Ok(None) };
        let again = self.insist(|worker| {
            worker.begin(None)?;
            let (spans, owner) =
                (worker.job.spans(), Owner { worker: &worker.name, session: worker.session.as_deref() });
            let piece = spans.take(worker.host.driver(), span, token, owner, false)?;
            worker.host.driver().commit()?;
            Ok(piece)
        });
        again.map_err(Stop::without_piece)
    }
}

/// The session of a worker, by which others see whether it lives; `None` where it may be a pooler's, and for one that
/// works alone: others see nothing of a transaction, and SQLite has no sessions.
pub(super) fn session(
    driver: &mut dyn Driver,
    options: &Options,
    is_alone: bool,
) -> diesel::QueryResult<Option<String>> {
    if is_alone || options.lock.is_for_poolers() { Ok(None) } else { ledger::session(driver) }
}

impl Stop {
    /// The reason to end, for what happens on the way through a piece, after this key.
    pub(super) fn into_quit(self, after: Option<String>) -> Quit {
        match self {
            Self::Quit(quit) => quit,
            Self::Batch(failed) => failed.into_quit(after),
            Self::PieceChanged => BackfillError::TakenOver.into(),
        }
    }

    /// The same without a piece: there is no batch that could have failed.
    pub(super) fn without_piece(self) -> Quit {
        match self {
            Self::Batch(failed) => failed.without_piece(),
            stop => stop.into_quit(None),
        }
    }
}
