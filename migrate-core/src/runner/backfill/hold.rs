//! Waiting with a beating heart: for a resume, for a rest, for a throttle.

use std::time::{Duration, Instant};

use super::fault::{Quit, Stop};
use super::pieces::withheld;
use super::walk::Walk;
use super::worker::Worker;
use crate::backfill::BackfillError;
use crate::connection::Dialect;
use crate::ledger::{CheckpointState, Piece};
use crate::lock::Held;
use crate::runner::event::Event;

/// How often a waiting worker looks whether it is to end.
const SLICE: Duration = Duration::from_millis(100);

/// How often it shows that it is alive, and how often it looks at what it waits for.
const BEAT: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(1);

/// The longest gap after a batch on SQLite, which is one hundredth of the batch's time.
const LONGEST_GAP: Duration = Duration::from_millis(2);

impl Worker<'_> {
    /// Waits, with the heart of the piece beating; ends early when the process is asked to stop.
    pub(super) fn hold(&mut self, time: Duration, piece: Option<&Piece>) -> Result<(), Quit> {
        let started = Instant::now();
        loop {
            let left = time.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            if self.job.is_halted() {
                return Err(Quit::Halted);
            }
            if self.beaten.elapsed() >= BEAT {
                match piece {
                    Some(piece) => drop(self.beat(piece)?),
                    None => self.renew_lease()?,
                }
            }
            std::thread::sleep(left.min(SLICE));
        }
    }

    /// Shows that the piece's worker is alive; returns the state of the whole, as running if the piece is no longer
    /// this worker's, which its next batch finds out.
    pub(super) fn beat(&mut self, piece: &Piece) -> Result<CheckpointState, Quit> {
        self.beaten = Instant::now();
        if self.depth > 0 {
            // Nobody sees it before the transaction around it ends.
            return Ok(CheckpointState::Running);
        }
        let beaten = self.insist(|worker| {
            let spans = worker.job.spans();
            if !matches!(worker.held, Held::Lease { .. }) {
                return Ok(spans.beat(worker.host.driver(), piece)?);
            }
            worker.begin(None)?;
            let state = spans.beat(worker.host.driver(), piece)?;
            worker.confirm_lease()?;
            worker.host.driver().commit()?;
            Ok(state)
        });
        let state = beaten.map_err(|stop| stop.into_quit(piece.position.clone()))?;
        Ok(state.unwrap_or(CheckpointState::Running))
    }

    /// The same without a piece: a lease does not last without it.
    fn renew_lease(&mut self) -> Result<(), Quit> {
        self.beaten = Instant::now();
        if self.depth > 0 || !matches!(self.held, Held::Lease { .. }) {
            return Ok(());
        }
        let renewed = self.insist(|worker| {
            worker.begin(None)?;
            worker.confirm_lease()?;
            Ok(worker.host.driver().commit()?)
        });
        renewed.map_err(Stop::without_piece)
    }

    /// Waits without a piece until somebody resumes the backfill.
    pub(super) fn wait_for_resume(&mut self) -> Result<(), Quit> {
        self.pause(|worker| {
            let read = worker.insist(|worker| {
                let whole = worker.job.spans().read(worker.host.driver())?;
                whole.map(|whole| whole.state).ok_or_else(|| BackfillError::NoCheckpoint.into())
            });
            read.map_err(Stop::without_piece)
        })
    }

    /// Looks once a second until the backfill is no longer paused.
    fn pause(
        &mut self,
        mut look: impl FnMut(&mut Self) -> Result<CheckpointState, Quit>,
    ) -> Result<(), Quit> {
        self.job.emit(&Event::Paused { revision: self.job.revision().to_owned() });
        loop {
            self.hold(LOOK, None)?;
            match look(self)? {
                CheckpointState::Paused => {}
                CheckpointState::Cancelled => return Err(withheld(CheckpointState::Cancelled).into()),
                _ => break,
            }
        }
        self.job.emit(&Event::Unpaused { revision: self.job.revision().to_owned() });
        Ok(())
    }
}

impl Walk<'_, '_> {
    /// Ends or waits between two batches when somebody asks for it.
    pub(super) fn heed(&mut self) -> Result<(), Quit> {
        if self.worker.job.is_halted() {
            return Err(Quit::Halted);
        }
        if self.is_cancelled() || self.is_withheld() && self.worker.depth > 0 {
            return Err(withheld(self.state).into());
        }
        if self.is_withheld() {
            let piece = self.piece.clone();
            self.worker.pause(|worker| worker.beat(&piece))?;
            self.state = CheckpointState::Running;
        }
        self.heed_throttle()
    }

    /// Leaves the database alone for a while after a batch that began then.
    pub(super) fn rest(&mut self, began: Instant) -> Result<(), Quit> {
        let (pace, throttle) = (self.worker.job.settings.pace, &self.worker.job.options.throttle);
        let rest = throttle.after_batch(began.elapsed()).max(pace.rest).max(self.gap(began));
        if rest.is_zero() {
            return Ok(());
        }
        match self.worker.hold(rest, Some(&self.piece)) {
            // Noticed before the next batch, with the piece in hand.
            Err(Quit::Halted) => Ok(()),
            held => held,
        }
    }

    /// How long the file is left to others at least after a batch, where there is one writer: else who wants to pause
    /// the backfill could not.
    fn gap(&mut self, began: Instant) -> Duration {
        let is_sqlite = self.worker.host.driver().dialect() == Dialect::Sqlite;
        if is_sqlite && self.worker.depth == 0 {
            LONGEST_GAP.min(began.elapsed() / 100)
        } else {
            Duration::ZERO
        }
    }

    /// Waits as long as the standbys are behind, or the backfill itself wants to wait.
    fn heed_throttle(&mut self) -> Result<(), Quit> {
        if self.worker.depth > 0 {
            return Ok(());
        }
        while let Some(reason) = self.worker.reason_to_wait()? {
            self.worker.say_that_it_waits(reason);
            self.worker.hold(LOOK, None)?;
            let state = self.worker.beat(&self.piece)?;
            if state == CheckpointState::Cancelled {
                return Err(withheld(state).into());
            }
            self.state = state;
        }
        if self.is_withheld() { self.heed() } else { Ok(()) }
    }
}
