use std::error::Error as StdError;

/// Why a backfill stopped; the cause of [`runner::Error::Stopped`](crate::runner::Error::Stopped).
///
/// Keys are given as the checkpoint holds them: as JSON.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackfillError {
    /// A row failed alone, and no more rows may be put aside.
    #[error("the row {key} fails{}", after_rejected(*.rejected))]
    Row {
        /// Its key.
        key: String,
        /// How many rows were put aside before it.
        rejected: u64,
        /// What `apply`, or the commit, said.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// A batch failed in a way that says nothing about its rows.
    #[error("the batch {} failed", place(.after.as_deref()))]
    Batch {
        /// The key it began after; `None` at the beginning.
        after: Option<String>,
        /// What failed.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// The rows could not be read.
    #[error("the rows {} cannot be read", place(.after.as_deref()))]
    Read {
        /// The key they come after; `None` at the beginning.
        after: Option<String>,
        /// What `rows` said.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// The connection was lost; whether the last batch was committed, the checkpoint knows.
    #[error("the connection was lost in the batch {}", place(.after.as_deref()))]
    ConnectionLost {
        /// The key the batch began after; `None` at the beginning.
        after: Option<String>,
        /// What the connection said.
        #[source]
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// All rows were visited, and `remaining` does not agree.
    #[error("{} after all were visited{}", remain(*.remaining), apart_from(*.rejected))]
    Remaining {
        /// What `remaining` returned.
        remaining: i64,
        /// How many of them are rows that were put aside.
        rejected: u64,
    },
    /// `remaining` failed.
    #[error("the rows that remain cannot be counted")]
    Uncounted(#[source] Box<dyn StdError + Send + Sync>),
    /// `rows` does not heed the span's limit.
    #[error("`rows` returned {rows} rows where the span's limit is {limit}")]
    TooMany {
        /// How many it returned.
        rows: usize,
        /// How many it was asked for.
        limit: u32,
    },
    /// Two rows of a batch have the same key, so a batch could end between them and lose one.
    #[error("two rows have the key {key}")]
    Repeated {
        /// The key.
        key: String,
    },
    /// `rows` does not heed the span's lower bound.
    #[error("`rows` returns the row {key}, which the span begins after")]
    Stuck {
        /// The key.
        key: String,
    },
    /// `rows` does not read in the order of the key, so the next batch would read some of the rows again.
    #[error("`rows` returns the row {key} after the row {last}, which is not the order of the key")]
    OutOfOrder {
        /// The key that comes too late.
        key: String,
        /// The one before it.
        last: String,
    },
    /// A key cannot be written down as JSON.
    #[error("a key cannot be written down")]
    Key(#[source] serde_json::Error),
    /// A key that no condition finds again: SQL compares nothing with NULL, and JSON has no NaN or infinity.
    #[error("the key {key} has a NULL, or a number that is none")]
    NullKey {
        /// The key.
        key: String,
    },
    /// A key that comes back from JSON as another one, so that the next batch would begin elsewhere.
    #[error("the key {key} is another one when it is read back from JSON")]
    Unstable {
        /// The key.
        key: String,
    },
    /// The checkpoint holds a key of another type: the backfill was edited.
    #[error("the checkpoint's key {key} is none of this backfill's")]
    Checkpoint {
        /// The key.
        key: String,
        /// Why.
        #[source]
        cause: serde_json::Error,
    },
    /// The table of checkpoints has no such row any more.
    #[error("the checkpoint is gone")]
    NoCheckpoint,
    /// Another run has taken the backfill over, where only one can work on it.
    #[error("another run has taken over the backfill")]
    TakenOver,
    /// The backfill was paused or cancelled from elsewhere.
    #[error("the backfill is {state}")]
    Withheld {
        /// `paused` or `cancelled`.
        state: String,
    },
    /// Several workers need connections of their own.
    #[error("{workers} workers need a connector, and there is none")]
    NoConnector {
        /// How many were asked for.
        workers: u32,
    },
    /// A worker has got no connection.
    #[error("a worker cannot connect")]
    Connect(#[source] Box<dyn StdError + Send + Sync>),
    /// The row of the ledger or the checkpoints could not be read or written, outside of any batch.
    #[error("the state of the backfill cannot be read or written")]
    State(#[source] Box<dyn StdError + Send + Sync>),
    /// `throttle` failed.
    #[error("the backfill cannot say whether to wait")]
    Throttle(#[source] Box<dyn StdError + Send + Sync>),
    /// The body was called as if it were an ordinary migration.
    #[error("a backfill is run in batches, by the runner")]
    NotARun,
}

fn place(after: Option<&str>) -> String {
    after.map_or_else(|| "at the beginning".to_owned(), |key| format!("after {key}"))
}

fn after_rejected(rejected: u64) -> String {
    if rejected == 0 { String::new() } else { format!(", after {rejected} that were put aside") }
}

fn remain(remaining: i64) -> String {
    if remaining == 1 { "1 row remains".to_owned() } else { format!("{remaining} rows remain") }
}

fn apart_from(rejected: u64) -> String {
    if rejected == 0 { String::new() } else { format!(", {rejected} of them put aside") }
}
