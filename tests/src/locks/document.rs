//! The document for users.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Case, Expected, SECTIONS};
use crate::testkit::{Effects, LockMode};

const INTRODUCTION: &str = "\
# Locks

What each schema change does to a PostgreSQL table that is in use: the locks it takes, the tables it writes anew, the
tables of which it reads every row while it holds its locks, and who has to wait.

Each line is a measurement. The tests run the statement on PostgreSQL 15 and on 18, in a transaction, and compare what
the server shows (`pg_locks`, the files of the tables, its count of rows read) with this page, which is made of the
same data by `cargo run -p migrate-tests --bin locks-document`. A statement that refuses transactions is looked at
while others use its tables. Where the versions differ, the line says so.

A lock is held until the transaction ends, so what comes after the statement in the same migration makes everybody
wait as well. And a lock that is waited for is as bad as one that is held: while a migration waits for one long query,
every later query waits behind the migration. That is what a lock timeout is for.

The tables are small and the statements name them: `users` (3,000 rows, with indexes on `id`, `email` and `nickname`),
`teams`, `memberships` (which refers to `users`), and `events` with two partitions. The materialized view `team_sizes`
reads `users`.
";

const MAINTENANCE: &str = "
Maintenance is `VACUUM`, `ANALYZE`, a validation, a change of settings. A concurrent index build waits for the same, and
for every transaction that has written to the table; autovacuum does not wait, it comes back later.
";

/// A major version that is newer than all that a case tells apart.
const NEWEST: u32 = u32::MAX;

/// The text of `docs/locks.md`.
#[must_use]
pub fn document() -> String {
    let mut text = INTRODUCTION.to_owned();
    text += "\n## The locks\n\nFrom the weakest to the strongest.\n\n";
    text += "| lock | readers wait | writers wait | `SELECT … FOR UPDATE` waits | maintenance waits |\n";
    text += "|---|---|---|---|---|\n";
    for mode in LockMode::ALL {
        let [reads, writes, row_locks, maintenance] =
            [mode.blocks_reads(), mode.blocks_writes(), mode.blocks_row_locks(), mode.blocks_maintenance()]
                .map(|waits| if waits { "yes" } else { "" });
        let _ = writeln!(text, "| {mode} | {reads} | {writes} | {row_locks} | {maintenance} |");
    }
    text += MAINTENANCE;
    for section in SECTIONS {
        let _ = write!(text, "\n## {}\n\n", section.title);
        if !section.text.is_empty() {
            let _ = write!(text, "{}\n\n", section.text);
        }
        text += "| change | statement | locks | writes anew | reads all of | who waits |\n";
        text += "|---|---|---|---|---|---|\n";
        for case in section.cases {
            text += &row(case);
        }
    }
    text
}

fn row(case: &Case) -> String {
    let statement = case.statements.join("; ").replace('|', "\\|");
    let (title, note) = (case.title, note(case));
    let cells = match case.expected(NEWEST) {
        Expected::Refused(words) => format!("error: {words} | | | "),
        Expected::Effects(effects) => {
            let older = case.differs_since().map(|major| (major, case.expected(major - 1)));
            let locks = match older {
                Some((major, Expected::Effects(older))) => {
                    format!("{}; from {major}: {}", locks(&older), locks(&effects))
                }
                _ => locks(&effects),
            };
            let anew = names(effects.rewritten.iter().chain(&effects.rebuilt));
            format!("{locks} | {anew} | {} | {}", names(&effects.scanned), waiting(&effects.locks))
        }
    };
    format!("| {title}{note} | `{statement}` | {cells} |\n")
}

/// Where it can be run.
fn note(case: &Case) -> String {
    let outside = case.beside.map(|_| "outside of a transaction".to_owned());
    let since = case.since.map(|(major, words)| match words {
        "syntax error" => format!("PostgreSQL {major}"),
        words => format!("PostgreSQL {major}; before: {words}"),
    });
    let notes: Vec<_> = outside.into_iter().chain(since).collect();
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

fn locks(effects: &Effects) -> String {
    let locks: Vec<_> = effects.locks.iter().map(|(name, mode)| format!("`{name}` {mode}")).collect();
    if locks.is_empty() { "none".to_owned() } else { locks.join(", ") }
}

fn names<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn waiting(locks: &BTreeMap<String, LockMode>) -> String {
    let of = |filter: &dyn Fn(LockMode) -> bool| {
        names(locks.iter().filter(|(_, mode)| filter(**mode)).map(|(name, _)| name))
    };
    let groups: Vec<_> = [
        ("readers and writers", of(&LockMode::blocks_reads)),
        ("writers", of(&|mode| mode.blocks_writes() && !mode.blocks_reads())),
        ("maintenance", of(&|mode| mode.blocks_maintenance() && !mode.blocks_writes())),
    ]
    .into_iter()
    .filter(|(_, relations)| !relations.is_empty())
    .map(|(who, relations)| format!("{who} of {relations}"))
    .collect();
    if groups.is_empty() { "nobody".to_owned() } else { groups.join("; ") }
}
