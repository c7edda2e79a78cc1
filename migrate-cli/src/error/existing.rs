//! A database that was there before this history was.

use migrate_core::runner::OtherLedger;

use super::{CommandError, PROGRAM};

/// Adds the ways on from tables without a ledger.
pub(super) fn tables(told: CommandError, other_ledgers: &[OtherLedger]) -> CommandError {
    let told = ways_on(other_ledgers, PROGRAM).into_iter().fold(told, CommandError::hint);
    told.hint("nothing was changed; docs/guide/baseline.md goes through it step by step")
}

/// What to do with a database that holds tables and no ledger: who knows what they are has to say it.
pub(crate) fn ways_on(other_ledgers: &[OtherLedger], program: &str) -> Vec<String> {
    let mut ways = Vec::new();
    for OtherLedger { table, tool, adopt } in other_ledgers {
        ways.push(match adopt {
            Some(word) => {
                format!("{table} is {tool}'s ledger: `{program} adopt {word}` takes over what it records")
            }
            None => format!("{table} is the ledger of {tool}, so these tables are most likely its own"),
        });
    }
    ways.push(format!(
        "if they are what the revisions up to one make: `{program} stamp --verify <revision>` compares them, and \
         records that"
    ));
    ways.push(format!("if they are none of these revisions': `{program} upgrade --allow-tables`"));
    ways
}
