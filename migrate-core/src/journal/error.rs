/// A step outside a transaction cannot go on from where its journal says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The migration was edited after a part of it was done.
    #[error("operation {position} of revision {revision} was `{journaled}` when it ran, and is {} now",
        if .asked == .journaled { "another one of that name".to_owned() } else { format!("`{asked}`") })]
    Changed {
        /// The revision.
        revision: String,
        /// Which operation, from 1.
        position: u32,
        /// What it was.
        journaled: String,
        /// What it is.
        asked: String,
    },
    /// The same, and the operation is gone.
    #[error(
        "operation {position} of revision {revision} was `{journaled}` when it ran, and is not there now"
    )]
    Gone {
        /// The revision.
        revision: String,
        /// Which operation, from 1.
        position: u32,
        /// What it was.
        journaled: String,
    },
    /// Another run has taken the step over.
    #[error("another run has taken revision {revision} over")]
    TakenOver {
        /// The revision.
        revision: String,
    },
    /// The work of an operation ended the transaction that it ran in.
    #[error("`{operation}` left a transaction open, or ended the one it runs in")]
    LeftTransaction {
        /// The operation.
        operation: String,
    },
    /// There is an index of the name, and it is another one.
    #[error("the index {index} is there with another definition: {found}")]
    OtherIndex {
        /// Its name.
        index: String,
        /// What it is, as the server says it.
        found: String,
    },
}
