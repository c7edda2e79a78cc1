//! Every measured fact that operations can express, predicted and observed.

use std::collections::BTreeSet;

use migrate_tests::locks::{Case, Expected, FIXTURE, SECTIONS, Trial, mismatches};
use migrate_tests::testkit::Postgres;

use super::operations::{INEXPRESSIBLE, operations};
use super::run::{catalog_of, predict};

/// Where a query that validates a foreign key reads less of the other table than it might: the forecast has the worse.
const AS_THE_PLAN_WANTS: [(&str, &str); 1] =
    [("Partitions", "add a foreign key that refers to a partitioned table")];

fn cases() -> impl Iterator<Item = (&'static str, &'static Case)> {
    SECTIONS.iter().flat_map(|section| section.cases.iter().map(|case| (section.title, case)))
}

#[test]
fn every_measured_fact_is_predicted_or_said_to_be_no_operation() {
    let (mut missing, mut both, mut predicted) = (Vec::new(), Vec::new(), 0);
    for (section, case) in cases() {
        let expressed = operations(section, case.title).is_some();
        let listed = INEXPRESSIBLE.contains(&(section, case.title));
        predicted += usize::from(expressed);
        if !expressed && !listed {
            missing.push((section, case.title));
        } else if expressed && listed {
            both.push((section, case.title));
        }
    }
    assert!(missing.is_empty() && both.is_empty(), "missing {missing:#?}, twice {both:#?}");
    let known: BTreeSet<_> = cases().map(|(section, case)| (section, case.title)).collect();
    let gone: Vec<_> = INEXPRESSIBLE.iter().filter(|it| !known.contains(*it)).collect();
    assert!(gone.is_empty(), "{gone:?}");
    assert!(predicted > 90, "{predicted}");
}

fn predictions_hold_on(server: &Postgres) {
    let version = server.database().one("SELECT current_setting('server_version_num')");
    let major = version.parse::<u32>().unwrap() / 10_000;
    let fixture = server.database();
    fixture.execute(FIXTURE);
    let untouched = catalog_of(&fixture);
    let mut trials = Vec::new();
    for (section, case) in cases() {
        let Some(operations) = operations(section, case.title) else { continue };
        let measured = case.trial(major);
        if matches!(measured.expected, Expected::Refused(_)) {
            continue; // What the server refuses has no effect to predict.
        }
        let prepared = (!case.setup.is_empty()).then(|| {
            let copy = fixture.copy();
            case.setup.iter().for_each(|sql| copy.execute(sql));
            catalog_of(&copy)
        });
        let session: Vec<_> = case.statements.iter().filter(|sql| sql.starts_with("SET LOCAL")).collect();
        let utc = session.first().map(|sql| sql.contains("'UTC'"));
        let catalog = prepared.as_ref().unwrap_or(&untouched);
        let (statements, mut effects) = predict(&operations, &catalog.facts("public", utc));
        if AS_THE_PLAN_WANTS.contains(&(section, case.title))
            && let Expected::Effects(measured) = &measured.expected
        {
            assert!(effects.scanned.is_superset(&measured.scanned), "{}", case.title);
            effects.scanned.clone_from(&measured.scanned);
        }
        let session = session.into_iter().map(ToString::to_string);
        trials.push(Trial {
            title: format!("{section}: {}", case.title),
            statements: session.chain(statements).collect(),
            expected: Expected::Effects(effects),
            ..measured
        });
    }
    let mismatches = mismatches(server, &trials);
    assert!(mismatches.is_empty(), "on PostgreSQL {major}, of {}:\n{mismatches}", trials.len());
}

#[test]
fn predictions_hold_on_the_machines_server() {
    predictions_hold_on(Postgres::shared());
}

#[test]
fn predictions_hold_on_18() {
    predictions_hold_on(Postgres::eighteen());
}
