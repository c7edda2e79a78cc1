use super::sql::NoSqlForDialect;
use crate::connection::Dialect;

/// An operation that cannot be done, found out before anything of it ran.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The server has nothing of the kind.
    #[error("{dialect} cannot {operation}: {reason}")]
    Unsupported {
        /// What was to be done.
        operation: String,
        /// The server's dialect.
        dialect: Dialect,
        /// What is missing there.
        reason: &'static str,
    },
    /// The operation contradicts itself, or lacks something.
    #[error("cannot {operation}: {reason}")]
    Malformed {
        /// What was to be done.
        operation: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that no server, or not this one, takes.
    #[error("`{name}` is no name for {dialect}: {reason}")]
    Name {
        /// The name.
        name: String,
        /// The server's dialect.
        dialect: Dialect,
        /// What is wrong with it.
        reason: NameFault,
    },
    /// SQL that has no text for this server.
    #[error(transparent)]
    Sql(#[from] NoSqlForDialect),
    /// The server refuses it in a transaction.
    #[error("cannot {operation} in a transaction")]
    NotInTransaction {
        /// What was to be done.
        operation: String,
    },
    /// Nothing does it without keeping others from writing.
    #[error("cannot safely {operation}: {reason}")]
    NoSafeWay {
        /// What was to be done.
        operation: String,
        /// Why there is none.
        reason: NoSafeWay,
    },
    /// The body asked for the connection while it was only asked for its operations.
    #[error("the migration works on the connection, and there is none")]
    NeedsConnection,
}

/// Why there is no way to do something safely in one revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoSafeWay {
    /// A column that is the primary key.
    #[error("the index of a primary key would be built with the column")]
    PrimaryKeyColumn,
    /// A column that the server numbers.
    #[error("the server would number each row, and write the table anew")]
    Numbered,
    /// A column that is computed and stored.
    #[error("the server would compute each row, and write the table anew")]
    Stored,
    /// A default that may be another one for each row.
    #[error("the server may compute the default for each row, and write the table anew")]
    ExpressionDefault,
    /// A column that may not be NULL, without a default.
    #[error("rows that are there have no value for it")]
    NoValueForRows,
    /// An exclusion constraint.
    #[error("its index cannot be built concurrently")]
    Exclusion,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameFault {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// The server would cut it, so that it means something else.
    #[error("it has {bytes} bytes, and {longest} are kept")]
    TooLong {
        /// Its length in bytes (on MySQL: characters).
        bytes: usize,
        /// What the server keeps.
        longest: usize,
    },
    /// A zero byte ends it.
    #[error("it has a zero byte in it")]
    ZeroByte,
    /// The server would not keep the space at its end.
    #[error("it ends with a space")]
    TrailingSpace,
    /// The server keeps names in UTF-8 of three bytes at most.
    #[error("it has a character beyond U+FFFF")]
    BeyondThreeBytes,
    /// The server reserves it.
    #[error("the server reserves it")]
    Reserved,
}
