//! The exit codes: one per class of failure, so that a deployment script can tell them apart.

/// The command did what it was asked.
pub const SUCCESS: u8 = 0;
/// A question was answered with no: `check` found something, `current --check-heads` is not at the heads.
pub const CHECK_FAILED: u8 = 1;
/// The command line itself is wrong.
pub const USAGE: u8 = 2;
/// A revision or target does not exist, is ambiguous, or cannot be reached from here.
pub const TARGET: u8 = 3;
/// The migrations do not fit together: the graph has faults, or the binary lacks some of them.
pub const GRAPH: u8 = 4;
/// A source file could not be read or written.
pub const SOURCE: u8 = 5;
/// The command was not confirmed, would cross an irreversible revision, or has no meaning for a backfill in its state;
/// nothing was changed.
pub const REFUSED: u8 = 6;
/// A safety rule that is denied found something in the upgrade; nothing was changed.
pub const UNSAFE: u8 = 7;
/// No connection: the settings are wrong, the server is down, or this binary lacks its feature.
pub const CONNECTION: u8 = 10;
/// The ledger holds what this binary does not know, or was written by a newer version, or there are tables and no
/// ledger; nothing was changed.
pub const LEDGER: u8 = 11;
/// Another run held the lock for longer than this one would wait.
pub const LOCK: u8 = 12;
/// A migration failed; the steps before it are recorded and the same command continues.
pub const STOPPED: u8 = 13;
/// The database refused one of the program's own statements.
pub const DATABASE: u8 = 14;
/// The output could not be written.
pub const OUTPUT: u8 = 15;
/// The run was asked to stop, by Ctrl-C or SIGTERM, and did so after a step or a batch, or while it waited for the
/// server; the same command continues.
pub const HALTED: u8 = 16;
/// A second Ctrl-C ended the program at once, as a shell reports it; what was not committed is undone.
pub const INTERRUPTED: u8 = 130;
/// A second SIGTERM ended the program at once.
pub const TERMINATED: u8 = 143;

/// The table that `--help` shows.
pub(crate) const HELP: &str = "\
Exit codes:
   0  done
   1  `check` or `current --check-heads` says no
   2  wrong arguments
   3  no such target, or several, or not reachable
   4  the migrations do not fit together
   5  a source file could not be read or written
   6  not confirmed, irreversible, or not possible for a backfill now; nothing was changed
   7  a safety rule that is denied found something; nothing was changed
  10  no connection
  11  the ledger holds what this binary does not know, or there are tables and no ledger
  12  another run holds the lock
  13  a migration failed; the steps before it are recorded
  14  the database refused a statement of this program
  15  the output could not be written
  16  asked to stop by Ctrl-C or SIGTERM: what is done stays, the same command continues
 130  ended at once by a second Ctrl-C
 143  ended at once by a second SIGTERM";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_lists_every_code() {
        let all = [
            SUCCESS,
            CHECK_FAILED,
            USAGE,
            TARGET,
            GRAPH,
            SOURCE,
            REFUSED,
            UNSAFE,
            CONNECTION,
            LEDGER,
            LOCK,
            STOPPED,
            DATABASE,
            OUTPUT,
            HALTED,
            INTERRUPTED,
            TERMINATED,
        ];
        let listed: Vec<u8> = HELP
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter_map(|word| word.parse().ok())
            .collect();
        assert_eq!(listed, all);
    }
}
