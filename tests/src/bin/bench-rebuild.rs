//! Measures a step that rebuilds two SQLite tables that refer to each other, against SQLite's documented procedure
//! (lang_altertable, section 7) done by hand, in the same run.
//!
//! 100,000 rows each, foreign keys enforced, triggers and views over both, a file of its own for each run. The floor
//! does both copies in one transaction and looks at all foreign keys once, at its end. The step also writes its row
//! of the ledger. Medians, in turns, so that a busy machine disturbs both alike; the last ratio is of the least
//! disturbed runs.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use migrate_core::connection::Driver as _;
use migrate_tests::rebuilds::{PARTS, migrator, tables};
use migrate_tests::testkit::{Database, SqliteFile};

const ROWS: usize = 100_000;
const RUNS: usize = 15;

/// What a person would write who follows the documentation.
fn procedure() -> String {
    let parts = |table: &str| {
        let of_table = |part: &&&str| {
            let header = part.split_once(" ON ").map_or("", |(_, rest)| rest);
            !part.starts_with("CREATE VIEW") && header.split([' ', '(']).next() == Some(table)
        };
        PARTS.iter().filter(of_table).copied().collect::<Vec<_>>().join(";")
    };
    format!(
        "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE; PRAGMA legacy_alter_table = ON;
         CREATE TABLE new_authors (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, born INT,
             best_book INTEGER REFERENCES books ON DELETE CASCADE);
         INSERT INTO new_authors SELECT id, name, born, best_book FROM authors;
         DROP TABLE authors; ALTER TABLE new_authors RENAME TO authors; {};
         CREATE TABLE new_books (id INTEGER PRIMARY KEY, title TEXT, pages INT,
             author INTEGER NOT NULL REFERENCES authors ON DELETE CASCADE,
             CONSTRAINT books_pages_check CHECK (pages >= 0));
         INSERT INTO new_books SELECT id, title, pages, author FROM books;
         DROP TABLE books; ALTER TABLE new_books RENAME TO books; {};
         PRAGMA legacy_alter_table = OFF",
        parts("authors"),
        parts("books")
    )
}

fn filled() -> Database {
    let database = SqliteFile::new().into_database();
    database.execute(&tables(ROWS));
    migrator().upgrade(&mut database.connect(), "a1").expect("the ledger");
    database
}

/// Both did the same, and no row went with another one.
fn confirm(database: &Database) {
    for table in ["authors", "books"] {
        assert_eq!(database.one(&format!("SELECT count(*) FROM {table}")), ROWS.to_string());
    }
    assert_eq!(database.one("SELECT count(*) FROM log"), "0");
    assert_eq!(database.one("SELECT \"notnull\" FROM pragma_table_info('authors') WHERE name = 'name'"), "1");
    let checked =
        "SELECT count(*) FROM sqlite_schema WHERE name = 'books' AND sql LIKE '%books_pages_check%'";
    assert_eq!(database.one(checked), "1");
}

/// Milliseconds.
fn by_hand(database: &Database, procedure: &str) -> f64 {
    let mut connection = database.connect();
    let start = Instant::now();
    connection.batch_execute(procedure).expect("the procedure");
    let broken = connection.query("PRAGMA foreign_key_check", &[]).expect("a check");
    assert!(broken.is_empty());
    connection.batch_execute("COMMIT; PRAGMA foreign_keys = ON").expect("the end");
    start.elapsed().as_secs_f64() * 1000.0
}

fn as_a_step(database: &Database) -> f64 {
    let migrator = migrator();
    let mut connection = database.connect();
    let start = Instant::now();
    migrator.upgrade(&mut connection, "heads").expect("the step");
    start.elapsed().as_secs_f64() * 1000.0
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn main() {
    let procedure = procedure();
    let (mut hand, mut step) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (one, other) = (filled(), filled());
        hand.push(by_hand(&one, &procedure));
        step.push(as_a_step(&other));
        confirm(&one);
        confirm(&other);
    }
    let least = |samples: &[f64]| samples.iter().copied().fold(f64::INFINITY, f64::min);
    let (hand_least, step_least) = (least(&hand), least(&step));
    let (hand, step) = (median(hand), median(step));
    println!("2 tables of {ROWS} rows, milliseconds, {RUNS} runs");
    println!("{:<28}{:>10}{:>10}", "", "median", "least");
    println!("{:<28}{hand:>10.1}{hand_least:>10.1}", "documented procedure");
    println!("{:<28}{step:>10.1}{step_least:>10.1}", "step");
    println!("{:<28}{:>10.2}{:>10.2}", "ratio", step / hand, step_least / hand_least);
}
