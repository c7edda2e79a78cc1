//! A database that was there before this history was.

use migrate_core::catalog::Difference;
use migrate_core::connection::Dialect;
use migrate_core::graph::RevisionGraph;
use migrate_core::runner::{MakeError, OtherLedger, VerifyError};

use super::{CommandError, ErrorKind, PROGRAM, pages};

/// The way out where no scratch database can be made.
const GIVE_ONE: &str =
    "pass --scratch with the URL of an empty database on a server of the same version; it is emptied again";

/// Adds the ways on from tables without a ledger.
pub(super) fn tables(told: CommandError, other_ledgers: &[OtherLedger]) -> CommandError {
    let told = ways_on(other_ledgers, PROGRAM).into_iter().fold(told, CommandError::hint);
    told.hint(format_args!("nothing was changed; step by step: {}", pages::BASELINE))
}

/// What to do with a database that holds tables and no ledger: who knows what they are has to say it.
pub(crate) fn ways_on(other_ledgers: &[OtherLedger], program: &str) -> Vec<String> {
    let mut ways = Vec::new();
    for OtherLedger { table, tool, adopt } in other_ledgers {
        ways.push(match adopt {
            Some(word) => {
                format!("{table} is {tool}'s ledger: `{program} adopt {word}` takes over what it records")
            }
            None => format!("{table} is the ledger of {tool}, which may know what was done to these tables"),
        });
    }
    ways.push(format!(
        "if they are the schema as some revision leaves it: `{program} stamp --verify <revision>` compares, and \
         records it"
    ));
    ways.push(format!("if they are none of these revisions': `{program} upgrade --allow-tables`"));
    ways
}

/// A database that is not what the revisions make.
pub(crate) fn differs(difference: &Difference, place: &str) -> CommandError {
    let objects = match difference.changes.len() {
        1 => "1 object differs".to_owned(),
        number => format!("{number} objects differ"),
    };
    let message = format!("the database is not what {place} makes it: {objects}");
    CommandError::new(ErrorKind::Ledger, "differs", message)
        .hint("`-` is missing in the database, `+` is only there, `~` is as the revisions make it -> as it is there")
        .hint("nothing was changed: is the database at another revision, or was it changed by hand?")
        .hint("what is none of these revisions' is passed over with --ignore <table>")
}

/// No scratch database.
pub(crate) fn scratch(error: &MakeError) -> CommandError {
    let kind = match error {
        MakeError::NotAllowed { .. } => ErrorKind::Refused,
        MakeError::Connection(_) => ErrorKind::Connection,
        _ => ErrorKind::Database,
    };
    let told = CommandError::new(kind, "no_scratch", error).sources(error).hint(GIVE_ONE);
    match error {
        MakeError::NotAllowed { login } => {
            told.hint(format_args!("or allow it: ALTER ROLE {login} CREATEDB"))
        }
        _ => told,
    }
}

/// `--scratch` names something that cannot stand for the database.
pub(crate) fn scratch_of_another_kind(scratch: Dialect, database: Dialect) -> CommandError {
    let message = if scratch == database {
        format!("{database} needs no --scratch: the revisions are applied in memory")
    } else {
        format!("--scratch is {scratch}, and the database is {database}")
    };
    CommandError::new(ErrorKind::Usage, "wrong_scratch", message)
}

/// A comparison that came to no answer.
pub(super) fn unverified(told: CommandError, error: &VerifyError, graph: &RevisionGraph) -> CommandError {
    let told = match error {
        VerifyError::NotEmpty(_) => {
            told.hint("give it a database of its own: CREATE DATABASE … TEMPLATE template0")
        }
        VerifyError::Build { prepared, source } => {
            let inner = super::running(source, graph);
            let told = inner.causes.into_iter().fold(told, |told, cause| {
                if told.causes.contains(&cause) { told } else { told.cause(cause) }
            });
            let told = told.hint("the history lacks what it builds on: the first revision has to make all that the later ones change");
            if prepared.is_empty() {
                told
            } else {
                told.hint(format_args!(
                    "these were put there beforehand, because the database has them: {}",
                    prepared.join(", ")
                ))
            }
        }
        VerifyError::Changed => {
            told.hint("somebody else is at work on it, or --scratch is the database itself")
        }
        _ => told,
    };
    told.hint("nothing was changed")
}
