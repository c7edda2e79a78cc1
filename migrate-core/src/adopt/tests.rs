use std::collections::BTreeSet;

use super::{AdoptError, Adopted, Ours, Row, Source, Tool, decide};
use crate::graph::RevisionGraph;
use crate::revision::Revision;

/// ```text
/// a ── b ── c ─┐
///      └─── d ─┴ m     x ┄> b
/// ```
fn graph() -> RevisionGraph {
    RevisionGraph::new([
        Revision::new("a"),
        Revision::new("b").parent("a"),
        Revision::new("c").parent("b"),
        Revision::new("d").parent("b"),
        Revision::new("m").parent("c").parent("d"),
        Revision { depends_on: vec!["b".into()], ..Revision::new("x") },
    ])
    .unwrap()
}

fn rows(versions: &[&str]) -> Vec<Row> {
    let row = |version: &&str| Row {
        version: (*version).to_owned(),
        applied_at: Some(format!("at {version}")),
        ..Row::default()
    };
    versions.iter().map(row).collect()
}

fn ours(applied: &[&str], undone: &[&str]) -> Ours {
    let set = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    Ours { applied: set(applied), undone: set(undone) }
}

/// What is written, and what agrees.
fn decided(tool: Tool, versions: &[&str], applied: &[&str]) -> Result<(Vec<String>, Vec<String>), String> {
    decide(&graph(), &Source::from(tool), &rows(versions), &ours(applied, &[]))
        .map(|adoption| {
            (adoption.insert.into_iter().map(|adopted| adopted.revision).collect(), adoption.agreeing)
        })
        .map_err(|error| error.to_string())
}

#[track_caller]
fn writes(tool: Tool, versions: &[&str], applied: &[&str], expected: (&[&str], &[&str])) {
    let (insert, agreeing) = decided(tool, versions, applied).unwrap();
    assert_eq!((insert.iter().map(String::as_str).collect::<Vec<_>>().as_slice()), expected.0);
    assert_eq!((agreeing.iter().map(String::as_str).collect::<Vec<_>>().as_slice()), expected.1);
}

#[track_caller]
fn refuses(tool: Tool, versions: &[&str], applied: &[&str], expected: &str) {
    assert_eq!(decided(tool, versions, applied).unwrap_err(), expected);
}

#[test]
fn each_row_is_a_revision_with_its_time() {
    let adoption = decide(&graph(), &Source::from(Tool::Sqlx), &rows(&["b", "a"]), &Ours::default()).unwrap();
    let adopted = |id: &str| Adopted { revision: id.to_owned(), applied_at: Some(format!("at {id}")) };
    assert_eq!(adoption.insert, [adopted("a"), adopted("b")]);
}

#[test]
fn alembic_has_heads_and_what_is_below_them() {
    writes(Tool::Alembic, &["c", "d"], &[], (&["a", "b", "c", "d"], &[]));
    writes(Tool::Alembic, &["x"], &[], (&["a", "b", "x"], &[]));
    writes(Tool::Alembic, &[], &[], (&[], &[]));
    let adoption = decide(&graph(), &Source::from(Tool::Alembic), &rows(&["b"]), &Ours::default()).unwrap();
    assert!(adoption.insert.iter().all(|adopted| adopted.applied_at.is_none()));
}

#[test]
fn one_head_of_alembic_is_not_below_another() {
    let expected = "alembic_version holds b, which is below m, and m too";
    refuses(Tool::Alembic, &["b", "m"], &[], expected);
    refuses(Tool::Alembic, &["b", "x"], &[], "alembic_version holds b, which is below x, and x too");
}

#[test]
fn what_agrees_is_left_and_what_lacks_is_added() {
    writes(Tool::SeaOrm, &["a", "b"], &["a", "b"], (&[], &["a", "b"]));
    writes(Tool::SeaOrm, &["a", "b", "c"], &["a"], (&["b", "c"], &["a"]));
    // Migrated further since.
    writes(Tool::SeaOrm, &["a", "b"], &["a", "b", "c"], (&[], &["a", "b"]));
    refuses(
        Tool::SeaOrm,
        &["a", "b", "c"],
        &["a", "b", "d"],
        "the ledger holds d and not c, which SeaORM has applied",
    );
}

#[test]
fn what_was_undone_here_does_not_come_back() {
    let decide = |undone: &[&str]| {
        decide(&graph(), &Source::from(Tool::Refinery), &rows(&["a", "b", "c"]), &ours(&["a"], undone))
    };
    let error = decide(&["b", "c"]).unwrap_err();
    assert_eq!(error.to_string(), "refinery records b, c as applied, but a downgrade undid them since");
    assert_eq!(decide(&["d"]).unwrap().insert.len(), 2);
}

#[test]
fn rows_without_a_revision_are_listed() {
    for tool in Tool::ALL {
        refuses(
            tool,
            &["a", "y", "z"],
            &[],
            &format!("{tool} has applied what is no revision of this program: y, z"),
        );
    }
}

#[test]
fn a_set_that_is_not_closed_says_what_is_missing_below_what() {
    refuses(Tool::Diesel, &["a", "c", "d"], &[], "Diesel has applied c, d, but not b");
    refuses(Tool::Diesel, &["m"], &[], "Diesel has applied m, but not a, b, c, d");
    refuses(Tool::Diesel, &["x"], &[], "Diesel has applied x, but not a, b");
}

#[test]
fn a_row_that_failed_comes_first() {
    let mut rows = rows(&["a", "z"]);
    rows[1].failed = true;
    let error = decide(&graph(), &Source::from(Tool::Sqlx), &rows, &Ours::default()).unwrap_err();
    assert_eq!(error.to_string(), "sqlx records that z failed");
    assert!(matches!(error, AdoptError::Failed { rows, .. } if rows.len() == 1));
}

#[test]
fn what_diesels_harness_ran_of_ours_is_known_by_its_revision() {
    writes(Tool::Diesel, &["a", "000001-b"], &[], (&["a", "b"], &[]));
    writes(Tool::Diesel, &["a", "a-000002-b"], &[], (&["a", "b"], &[]));
    refuses(Tool::Sqlx, &["000001-b"], &[], "sqlx has applied what is no revision of this program: 000001-b");
    for version in ["1-b", "00001x-b", "000001b"] {
        let unknown = format!("Diesel has applied what is no revision of this program: {version}");
        refuses(Tool::Diesel, &[version], &[], &unknown);
    }
}
