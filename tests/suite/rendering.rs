//! The SQL of every operation, as a file to read.
//!
//! `UPDATE_EXPECT=1 cargo nextest run -p migrate-tests --test all -E 'test(rendering)'` writes the files anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect_file;
use migrate_core::connection::Dialect;
use migrate_core::operation::OperationError;
use migrate_core::operation::render::{Piece, Statement};
use migrate_tests::samples::{Sample, hostile, refused, samples};

#[test]
fn every_operation_has_its_sql_for_postgres() {
    expect_file!["../fixtures/rendering/postgres.sql"].assert_eq(&listing(&samples(), Dialect::Postgres));
}

#[test]
fn every_operation_has_its_sql_for_sqlite_or_a_reason() {
    expect_file!["../fixtures/rendering/sqlite.sql"].assert_eq(&listing(&samples(), Dialect::Sqlite));
}

#[test]
fn every_operation_has_its_sql_for_mysql_or_a_reason() {
    expect_file!["../fixtures/rendering/mysql.sql"].assert_eq(&listing(&samples(), Dialect::Mysql));
}

#[test]
fn what_contradicts_itself_is_refused_for_postgres() {
    let expected = expect_file!["../fixtures/rendering/postgres_refused.sql"];
    expected.assert_eq(&refused_by(Dialect::Postgres));
}

#[test]
fn what_contradicts_itself_is_refused_for_sqlite() {
    let expected = expect_file!["../fixtures/rendering/sqlite_refused.sql"];
    expected.assert_eq(&refused_by(Dialect::Sqlite));
}

#[test]
fn what_contradicts_itself_is_refused_for_mysql() {
    let expected = expect_file!["../fixtures/rendering/mysql_refused.sql"];
    expected.assert_eq(&refused_by(Dialect::Mysql));
}

/// What a server says to the contradictions. A name that is too long for PostgreSQL is none elsewhere, nor is a
/// collation of its own, for a column there can be given one without a type.
fn refused_by(dialect: Dialect) -> String {
    let is_sensible = |name: &str| {
        let long = name.starts_with("sixty-four bytes") || name == "enum with a value that is too long";
        let collated = dialect == Dialect::Sqlite && name == "collation without a type";
        dialect != Dialect::Postgres && (long || collated)
    };
    let refused = refused();
    for sample in &refused {
        let rendered = sample.operation.render(dialect);
        assert!(rendered.is_err() || is_sensible(&sample.name), "{}: {rendered:?}", sample.name);
    }
    listing(&refused, dialect)
}

#[test]
fn every_sample_has_a_name_of_its_own() {
    let hostile = hostile().into_iter().map(|hostile| hostile.sample);
    let mut seen = BTreeSet::new();
    for sample in samples().into_iter().chain(refused()).chain(hostile) {
        assert!(seen.insert(sample.name.clone()), "{}", sample.name);
    }
}

/// The statements of each sample below its name, long ones shortened, an error as a comment.
fn listing(samples: &[Sample], dialect: Dialect) -> String {
    let mut listing = String::new();
    for sample in samples {
        let _ = writeln!(listing, "-- {}", sample.name);
        match sample.operation.render(dialect) {
            Ok(pieces) if pieces.is_empty() => listing.push_str("-- nothing\n"),
            Ok(pieces) => pieces.iter().for_each(|piece| listing.push_str(&written(piece))),
            Err(error) => {
                let _ = writeln!(listing, "-- error: {}", said(&error));
            }
        }
        listing.push('\n');
    }
    listing
}

fn written(piece: &Piece) -> String {
    match piece {
        Piece::Statement(Statement { sql, in_transaction, .. }) => {
            let lines: Vec<_> = sql.lines().collect();
            let shown = match lines[..] {
                [first, second, .., before_last, last] if lines.len() > 100 => {
                    format!("{first}\n{second}\n    … {} lines …\n{before_last}\n{last}", lines.len() - 4)
                }
                _ => sql.clone(),
            };
            let shown: String = if shown.len() > 20_000 { shortened(&shown) } else { shown };
            let outside = if *in_transaction { "" } else { " -- not in a transaction" };
            format!("{shown};{outside}\n")
        }
        Piece::Resolve(operation) => format!("-- resolved on the database: {operation}\n"),
    }
}

fn shortened(sql: &str) -> String {
    let short = |line: &str| {
        let start: String = line.chars().take(60).collect();
        if line.chars().count() > 200 { format!("{start}… {} bytes", line.len()) } else { line.to_owned() }
    };
    sql.lines().map(short).collect::<Vec<_>>().join("\n")
}

/// Zero bytes as text, so that the file is one.
fn said(error: &OperationError) -> String {
    error.to_string().replace('\0', "\\0")
}
