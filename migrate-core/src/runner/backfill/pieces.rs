//! How the table is handed out, piece by piece.

use super::choice::{Move, next_move};
use super::fault::{Failed, Place, Quit, Stop};
use super::worker::Worker;
use crate::backfill::{BackfillError, Failure, Request};
use crate::connection::Dialect;
use crate::ledger::{CheckpointState, Owner, Piece, Whole};
use crate::runner::event::Event;

/// How many batches a piece has.
///
/// Few enough that the last pieces of a table are soon done, many enough that handing them out costs nothing.
const BATCHES: u32 = 16;

/// How long to wait for the batch of the one whose rest is to be shared.
const SHARING: &str = "SET LOCAL lock_timeout = '5s';";

/// What came of asking for a piece.
pub(super) enum Given {
    Piece(Piece),
    /// Others are at work on what is left.
    Nothing,
    Paused,
    /// Nothing is left, and nobody is at work.
    Finish,
    Done,
}

/// A piece, and who had it before.
type Taken = (Piece, Option<String>);

/// Where a piece ends.
struct Cut {
    /// Its last key; `None` when there is no row left.
    end: Option<String>,
    rows: u64,
    /// Whether it has all the batches that it should have.
    is_full: bool,
}

impl Worker<'_> {
    /// Asks for a piece, in a transaction of its own.
    pub(super) fn ask_for_a_piece(&mut self) -> Result<Given, Quit> {
        let asked = self.insist(|worker| {
            worker.begin(None)?;
            let Some(whole) = worker.lock_whole()? else { return Ok((None, Move::Wait)) };
            let (next, taken) = worker.choose(&whole)?;
            let given = match next {
                Move::TakeUp { .. } => taken,
                Move::TakeRest => Some((worker.take_rest(&whole)?, None)),
                Move::Cut => worker.cut(&whole)?.map(|piece| (piece, None)),
                _ => None,
            };
            if matches!(next, Move::TakeUp { .. } | Move::TakeRest | Move::Cut | Move::Finish) {
                worker.enlist()?;
            }
            worker.host.driver().commit()?;
            Ok((given, next))
        });
        let (given, next) = match asked {
            Ok(asked) => asked,
            Err(Stop::Batch(failed)) if self.falls_back(&failed) => return Ok(Given::Nothing),
            Err(stop) => return Err(stop.without_piece()),
        };
        self.rollback();
        if let Some((piece, from)) = given {
            self.announce(&piece, from);
            return Ok(Given::Piece(piece));
        }
        Ok(match next {
            Move::Share { span } => {
                self.share(span)?;
                Given::Nothing
            }
            Move::Finish => Given::Finish,
            Move::Done => Given::Done,
            Move::Pause if self.depth == 0 => Given::Paused,
            Move::Pause => return Err(withheld(CheckpointState::Paused).into()),
            Move::Cancel => return Err(withheld(CheckpointState::Cancelled).into()),
            Move::TakeUp { .. } | Move::TakeRest | Move::Cut | Move::Wait => Given::Nothing,
        })
    }

    /// What to do next; a piece that is taken up comes with it, and with the name of who had it.
    ///
    /// One whose batch is under way is not to be had, however long ago its heart has beaten. It keeps nobody from what
    /// else there is to do.
    fn choose(&mut self, whole: &Whole) -> Result<(Move, Option<Taken>), Stop> {
        let (driver, spans, is_alone) = (self.host.driver(), self.job.spans(), self.job.is_alone);
        let owner = Owner { worker: &self.name, session: self.session.as_deref() };
        let mut pieces = spans.look(driver, Some(owner), is_alone)?;
        loop {
            let next = next_move(whole, &pieces, self.asker);
            let Move::TakeUp { span, token } = next else { return Ok((next, None)) };
            let piece = spans.take(driver, span, token, owner, is_alone)?;
            let Some(seen) = pieces.iter_mut().find(|seen| seen.span == span) else {
                return Ok((next, None));
            };
            match piece {
                Some(piece) => {
                    return Ok((next, Some((piece, Some(seen.worker.take().unwrap_or_default())))));
                }
                None => seen.is_abandoned = false,
            }
        }
    }

    /// The row of the whole, locked; `None` while somebody else has it.
    pub(super) fn lock_whole(&mut self) -> Result<Option<Whole>, Stop> {
        let (driver, spans) = (self.host.driver(), self.job.spans());
        if let Some(whole) = spans.lock(driver)? {
            return Ok(Some(whole));
        }
        match spans.read(driver)? {
            Some(_) => Ok(None),
            None => Err(BackfillError::NoCheckpoint.into()),
        }
    }

    /// Says that a piece was somebody else's, who has not given it back.
    fn announce(&mut self, piece: &Piece, from: Option<String>) {
        self.asker.cannot_cut = false;
        if let Some(worker) = from.filter(|_| !self.job.is_alone) {
            let (revision, position) = (self.job.revision().to_owned(), piece.position.clone());
            self.job.emit(&Event::PieceTaken { revision, worker, position });
        }
    }

    /// Whether the end of a piece could not be found for a reason that may lie in one row. Then the rest of the table
    /// is for one worker, whose batches come to that row, or tell what is wrong.
    fn falls_back(&mut self, failed: &Failed) -> bool {
        let falls_back = matches!(failed.place, Place::Read | Place::Contract)
            && failed.failure() != Failure::Passing
            && !failed.is_lost_connection()
            && !self.asker.cannot_cut;
        self.asker.cannot_cut |= falls_back;
        falls_back
    }

    /// Makes one piece of all that is left of the table.
    fn take_rest(&mut self, whole: &Whole) -> Result<Piece, Stop> {
        let piece = self.next_piece(whole, whole.position.clone(), None);
        let (driver, spans) = (self.host.driver(), self.job.spans());
        spans.make(driver, &piece, None, Owner { worker: &self.name, session: self.session.as_deref() })?;
        spans.hand_out(driver, whole.position.as_deref(), true, piece.span)?;
        Ok(piece)
    }

    /// Cuts the next piece off the table; `None` when nothing is left.
    fn cut(&mut self, whole: &Whole) -> Result<Option<Piece>, Stop> {
        let cut = self.find_end(whole.position.clone())?;
        let spans = self.job.spans();
        let Some(end) = cut.end else {
            spans.hand_out(self.host.driver(), whole.position.as_deref(), true, whole.last_span)?;
            return Ok(None);
        };
        let piece = self.next_piece(whole, whole.position.clone(), Some(end));
        let owner = Owner { worker: &self.name, session: self.session.as_deref() };
        spans.make(self.host.driver(), &piece, Some(cut.rows), owner)?;
        spans.hand_out(self.host.driver(), piece.until.as_deref(), false, piece.span)?;
        Ok(Some(piece))
    }

    fn next_piece(&self, whole: &Whole, position: Option<String>, until: Option<String>) -> Piece {
        let batch_size = if self.is_new { whole.batch_size } else { self.batcher.size() };
        let span = whole.last_span + 1;
        Piece {
            span,
            position,
            until,
            rows: 0,
            batches: 0,
            rejected: 0,
            batch_size,
            token: 1,
            is_blocked: false,
        }
    }

    /// Finds where the next piece ends. It is read in as many parts as it has batches: some backfills read whole rows
    /// for it, and no more of them than a batch has are to be in memory at once.
    fn find_end(&mut self, mut after: Option<String>) -> Result<Cut, Stop> {
        let limit = self.batcher.size();
        let mut cut = Cut { end: None, rows: 0, is_full: true };
        for _ in 0..BATCHES {
            let answer = self.ask(Request::End { after: after.clone(), until: None, limit })?;
            cut.rows += u64::from(answer.rows);
            if let Some(end) = answer.last {
                after = Some(end.clone());
                cut.end = Some(end);
            }
            if answer.rows < limit {
                cut.is_full = false;
                break;
            }
        }
        Ok(cut)
    }

    /// Ends the piece of the one who has taken the rest of the table a little ahead of it, so that what comes after
    /// can be handed out again.
    ///
    /// The one whose piece it is finds out when it writes its next checkpoint, and does that batch again.
    fn share(&mut self, span: i64) -> Result<(), Quit> {
        let shared = self.insist(|worker| {
            worker.begin(None)?;
            let (driver, spans) = (worker.host.driver(), worker.job.spans());
            if driver.dialect() == Dialect::Postgres {
                driver.batch(SHARING)?;
            }
            // First the piece's row, for which it waits, then that of the whole.
            let piece = spans.piece(driver, span, true)?.filter(|piece| piece.until.is_none());
            let Some(piece) = piece else { return Ok(()) };
            let Some(whole) = worker.lock_whole()? else { return Ok(()) };
            let cut = worker.find_end(piece.position)?;
            let (Some(end), true) = (cut.end, cut.is_full) else {
                worker.asker.too_small = Some(span);
                return Ok(());
            };
            let driver = worker.host.driver();
            spans.bound(driver, span, &end)?;
            spans.hand_out(driver, Some(&end), false, whole.last_span)?;
            Ok(driver.commit()?)
        });
        self.rollback();
        match shared {
            Ok(()) => Ok(()),
            Err(Stop::Batch(failed)) if failed.failure() == Failure::Passing => Ok(()),
            Err(Stop::Batch(failed)) if self.falls_back(&failed) => Ok(()),
            Err(stop) => Err(stop.without_piece()),
        }
    }

    /// Notes in the row of the whole, which is locked, that this worker is at it.
    fn enlist(&mut self) -> Result<(), Stop> {
        let owner = Owner { worker: &self.name, session: self.session.as_deref() };
        Ok(self.job.spans().enlist(self.host.driver(), owner)?)
    }

    /// Takes that back: who looks is to see at once that nobody is at it. If that fails, time or the end of the session
    /// says the same.
    pub(super) fn leave(&mut self) {
        let owner = Owner { worker: &self.name, session: self.session.as_deref() };
        let _ = self.job.spans().leave(self.host.driver(), owner);
    }

    /// Takes the row off the list that the piece was stopped at, in the transaction that goes past it.
    pub(super) fn unblock(&mut self, piece: &mut Piece) -> Result<(), Stop> {
        if std::mem::take(&mut piece.is_blocked) {
            self.job.spans().unblock(self.host.driver(), piece.span)?;
        }
        Ok(())
    }

    /// Leaves a piece to whoever comes next. If that fails, the end of the session says the same.
    pub(super) fn give_back(&mut self, piece: &Piece) {
        let (driver, spans) = (self.host.driver(), self.job.spans());
        let _ = spans.give_back(driver, piece);
    }
}

pub(super) fn withheld(state: CheckpointState) -> BackfillError {
    BackfillError::Withheld { state: state.as_str().to_owned() }
}
