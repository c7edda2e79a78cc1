//! The batches of one piece.

use std::time::Instant;

use super::fault::{Failed, Quit, Stop};
use super::worker::Worker;
use crate::backfill::{Batcher, Failure, Next, Outcome};
use crate::ledger::{CheckpointState, Piece};

/// A worker on its way through a piece.
pub(super) struct Walk<'k, 'w> {
    pub(super) worker: &'k mut Worker<'w>,
    pub(super) piece: Piece,
    /// What the whole's row said when the last checkpoint was written.
    pub(super) state: CheckpointState,
    pub(super) is_done: bool,
}

impl Worker<'_> {
    /// Works on a piece until it is done, or somebody else's. Whoever ends before gives it back.
    pub(super) fn work_on(&mut self, piece: Piece) -> Result<(), Quit> {
        let retries = self.job.options.retries;
        let size = if self.is_new { piece.batch_size } else { self.batcher.size() };
        self.is_new = false;
        self.batcher = Batcher::new(self.job.settings.pace, size, retries).within(piece.until.is_some());
        self.has(Some(&piece));
        let mut walk = Walk { worker: self, piece, state: CheckpointState::Running, is_done: false };
        match walk.walk() {
            Ok(()) => {
                self.has(None);
                Ok(())
            }
            Err(Quit::ConnectionLost(error)) => Err(Quit::ConnectionLost(error)),
            Err(quit) => {
                let piece = walk.piece;
                self.rollback();
                self.give_back(&piece);
                self.has(None);
                Err(quit)
            }
        }
    }
}

impl Walk<'_, '_> {
    fn walk(&mut self) -> Result<(), Quit> {
        while !self.is_done {
            let mut began = Instant::now();
            let outcome = match self.worker.batcher.next(began) {
                Next::Finished => {
                    self.complete()?;
                    continue;
                }
                Next::GiveUp => return Err(self.give_up()),
                next => {
                    self.heed()?;
                    match next {
                        Next::Again { limit, attempt } => {
                            self.wait(attempt)?;
                            began = Instant::now();
                            self.worker.batcher.next(began);
                            self.batch(limit)?
                        }
                        Next::Batch { limit } => {
                            began = Instant::now();
                            self.worker.batcher.next(began);
                            self.batch(limit)?
                        }
                        _ => self.reject()?,
                    }
                }
            };
            let Some(outcome) = outcome else { continue };
            self.worker.batcher.told(outcome, Instant::now());
            if matches!(outcome, Outcome::Done { .. }) && !self.is_done {
                self.rest(began)?;
            }
        }
        Ok(())
    }

    fn wait(&mut self, attempt: u32) -> Result<(), Quit> {
        let Some(failed) = self.worker.failed.take() else { return Ok(()) };
        let waited = self.worker.wait(attempt, &failed, Some(&self.piece));
        self.worker.failed = Some(failed);
        waited
    }

    fn give_up(&mut self) -> Quit {
        let failed = self.worker.failed.take().unwrap_or_else(Failed::left_transaction);
        failed.into_quit(self.piece.position.clone())
    }

    /// Sorts out how a transaction of the piece ended; `None` when the same is to be done again, or nothing more.
    pub(super) fn sort_out(&mut self, outcome: Result<Outcome, Stop>) -> Result<Option<Outcome>, Quit> {
        match outcome {
            Ok(outcome) => Ok(Some(outcome)),
            Err(Stop::Batch(failed)) => {
                self.worker.rollback();
                if failed.is_lost_connection() {
                    self.worker.batcher.lost();
                    return Err(failed.into_quit(self.piece.position.clone()));
                }
                let outcome = Outcome::Failed { failure: failed.failure(), rows: failed.rows };
                if failed.failure() != Failure::Passing && self.is_lost()? {
                    return self.look_again().map(|()| None);
                }
                self.worker.failed = Some(failed);
                Ok(Some(outcome))
            }
            Err(Stop::PieceChanged) => {
                self.worker.rollback();
                self.look_again()?;
                Ok(None)
            }
            Err(Stop::Quit(quit)) => Err(quit),
        }
    }
}
