use thiserror::Error;

use crate::connection::Dialect;

/// Why a catalog could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A query failed.
    #[error("the database's catalog could not be read")]
    Database(#[from] diesel::result::Error),
    /// The server answered with something that this version cannot read.
    #[error("the {what} in the database's catalog cannot be read: `{text}`")]
    Answer {
        /// What was read.
        what: &'static str,
        /// The answer.
        text: String,
    },
    /// The server is older than what its catalog is known of.
    #[error("the server's version {version} is older than {oldest}, the oldest whose catalog is known")]
    TooOld {
        /// Its version.
        version: String,
        /// The oldest one.
        oldest: &'static str,
    },
    /// This program has no reader for the server: it is not written, or its feature is off.
    #[error("this program cannot read the catalog of {dialect}")]
    Unread {
        /// The server.
        dialect: Dialect,
    },
    /// The connection does not know whether a transaction is open.
    #[error("the connection's transaction is in an unknown state")]
    UnknownTransaction,
}
