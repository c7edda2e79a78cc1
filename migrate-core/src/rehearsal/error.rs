use std::error::Error as StdError;

/// Why a backfill cannot be rehearsed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RehearsalError {
    /// No such revision, by its full id.
    #[error("there is no revision {revision}")]
    Unknown {
        /// The id.
        revision: String,
    },
    /// It is an ordinary migration.
    #[error("revision {revision} is no backfill")]
    NotABackfill {
        /// The revision.
        revision: String,
    },
    /// It is done.
    #[error("the backfill {revision} is applied: nothing of it comes next")]
    Applied {
        /// The revision.
        revision: String,
    },
    /// What it builds on is not there, and so perhaps not its table.
    #[error("revision {revision} builds on {}, which {} not applied", .pending.join(", "),
        if .pending.len() == 1 { "is" } else { "are" })]
    ParentsPending {
        /// The revision.
        revision: String,
        /// Its parents that are not applied, sorted.
        pending: Vec<String>,
    },
    /// The caller has a transaction open, which would keep the locks of the rehearsal.
    #[error("a rehearsal needs a connection without an open transaction")]
    InTransaction,
    /// Others held locks for longer than a rehearsal waits.
    #[error("others are at work on the rows of the rehearsal")]
    InTheWay(#[source] Box<dyn StdError + Send + Sync>),
    /// The connection was lost, or the database takes no writes.
    #[error("the rehearsal stopped, and nothing of it stays")]
    Stopped(#[source] Box<dyn StdError + Send + Sync>),
    /// The body ended the transaction that was to be rolled back.
    #[error("the backfill ends the transaction that it is given: what it had done by then may have stayed")]
    LeftTransaction,
}
