//! The error of a migration's body.

use std::error::Error as StdError;
use std::fmt;

/// The result of a migration's body.
pub type Result<T, E = BodyError> = std::result::Result<T, E>;

/// The error of a body that nobody has written yet, with what belongs there.
///
/// `migrate adopt` leaves it where another tool's migration could not be taken over; `check` reports every place of it.
/// So such a migration fails when it runs, and is no silent nothing (I2).
///
/// ```
/// use migrate_core::prelude::*;
///
/// fn up() -> Result<()> {
///     Err(unwritten("upgrade() of c64001afbd46_backfill.py"))
/// }
/// assert_eq!(
///     up().unwrap_err().to_string(),
///     "this body is not written yet: upgrade() of c64001afbd46_backfill.py"
/// );
/// ```
pub fn unwritten(what: impl fmt::Display) -> BodyError {
    Unwritten(what.to_string()).into()
}

/// A body that is not written yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this body is not written yet: {0}")]
pub struct Unwritten(pub String);

/// Whatever went wrong in a migration's body.
///
/// Every error type converts into it with `?`; it keeps the original as its [`source`](Self::source), so the
/// runner can tell a lock timeout from a mistake. Like `anyhow::Error` it is not itself a
/// `std::error::Error`, which is what makes that conversion possible.
pub struct BodyError(Box<dyn StdError + Send + Sync + 'static>);

impl BodyError {
    /// Creates an error from a message: what a body returns when the data is not as expected.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string().into())
    }

    /// The error that the body returned.
    pub fn source(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }

    /// Gives the original error up.
    pub fn into_source(self) -> Box<dyn StdError + Send + Sync + 'static> {
        self.0
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for BodyError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// An error and its sources in one line.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut texts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(source) = next {
        texts.push(source.to_string());
        next = source.source();
    }
    // A transparent wrapper says what it wraps.
    texts.dedup();
    texts.join(": ")
}
