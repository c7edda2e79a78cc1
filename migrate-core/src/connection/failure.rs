use diesel::result::{DatabaseErrorKind, Error};

/// What kind of failure an error of the database is, as far as the runner acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// A lock was not granted in time, or SQLite's file stayed busy.
    LockTimeout,
    /// A statement took longer than the server lets it.
    StatementTimeout,
    /// The server chose this transaction to break a deadlock.
    Deadlock,
    /// A concurrent transaction made this one impossible to serialize.
    Serialization,
    /// The connection is gone.
    ConnectionLost,
    /// The server or the file does not take writes.
    ReadOnly,
    /// A unique constraint already has the value.
    UniqueViolation,
    /// No space is left for the database.
    DiskFull,
    /// Everything else.
    Other,
}

impl FailureKind {
    /// Whether running the same transaction again may succeed.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::LockTimeout | Self::Deadlock | Self::Serialization)
    }
}

/// Finds the Diesel error in a chain of errors and says what kind of failure it is.
///
/// Diesel does not hand out the SQLSTATE, so lock timeout, deadlock and a full disk are told by the server's
/// message: on a PostgreSQL server whose `lc_messages` is not English those three count as
/// [`FailureKind::Other`] and are not retried.
#[must_use]
pub fn classify(error: &(dyn std::error::Error + 'static)) -> FailureKind {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Error>() {
            return classify_diesel(found);
        }
        next = error.source();
    }
    FailureKind::Other
}

/// What PostgreSQL says besides the message of an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Which row, which key, which objects: a sentence, or one on each line.
    pub detail: Option<String>,
    /// What may help.
    pub hint: Option<String>,
}

impl Remarks {
    /// Those of an error itself, if it is one of Diesel; not of its sources.
    #[must_use]
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        match error.downcast_ref() {
            Some(Error::DatabaseError(_, said)) => {
                Self { detail: said.details().map(str::to_owned), hint: said.hint().map(str::to_owned) }
            }
            _ => Self::default(),
        }
    }
}

fn classify_diesel(error: &Error) -> FailureKind {
    match error {
        Error::DatabaseError(kind, information) => match kind {
            DatabaseErrorKind::SerializationFailure => FailureKind::Serialization,
            DatabaseErrorKind::ReadOnlyTransaction => FailureKind::ReadOnly,
            DatabaseErrorKind::UniqueViolation => FailureKind::UniqueViolation,
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                FailureKind::ConnectionLost
            }
            _ => classify_message(information.message()),
        },
        Error::BrokenTransactionManager => FailureKind::ConnectionLost,
        Error::RollbackErrorOnCommit { commit_error, .. } => classify_diesel(commit_error),
        _ => FailureKind::Other,
    }
}

fn classify_message(message: &str) -> FailureKind {
    const TABLE: &[(&str, FailureKind)] = &[
        ("due to lock timeout", FailureKind::LockTimeout),
        ("due to statement timeout", FailureKind::StatementTimeout),
        ("could not obtain lock on", FailureKind::LockTimeout),
        ("database is locked", FailureKind::LockTimeout),
        ("database table is locked", FailureKind::LockTimeout),
        ("deadlock detected", FailureKind::Deadlock),
        ("could not serialize access", FailureKind::Serialization),
        ("readonly database", FailureKind::ReadOnly),
        ("in a read-only transaction", FailureKind::ReadOnly),
        ("during recovery", FailureKind::ReadOnly),
        ("database or disk is full", FailureKind::DiskFull),
        ("No space left on device", FailureKind::DiskFull),
        ("server closed the connection", FailureKind::ConnectionLost),
        ("terminating connection", FailureKind::ConnectionLost),
        ("connection to server was lost", FailureKind::ConnectionLost),
        ("the database system is starting up", FailureKind::ConnectionLost),
        ("the database system is shutting down", FailureKind::ConnectionLost),
        ("the database system is in recovery mode", FailureKind::ConnectionLost),
    ];
    TABLE.iter().find(|(text, _)| message.contains(text)).map_or(FailureKind::Other, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_another_error_is_still_recognised() {
        #[derive(Debug, thiserror::Error)]
        #[error("while copying")]
        struct Wrapped(#[source] Error);

        let inner =
            Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new("deadlock detected".to_owned()));
        assert_eq!(classify(&Wrapped(inner)), FailureKind::Deadlock);
        assert!(FailureKind::Deadlock.is_transient());
        assert!(!classify(&std::io::Error::other("deadlock detected")).is_transient());
    }
}
