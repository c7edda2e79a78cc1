//! Scripts: what a run would do, as SQL for `psql`, `sqlite3` or `mysql`.
//!
//! A script is made without a database. Each body is asked for its operations, these are rendered, and the ledger's
//! statements around them check by themselves what a run checks between two statements: a script that is run twice,
//! or on a database that is elsewhere, fails at the ledger before it changes anything.
//!
//! What is Rust has no SQL. A step given to [`Context::data`](crate::Context::data) is a comment; a body that works
//! on the connection is a [`Gap`], where the script stops until the revision was applied by other means.

mod comment;
mod error;
mod resolve;
#[cfg(feature = "sqlite")]
mod scratch;
mod script;
mod text;
mod write;

pub use self::error::OfflineError;
pub(crate) use self::resolve::{Basis, Fault, Resolved, Resolver};
pub use self::script::{Gap, Item, Script, ScriptStep};
pub(crate) use self::write::{Author, Writer};
