use std::fmt::Write as _;

use expect_test::expect_file;
use migrate_core::connection::Dialect;
use migrate_core::operation::Operation;
use migrate_core::operation::render::Piece;
use migrate_tests::samples::{Sample, samples};

use super::run::try_out;

/// What SQLite itself does not take: a collation that is not there, SQL of another server.
const REFUSED: [(&str, &str); 10] = [
    ("create table with all that columns have", "no such collation sequence: C"),
    ("add column with a collation", "no such collation sequence: C"),
    ("alter column: everything", "`(age::text)` is not understood"),
    ("alter column: type by an expression", "`(c::jsonb)` is not understood"),
    ("alter column: type and default", "`(c::integer)` is not understood"),
    ("alter column: type, of a column with a collation", "no such collation sequence: C"),
    ("alter column: collation alone", "no such collation sequence: C"),
    ("create index of keys with everything", "no such collation sequence: C"),
    ("type: custom", "near \"with\": syntax error"),
    ("execute with undo", "near \"GRANT\": syntax error"),
];

#[test]
fn every_sample_runs_on_sqlite() {
    let mut failures = Vec::new();
    let mut refused = Vec::new();
    for sample in renderable() {
        let Err(said) = try_out(&sample).map(drop) else { continue };
        match REFUSED.iter().find(|(name, reason)| *name == sample.name && said.contains(reason)) {
            Some((name, _)) => refused.push(*name),
            None => failures.push(format!("{}: {said}", sample.name)),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert_eq!(refused, REFUSED.map(|(name, _)| name));
}

#[test]
fn what_is_resolved_on_the_database_leaves_this_schema() {
    let mut listing = String::new();
    let resolved = |sample: &Sample| {
        let pieces = sample.operation.render(Dialect::Sqlite).unwrap_or_default();
        pieces.iter().any(|piece| matches!(piece, Piece::Resolve(_)))
    };
    for sample in renderable().into_iter().filter(resolved) {
        let _ = writeln!(listing, "-- {}", sample.name);
        match try_out(&sample) {
            Ok(done) => done.schema().iter().for_each(|sql| {
                let _ = writeln!(listing, "{sql};");
            }),
            Err(said) => {
                let _ = writeln!(listing, "-- error: {said}");
            }
        }
        listing.push('\n');
    }
    expect_file!["../../../fixtures/rendering/sqlite_resolved.sql"].assert_eq(&listing);
}

/// What is not refused from the start, nor what comes before it: the file of expected SQL has the reasons of the
/// others.
fn renderable() -> Vec<Sample> {
    let mut samples = samples();
    let renders = |operation: &Operation| operation.render(Dialect::Sqlite).is_ok();
    let is_schema = |operation: &Operation| matches!(operation, Operation::CreateSchema { .. });
    samples.retain(|sample| {
        renders(&sample.operation) && sample.setup.iter().all(|before| renders(before) || is_schema(before))
    });
    samples
}
