//! Whether each way to link a migrations crate gives all of its migrations, or says which are missing.
//!
//! Builds the workspace in `tests/linkage` once for each profile and runs every artefact of it: programs,
//! examples, test crates, and C programs around a static and a dynamic library. Needs `cc` and Linux.

mod artefact;
mod outcome;
mod profile;

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Instant;

use self::artefact::ARTEFACTS;
use self::outcome::Outcome;
use self::profile::{PROFILES, Workspace};

#[test]
fn every_artefact_applies_all_migrations_or_says_which_are_missing() {
    let mut columns = Vec::new();
    let mut faults = Vec::new();
    for profile in PROFILES {
        let began = Instant::now();
        let workspace = Workspace::build(profile);
        let column: Vec<Outcome> = ARTEFACTS.iter().map(|artefact| artefact.run(&workspace)).collect();
        for (artefact, outcome) in ARTEFACTS.iter().zip(&column) {
            if !artefact.expected.admits(outcome) {
                faults.push(format!("{profile}: {}: {}", artefact.what, outcome.explain()));
            }
        }
        columns.push(column);
        say(&format!("linkage: {profile} took {} s\n", began.elapsed().as_secs()));
    }
    say(&table(&columns));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A Markdown table: the one in `docs/linking.md`.
fn table(columns: &[Vec<Outcome>]) -> String {
    let mut table =
        format!("| artefact | {} |\n|---|{}\n", PROFILES.join(" | "), "---|".repeat(PROFILES.len()));
    for (at, artefact) in ARTEFACTS.iter().enumerate() {
        let cells: Vec<_> = columns.iter().map(|column| column[at].to_string()).collect();
        writeln!(table, "| {} | {} |", artefact.what, cells.join(" | ")).expect("a string takes everything");
    }
    table
}

/// Past the capture of the test harness: a run of minutes should show that it is alive, and its result is a table.
fn say(text: &str) {
    std::io::stderr().write_all(text.as_bytes()).expect("stderr");
}
