//! Operations outside a transaction: each is written down as it is begun and done (I8).
//!
//! A step outside a transaction is run again after a failure or a crash, from its start. Its journal says which of
//! its operations are done, so that they are passed over, and which one was in flight:
//!
//! | the operation | how it is journaled | in flight after a crash |
//! |---|---|---|
//! | what the server takes in a transaction | in one transaction with its work | nothing of it is there: it runs |
//! | `CONCURRENTLY` | committed as begun, then as done | the catalog is asked whether it is done |
//! | SQL that refuses transactions | committed as begun, then as done | it runs again |
//!
//! What a body does through [`connection`](crate::Context::connection) is not journaled and runs again.
//!
//! | file | what it has |
//! |---|---|
//! | `keeper` | the journal of a running step |
//! | `task` | operations as the journal knows them |
//! | `perform` | an operation done, tried again, or passed over |
//! | `concurrently` | leftovers and probes of what PostgreSQL does outside of transactions |
//! | `text` | which SQL refuses transactions |

mod concurrently;
mod error;
mod keeper;
mod perform;
mod task;
mod text;

pub use self::error::JournalError;
pub(crate) use self::keeper::{Journal, LockWait, Retry, Settings};
pub(crate) use self::task::Task;
