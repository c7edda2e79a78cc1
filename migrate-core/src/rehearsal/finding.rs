use std::fmt;

/// What a rehearsal found out that would stop the backfill, or that its author may not expect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A row fails alone: the backfill would put it aside, or stop at it.
    Row {
        /// Its key, as JSON.
        key: String,
        /// The error and its causes.
        error: String,
    },
    /// Rows cannot be read.
    Unreadable {
        /// The last key before them, as JSON; `None` at the beginning of the table.
        after: Option<String>,
        /// The error and its causes.
        error: String,
    },
    /// The backfill does not keep its contract: its keys, their order, or the bounds of a span.
    Contract {
        /// The last key before the place, as JSON; `None` at the beginning of the table.
        after: Option<String>,
        /// How.
        error: String,
    },
    /// Rows were done and the database is as it was.
    NothingChanged,
    /// The rows that were done still count as not done: the check at the end would not pass.
    StillRemaining {
        /// How many rows remained, before and after.
        remaining: i64,
    },
    /// `remaining` fails.
    Uncounted {
        /// The error and its causes.
        error: String,
    },
}

impl Finding {
    /// A word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Row { .. } => "bad_row",
            Self::Unreadable { .. } => "unreadable",
            Self::Contract { .. } => "contract",
            Self::NothingChanged => "nothing_changed",
            Self::StillRemaining { .. } => "still_remaining",
            Self::Uncounted { .. } => "uncounted",
        }
    }

    /// The key that it is about, as JSON: the row's own, or the last one before.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Row { key, .. } => Some(key),
            Self::Unreadable { after, .. } | Self::Contract { after, .. } => after.as_deref(),
            Self::NothingChanged | Self::StillRemaining { .. } | Self::Uncounted { .. } => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row { key, error } => write!(f, "the row {key} fails: {error}"),
            Self::Unreadable { after: None, error } => write!(f, "the first rows cannot be read: {error}"),
            Self::Unreadable { after: Some(after), error } => {
                write!(f, "the rows after {after} cannot be read: {error}")
            }
            Self::Contract { error, .. } => f.write_str(error),
            Self::NothingChanged => f.write_str("rows were done, and no row of any table was written"),
            Self::StillRemaining { remaining } => {
                write!(f, "`remaining` is {remaining} before and after: what was done does not count as done")
            }
            Self::Uncounted { error } => write!(f, "`remaining` fails: {error}"),
        }
    }
}
