//! One batch and its checkpoint, in one transaction.

use super::fault::{Failed, Place, Quit, Stop};
use super::walk::Walk;
use crate::backfill::{Answer, BackfillError, Outcome, Request};
use crate::ledger::{CheckpointState, Piece};
use crate::runner::event::Event;

impl Walk<'_, '_> {
    pub(super) fn batch(&mut self, limit: u32) -> Result<Option<Outcome>, Quit> {
        let before = self.piece.clone();
        let attempt = self.attempt(limit);
        if let Ok(rows @ 1..) = attempt {
            self.worker.failed = None;
            self.worker.losses = 0;
            self.tell(&before, rows)?;
        }
        self.sort_out(attempt.map(|rows| Outcome::Done { rows }))
    }

    fn attempt(&mut self, limit: u32) -> Result<u32, Stop> {
        self.worker.begin(Some(&self.piece))?;
        let answer = self.ask_for_rows(limit, true)?;
        let Some(last) = &answer.last else {
            self.worker.rollback();
            return Ok(0);
        };
        let mut to = self.moved(last);
        to.rows += u64::from(answer.rows);
        let committed = self.commit_at(to);
        // A constraint that is checked at the commit is a matter of these rows.
        committed.map(|()| answer.rows).map_err(|stop| match stop {
            Stop::Batch(failed) => {
                Stop::Batch(Failed { rows: answer.rows, key: answer.last.clone(), ..failed })
            }
            stop => stop,
        })
    }

    pub(super) fn ask_for_rows(&mut self, limit: u32, apply: bool) -> Result<Answer, Stop> {
        let Piece { position, until, .. } = &self.piece;
        let request = Request::Batch { after: position.clone(), until: until.clone(), limit, apply };
        self.worker.ask(request)
    }

    pub(super) fn moved(&self, key: &str) -> Piece {
        let mut to = self.piece.clone();
        to.position = Some(key.to_owned());
        to.batches += 1;
        to.batch_size = self.worker.batcher.size();
        to
    }

    /// Writes the checkpoint and commits; with its last key the piece is done.
    pub(super) fn commit_at(&mut self, mut to: Piece) -> Result<(), Stop> {
        self.worker.unblock(&mut to)?;
        let is_last = to.until.is_some() && to.until == to.position;
        let (driver, spans) = (self.worker.host.driver(), self.worker.job.spans());
        let state = if is_last { spans.complete(driver, &to)? } else { spans.advance(driver, &to)? };
        let Some(state) = state else { return Err(self.why_not_written()) };
        self.worker.confirm_lease()?;
        self.commit()?;
        self.piece = to;
        self.state = state;
        self.is_done = is_last;
        Ok(())
    }

    /// Ends the piece after its last row.
    pub(super) fn complete(&mut self) -> Result<(), Quit> {
        let piece = self.piece.clone();
        let completed = self.worker.insist(|worker| {
            worker.begin(Some(&piece))?;
            worker.unblock(&mut piece.clone())?;
            if worker.job.spans().complete(worker.host.driver(), &piece)?.is_none() {
                return Err(Stop::PieceChanged);
            }
            worker.confirm_lease()?;
            Ok(worker.host.driver().commit()?)
        });
        match completed {
            Ok(()) => {
                self.is_done = true;
                Ok(())
            }
            Err(Stop::PieceChanged) => self.look_again(),
            Err(stop) => Err(stop.into_quit(self.piece.position.clone())),
        }
    }

    /// Commits. After an error nothing of the batch is there, unless it is the connection that was lost: then the
    /// checkpoint knows, and the next one who has the piece reads it.
    fn commit(&mut self) -> Result<(), Stop> {
        let commit = self.worker.host.driver().commit();
        commit.map_err(|error| Failed { place: Place::Apply, ..Failed::around(error) }.into())
    }

    /// Why the checkpoint could not be written.
    fn why_not_written(&mut self) -> Stop {
        let (driver, spans) = (self.worker.host.driver(), self.worker.job.spans());
        match spans.piece(driver, self.piece.span, false) {
            Ok(Some(found)) if found.token == self.piece.token && found.until == self.piece.until => {
                Failed::left_transaction().into()
            }
            Ok(_) => Stop::PieceChanged,
            Err(error) => error.into(),
        }
    }

    /// Whether the piece is somebody else's by now, or nobody's. Then its rows are, too, and that a batch of them failed
    /// says nothing: they may be changed already, or the change undone.
    pub(super) fn is_lost(&mut self) -> Result<bool, Quit> {
        let (span, token) = (self.piece.span, self.piece.token);
        let found = self.worker.insist(|worker| {
            let spans = worker.job.spans();
            Ok(spans.piece(worker.host.driver(), span, false)?)
        });
        let found = found.map_err(|stop| stop.into_quit(self.piece.position.clone()))?;
        Ok(found.is_none_or(|found| found.token != token))
    }

    /// Reads what has become of the piece: it may have got an end, or be somebody else's.
    pub(super) fn look_again(&mut self) -> Result<(), Quit> {
        let span = self.piece.span;
        let found = self.worker.insist(|worker| {
            let (driver, spans) = (worker.host.driver(), worker.job.spans());
            let found = spans.piece(driver, span, false)?;
            if found.is_none() && spans.read(driver)?.is_none() {
                return Err(BackfillError::NoCheckpoint.into());
            }
            Ok(found)
        });
        match found.map_err(|stop| stop.into_quit(self.piece.position.clone()))? {
            Some(found) if found.token == self.piece.token => {
                self.worker.batcher.bound();
                self.piece.until = found.until;
            }
            _ if self.worker.job.is_alone => return Err(BackfillError::TakenOver.into()),
            _ => {
                self.worker.job.emit(&Event::PieceLost { revision: self.worker.job.revision().to_owned() });
                self.is_done = true;
            }
        }
        Ok(())
    }

    /// Counts what was committed and says how far the backfill is.
    pub(super) fn tell(&mut self, before: &Piece, rows: u32) -> Result<(), Quit> {
        let (job, driver) = (self.worker.job, self.worker.host.driver());
        job.tally.add(before, &self.piece);
        if !job.is_alone && job.tally.is_due() {
            match job.spans().sums(driver) {
                Ok(sums) => job.tally.found(sums),
                Err(error) => {
                    let failed = Failed::around(error);
                    if failed.is_lost_connection() {
                        return Err(failed.into_quit(self.piece.position.clone()));
                    }
                }
            }
        }
        if rows > 0 {
            let progress = job.tally.progress(rows, self.piece.position.clone());
            job.emit(&Event::Progress { revision: job.revision().to_owned(), progress });
        }
        Ok(())
    }

    /// Whether somebody has said that the work is not to go on.
    pub(super) fn is_withheld(&self) -> bool {
        self.state.is_withheld()
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state == CheckpointState::Cancelled
    }
}
