use std::error::Error as StdError;

use crate::operation::OperationError;
use crate::plan::Direction;

/// Why a script cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfflineError {
    /// A step has no SQL for this server: it would not run there either.
    #[error("the {direction} of revision {revision} cannot be written as SQL")]
    Step {
        /// The revision.
        revision: String,
        /// The direction of the step.
        direction: Direction,
        /// What its body, or the rendering of an operation, said.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// The ledger's names or rows have none.
    #[error("the ledger cannot be written as SQL")]
    Ledger(#[from] OperationError),
}
