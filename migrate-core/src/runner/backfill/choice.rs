//! What a worker without a piece does next.

use crate::ledger::{CheckpointState, Seen, Whole};

/// What a worker without a piece does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Goes on with a piece that somebody has left.
    TakeUp { span: i64, token: i64 },
    /// Takes the rest of the table for itself.
    TakeRest,
    /// Cuts the next piece off the table.
    Cut,
    /// Shares the rest of the table with the one who has taken it.
    Share { span: i64 },
    /// Looks again a little later: others are at work on what is left.
    Wait,
    /// Counts what remains and ends the backfill.
    Finish,
    /// Waits until somebody resumes the backfill.
    Pause,
    /// Ends, because the backfill is cancelled.
    Cancel,
    /// Ends, because the backfill is done.
    Done,
}

/// What a worker knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asker {
    /// Whether other workers are expected, so that the table is shared out from the beginning.
    pub(super) expects_others: bool,
    /// Whether the last attempt at finding the end of a piece failed.
    pub(super) cannot_cut: bool,
    /// The piece whose rest was too small to be shared.
    pub(super) too_small: Option<i64>,
}

/// Decides it, from the row of the whole and the pieces.
///
/// Whoever is alone takes the rest of the table as one piece: nothing has to be read beforehand to find where a piece
/// ends. Who comes later has it cut.
pub(super) fn next_move(whole: &Whole, pieces: &[Seen], asker: Asker) -> Move {
    match whole.state {
        CheckpointState::Done => return Move::Done,
        CheckpointState::Paused => return Move::Pause,
        CheckpointState::Cancelled => return Move::Cancel,
        CheckpointState::Ready | CheckpointState::Running => {}
    }
    if let Some(piece) = pieces.iter().find(|piece| piece.is_abandoned) {
        return Move::TakeUp { span: piece.span, token: piece.token };
    }
    if !whole.is_exhausted {
        let alone = pieces.is_empty() && !asker.expects_others;
        return if alone || asker.cannot_cut { Move::TakeRest } else { Move::Cut };
    }
    if pieces.is_empty() {
        return Move::Finish;
    }
    match pieces.iter().find(|piece| piece.is_open && asker.too_small != Some(piece.span)) {
        Some(piece) if !asker.cannot_cut => Move::Share { span: piece.span },
        _ => Move::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: Asker = Asker { expects_others: false, cannot_cut: false, too_small: None };
    const ONE_OF_MANY: Asker = Asker { expects_others: true, ..ALONE };

    fn whole(is_exhausted: bool) -> Whole {
        Whole {
            state: CheckpointState::Running,
            position: None,
            is_exhausted,
            rows: 0,
            batches: 0,
            rejected: 0,
            total: None,
            batch_size: 10,
            last_span: 7,
            remained: None,
        }
    }

    fn at_work(span: i64) -> Seen {
        Seen { span, token: 3, is_abandoned: false, is_open: false, worker: None }
    }

    #[test]
    fn who_is_alone_takes_the_rest_and_who_is_not_a_piece() {
        assert_eq!(next_move(&whole(false), &[], ALONE), Move::TakeRest);
        assert_eq!(next_move(&whole(false), &[], ONE_OF_MANY), Move::Cut);
        assert_eq!(next_move(&whole(false), &[at_work(1)], ALONE), Move::Cut);
        let cannot_cut = Asker { cannot_cut: true, ..ONE_OF_MANY };
        assert_eq!(next_move(&whole(false), &[at_work(1)], cannot_cut), Move::TakeRest);
    }

    #[test]
    fn what_was_left_comes_before_what_is_new() {
        let left = Seen { is_abandoned: true, ..at_work(2) };
        for is_exhausted in [false, true] {
            let next = next_move(&whole(is_exhausted), &[at_work(1), left.clone()], ONE_OF_MANY);
            assert_eq!(next, Move::TakeUp { span: 2, token: 3 });
        }
    }

    #[test]
    fn the_rest_that_one_has_taken_is_shared_unless_it_is_small() {
        let rest = Seen { is_open: true, ..at_work(4) };
        assert_eq!(next_move(&whole(true), std::slice::from_ref(&rest), ALONE), Move::Share { span: 4 });
        let seen_before = Asker { too_small: Some(4), ..ALONE };
        assert_eq!(next_move(&whole(true), &[rest], seen_before), Move::Wait);
        assert_eq!(next_move(&whole(true), &[at_work(4)], ALONE), Move::Wait);
    }

    #[test]
    fn it_is_finished_when_nothing_is_left_and_nobody_at_work() {
        assert_eq!(next_move(&whole(true), &[], ONE_OF_MANY), Move::Finish);
    }

    #[test]
    fn what_somebody_said_of_the_whole_comes_first() {
        let left = [Seen { is_abandoned: true, ..at_work(2) }];
        for (state, expected) in [
            (CheckpointState::Done, Move::Done),
            (CheckpointState::Paused, Move::Pause),
            (CheckpointState::Cancelled, Move::Cancel),
        ] {
            assert_eq!(next_move(&Whole { state, ..whole(false) }, &left, ALONE), expected);
        }
    }
}
