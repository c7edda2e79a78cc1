//! Two SQLite tables that refer to each other and are both rebuilt in one step, for the program `migrate-worker`
//! and for `bench-rebuild`.

use std::fmt::Write as _;

use migrate_core::prelude::*;
use migrate_core::{AnyConnection, Migrator};

use crate::testkit::{History, Step};

/// The tables with so many rows each, and what mentions both: indexes, triggers, views.
///
/// Deleting a row of either would delete rows of the other, unless foreign keys are off.
#[must_use]
pub fn tables(rows: usize) -> String {
    let numbers =
        format!("WITH n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows}) INSERT INTO");
    let mut sql = "PRAGMA foreign_keys = OFF; BEGIN;
        CREATE TABLE log (what TEXT);
        CREATE TABLE authors (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, born INT,
            best_book INTEGER REFERENCES books ON DELETE CASCADE);
        CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, pages INT,
            author INTEGER NOT NULL REFERENCES authors ON DELETE CASCADE);"
        .to_owned();
    let _ = write!(
        sql,
        "{numbers} authors SELECT n, 'author number ' || n, 1900 + n % 100, {rows} + 1 - n FROM n;
         {numbers} books SELECT n, 'a title of some length, number ' || n, n % 900, {rows} + 1 - n FROM n;"
    );
    sql.push_str(&PARTS.join(";"));
    sql.push_str("; COMMIT; PRAGMA foreign_keys = ON");
    sql
}

/// The indexes, triggers and views.
pub const PARTS: [&str; 8] = [
    "CREATE INDEX authors_by_name ON authors (name)",
    "CREATE INDEX authors_by_best_book ON authors (best_book)",
    "CREATE INDEX books_by_author ON books (author, title)",
    "CREATE TRIGGER author_gone BEFORE DELETE ON authors \
     BEGIN INSERT INTO log SELECT title FROM books WHERE author = old.id; END",
    "CREATE TRIGGER book_gone BEFORE DELETE ON books \
     BEGIN INSERT INTO log SELECT name FROM authors WHERE best_book = old.id; END",
    "CREATE TRIGGER logged AFTER INSERT ON log \
     BEGIN UPDATE authors SET born = born WHERE name = new.what AND id IN (SELECT author FROM books); END",
    "CREATE VIEW catalogue AS SELECT name, title FROM authors JOIN books ON books.author = authors.id",
    "CREATE VIEW long_ones AS SELECT title FROM catalogue JOIN books USING (title) WHERE pages > 500",
];

/// `a1` is nothing; `b1` changes both tables so that each is copied.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    History::new().with(Step::new("a1")).with(Step::new("b1").on(&["a1"]).up(change)).silent().migrator()
}

fn change(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.set_not_null("authors", "name")?;
    cx.add_constraint("books", check("pages >= 0").named("books_pages_check"))
}
