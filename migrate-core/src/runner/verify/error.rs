use thiserror::Error as ThisError;

use crate::connection::UrlError;
use crate::runner::Error;

/// Why a database could not be compared with what the revisions make.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum VerifyError {
    /// The scratch database is to be empty, and is not: nothing in it was touched.
    #[error("the scratch database is not empty: {0}")]
    NotEmpty(String),
    /// The revisions do not run on an empty database.
    #[error("the revisions cannot be applied to an empty database")]
    Build {
        /// What was put there beforehand, because the database has it: extensions and schemas.
        prepared: Vec<String>,
        /// How the run ended.
        #[source]
        source: Box<Error>,
    },
    /// Tables came or went while the scratch database was built; or it is the database itself.
    #[error("the tables of the database changed while it was verified")]
    Changed,
    /// Somebody asked it to stop, see [`Options::stop`](crate::Options::stop).
    #[error("the verification was asked to stop")]
    Halted,
}

/// Why no scratch database could be made.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum MakeError {
    /// The login may not create databases.
    #[error("{login} may not create databases on this server")]
    NotAllowed {
        /// The role.
        login: String,
    },
    /// The server could not be reached, or the new database could not.
    #[error("no scratch database could be made")]
    Connection(#[from] UrlError),
    /// The server refused.
    #[error("no scratch database could be made")]
    Database(#[from] diesel::result::Error),
}
