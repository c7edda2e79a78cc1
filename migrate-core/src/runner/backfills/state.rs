//! The states of a backfill, the commands, and which command has a meaning in which state.

use std::fmt;

use super::super::error::first_few;

/// Where a backfill stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BackfillState {
    /// Not begun, and what it builds on is not applied yet.
    Blocked,
    /// Not begun, and nothing is in its way.
    Pending,
    /// Somebody works on it.
    Running,
    /// Begun and not done; nobody works on it and nobody seems to have died over it.
    Stopped,
    /// Begun and not done; a worker is missing: no session, or no sign of life for 30 s.
    Stalled,
    /// Somebody had it paused: workers wait until it is resumed.
    Paused,
    /// Somebody had it cancelled: workers have stopped, and none begins until it is resumed.
    Cancelled,
    /// Done, and recorded in the ledger.
    Done,
}

/// What can be asked of a backfill from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BackfillCommand {
    /// To wait, with everything as it is.
    Pause,
    /// To go on after a pause or a cancellation.
    Resume,
    /// To stop.
    Cancel,
    /// To try the rows again that were put aside.
    RetryRejected,
}

impl BackfillState {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Stalled => "stalled",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    /// Whether it was begun and is not done.
    #[must_use]
    pub fn is_unfinished(self) -> bool {
        matches!(self, Self::Running | Self::Stopped | Self::Stalled | Self::Paused | Self::Cancelled)
    }

    /// Whether the command has a meaning in this state: the table of transitions.
    #[must_use]
    pub fn allows(self, command: BackfillCommand) -> bool {
        use BackfillCommand::{Cancel, Pause, Resume, RetryRejected};
        match self {
            Self::Blocked | Self::Pending => false,
            Self::Running | Self::Stopped | Self::Stalled => {
                matches!(command, Pause | Cancel | RetryRejected)
            }
            Self::Paused => matches!(command, Resume | Cancel | RetryRejected),
            Self::Cancelled => matches!(command, Resume | RetryRejected),
            Self::Done => matches!(command, RetryRejected),
        }
    }

    pub(in crate::runner) fn reason(self, waits_for: &[String]) -> String {
        match self {
            Self::Blocked => format!("it has not begun, and waits for {}", first_few(waits_for)),
            Self::Pending => "it has not begun".to_owned(),
            Self::Stopped => "nobody works on it, and nothing holds it back".to_owned(),
            Self::Stalled => "its worker is gone, and nothing holds it back".to_owned(),
            Self::Running | Self::Paused | Self::Cancelled | Self::Done => format!("it is {self}"),
        }
    }
}

impl fmt::Display for BackfillState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for BackfillCommand {
    /// As in "cannot be …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
            Self::RetryRejected => "retried",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_its_states() {
        use BackfillCommand::{Cancel, Pause, Resume, RetryRejected};
        use BackfillState::{Blocked, Cancelled, Done, Paused, Pending, Running, Stalled, Stopped};
        let all = [Blocked, Pending, Running, Stopped, Stalled, Paused, Cancelled, Done];
        let allowing = |command| all.into_iter().filter(|state| state.allows(command)).collect::<Vec<_>>();
        assert_eq!(allowing(Pause), [Running, Stopped, Stalled]);
        assert_eq!(allowing(Resume), [Paused, Cancelled]);
        assert_eq!(allowing(Cancel), [Running, Stopped, Stalled, Paused]);
        assert_eq!(allowing(RetryRejected), [Running, Stopped, Stalled, Paused, Cancelled, Done]);
    }
}
