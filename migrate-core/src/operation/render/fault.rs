use std::fmt;

use crate::connection::Dialect;
use crate::operation::OperationError;
use crate::operation::sql::NoSqlForDialect;

/// Why a part of an operation cannot be rendered, found where the operation itself is not known.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server has nothing of the kind.
    Unsupported(&'static str),
    /// The operation contradicts itself, or lacks something.
    Malformed(String),
    /// An error that is whole already.
    Whole(OperationError),
}

impl Fault {
    pub(super) fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed(reason.into())
    }

    /// The error of the operation that the part belongs to.
    pub(super) fn of(self, operation: &impl fmt::Display, dialect: Dialect) -> OperationError {
        let operation = operation.to_string();
        match self {
            Self::Unsupported(reason) => OperationError::Unsupported { operation, dialect, reason },
            Self::Malformed(reason) => OperationError::Malformed { operation, reason },
            Self::Whole(error) => error,
        }
    }
}

impl From<OperationError> for Fault {
    fn from(error: OperationError) -> Self {
        Self::Whole(error)
    }
}

impl From<NoSqlForDialect> for Fault {
    fn from(error: NoSqlForDialect) -> Self {
        Self::Whole(error.into())
    }
}
