//! Why a batch came to nothing, and why a worker ended.

use std::error::Error as StdError;

use crate::backfill::{self, Answer, BackfillError, Fault};
use crate::connection::{FailureKind, classify};
use crate::error::BodyError;
use crate::lock::Lost;
use crate::runner::claim::prepared_elsewhere;
use crate::runner::step::left_transaction;

pub(in crate::runner) type Cause = Box<dyn StdError + Send + Sync>;

/// Why a batch came to nothing.
pub(in crate::runner) struct Failed {
    pub(in crate::runner) place: Place,
    pub(in crate::runner) cause: Cause,
    /// How many rows it had, 0 when that is not known.
    pub(in crate::runner) rows: u32,
    /// The key of its last row.
    pub(in crate::runner) key: Option<String>,
}

/// Where it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runner) enum Place {
    Read,
    /// What depends on the rows: `apply`, and a constraint that is checked at the commit.
    Apply,
    /// The cause says it all.
    Contract,
    /// The framework's own statements.
    Around,
}

/// Why a worker ends before the backfill is done.
pub(in crate::runner) enum Quit {
    /// It was asked to, or another worker of this process has failed.
    Halted,
    Failed(Cause),
    /// The connection is gone; so may be the last batch.
    ConnectionLost(BackfillError),
    /// The run lock is somebody else's.
    LockLost(Lost),
}

/// How a transaction ended that was not committed.
pub(super) enum Stop {
    Batch(Failed),
    /// The piece has got another end, or is somebody else's.
    PieceChanged,
    Quit(Quit),
}

impl Failed {
    pub(super) fn around(error: diesel::result::Error) -> Self {
        Self { place: Place::Around, cause: Box::new(error), rows: 0, key: None }
    }

    pub(in crate::runner) fn of(fault: Fault<String>, answer: &Answer) -> Self {
        let (place, cause): (_, Cause) = match fault {
            Fault::Read(error) => (Place::Read, error.into_source()),
            Fault::Apply(error, _) => (Place::Apply, error.into_source()),
            Fault::Contract(error) => (Place::Contract, Box::new(error)),
        };
        Self { place, cause, rows: answer.rows, key: answer.last.clone() }
    }

    /// What was answered does not stand up to what comes after it.
    pub(in crate::runner) fn applying(error: BodyError, answer: &Answer) -> Self {
        let cause = error.into_source();
        Self { place: Place::Apply, cause, rows: answer.rows, key: answer.last.clone() }
    }

    /// The body ended the transaction by hand.
    pub(super) fn left_transaction() -> Self {
        Self { place: Place::Around, cause: left_transaction().into_source(), rows: 0, key: None }
    }

    pub(super) fn is_lost_connection(&self) -> bool {
        classify(&*self.cause) == FailureKind::ConnectionLost
    }

    /// Whether the session was another one than that of the transaction before.
    fn is_of_a_pooler(&self) -> bool {
        self.cause.downcast_ref().is_some_and(prepared_elsewhere)
    }

    /// What it says about the rows.
    pub(in crate::runner) fn failure(&self) -> backfill::Failure {
        use crate::backfill::Failure;
        if self.is_of_a_pooler() {
            return Failure::Final;
        }
        match (classify(&*self.cause), self.place) {
            (kind, _) if kind.is_transient() => Failure::Passing,
            (FailureKind::StatementTimeout, Place::Read | Place::Apply) => Failure::TooLong,
            (FailureKind::ConnectionLost | FailureKind::ReadOnly | FailureKind::DiskFull, _) => {
                Failure::Final
            }
            (_, Place::Apply) => Failure::Row,
            // A value that does not fit its type is one row's.
            (_, Place::Read) if is_of_a_value(&*self.cause) => Failure::Row,
            (_, Place::Read | Place::Contract | Place::Around) => Failure::Final,
        }
    }

    /// The same as the reason why the worker ends; the batch began after this key.
    pub(super) fn into_quit(self, after: Option<String>) -> Quit {
        if self.cause.is::<BackfillError>() {
            return Quit::Failed(self.cause);
        }
        if self.is_of_a_pooler() {
            return Quit::LockLost(Lost::SessionMoved);
        }
        let (lost, cause) = (self.is_lost_connection(), self.cause);
        if lost {
            return Quit::ConnectionLost(BackfillError::ConnectionLost { after, cause });
        }
        match self.place {
            Place::Read => BackfillError::Read { after, cause },
            Place::Apply | Place::Contract | Place::Around => BackfillError::Batch { after, cause },
        }
        .into()
    }
}

impl Failed {
    /// The reason to end of a worker that has no piece: what failed is around the batches, or the search for a piece.
    pub(super) fn without_piece(self) -> Quit {
        let is_said = self.cause.is::<BackfillError>() || self.is_lost_connection() || self.is_of_a_pooler();
        if is_said || self.place == Place::Read {
            return self.into_quit(None);
        }
        BackfillError::State(self.cause).into()
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        Self::Batch(Failed::around(error))
    }
}

impl From<BodyError> for Stop {
    fn from(error: BodyError) -> Self {
        Self::Batch(Failed { place: Place::Around, cause: error.into_source(), rows: 0, key: None })
    }
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Self::Batch(failed)
    }
}

impl From<Quit> for Stop {
    fn from(quit: Quit) -> Self {
        Self::Quit(quit)
    }
}

impl From<BackfillError> for Stop {
    fn from(error: BackfillError) -> Self {
        Self::Quit(error.into())
    }
}

impl From<BackfillError> for Quit {
    fn from(error: BackfillError) -> Self {
        Self::Failed(Box::new(error))
    }
}

fn is_of_a_value(cause: &(dyn StdError + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(diesel::result::Error::DeserializationError(_)))
}
