//! Measures backfills beside their floors, in turns within one run: `bench-backfill [ROWS [ROUNDS]]`.
//!
//! On PostgreSQL the floor is one UPDATE by the server, on SQLite a plain loop of a prepared statement; beside them
//! stands what one would write by hand. Each round runs each way once, on a table that was made a moment before. A
//! ratio is that of two rates of the same round, and its median is what counts on a machine that others use too.
//!
//! `bench-backfill profile [ROWS]` prints in which statements the time goes.

#![expect(clippy::print_stdout, reason = "a program that reports")]

mod backfills;
mod floors;
mod profile;
mod table;

use std::time::Instant;

use migrate_core::AnyConnection;
use migrate_core::connection::Dialect;
use migrate_tests::testkit::{Database, Postgres, SqliteFile};

use self::backfills::{Rows, Spans, migrate};
use self::table::Pages;

/// One way to fill the column, on a connection to the database with the URL.
type Way = (&'static str, fn(&mut AnyConnection, &str));

/// Done for a tenth of the rows: it takes as long as all the others together.
const ROW_BY_ROW: &str = "by hand: row by row, 1,000 a transaction";

const ON_POSTGRES: &[Way] = &[
    ("one UPDATE by the server", |conn, _| floors::one_update(conn)),
    ("backfill by spans, 1 worker", |conn, url| migrate(conn, url, 1, Spans)),
    ("backfill by spans, 2 workers", |conn, url| migrate(conn, url, 2, Spans)),
    ("backfill by spans, 4 workers", |conn, url| migrate(conn, url, 4, Spans)),
    ("backfill by rows, 1 worker", |conn, url| migrate(conn, url, 1, Rows::default())),
    ("backfill by rows, 2 workers", |conn, url| migrate(conn, url, 2, Rows::default())),
    ("backfill by rows, 4 workers", |conn, url| migrate(conn, url, 4, Rows::default())),
    (ROW_BY_ROW, |conn, _| floors::row_by_row(conn)),
];

const ON_SQLITE: &[Way] = &[
    ("by hand: prepared loop, 1,000 a transaction", |conn, _| floors::prepared_loop(conn)),
    ("backfill by rows", |conn, url| migrate(conn, url, 1, Rows::default())),
    ("backfill by rows, 1,000 a batch", |conn, url| migrate(conn, url, 1, Rows::in_batches_of(1_000))),
    ("backfill by spans", |conn, url| migrate(conn, url, 1, Spans)),
    ("by hand: Diesel's update, 1,000 a transaction", |conn, _| floors::row_by_row(conn)),
    ("one UPDATE by the server", |conn, _| floors::one_update(conn)),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: u32| arguments.get(at).map_or(default, |text| text.parse().expect("a number"));
    match arguments.first().map(String::as_str) {
        Some("profile") => profile(number(1, 200_000)),
        _ => measure_all(number(0, 200_000), number(1, 5)),
    }
}

/// A server with the memory that one of its own would have; whatever makes a commit durable keeps its default.
fn postgres() -> Postgres {
    Postgres::own()
        .setting("shared_buffers", "1GB")
        .setting("max_wal_size", "8GB")
        .setting("checkpoint_timeout", "1h")
        .start()
}

fn measure_all(rows: u32, rounds: u32) {
    let server = postgres();
    let database = server.database();
    for pages in [Pages::HalfFull, Pages::Full] {
        measure(&format!("PostgreSQL, {}", pages.describe()), &database, pages, ON_POSTGRES, rows, rounds);
    }
    let database = SqliteFile::new().into_database();
    measure("SQLite, WAL", &database, Pages::Full, ON_SQLITE, rows, rounds);
}

fn measure(title: &str, database: &Database, pages: Pages, ways: &[Way], rows: u32, rounds: u32) {
    let mut rates = vec![Vec::new(); ways.len()];
    for _ in 0..rounds {
        for ((name, way), rates) in ways.iter().zip(&mut rates) {
            let rows = if *name == ROW_BY_ROW { rows / 10 } else { rows };
            table::reset(database, pages, rows);
            let mut conn = database.connect();
            let started = Instant::now();
            way(&mut conn, database.url());
            rates.push(f64::from(rows) / started.elapsed().as_secs_f64());
            table::verify(database);
        }
    }
    println!("\n{title}; {rows} rows, {rounds} rounds\n");
    println!("| | rows/s, median | of the floor: median | least | most |\n|---|--:|--:|--:|--:|");
    for ((name, _), own) in ways.iter().zip(&rates) {
        let ratios: Vec<f64> = own.iter().zip(&rates[0]).map(|(rate, floor)| 100.0 * rate / floor).collect();
        let (ratios, own) = (sorted(ratios), sorted(own.clone()));
        println!(
            "| {name} | {:.0} | {:.0} % | {:.0} % | {:.0} % |",
            median(&own),
            median(&ratios),
            ratios[0],
            ratios[ratios.len() - 1]
        );
    }
}

fn sorted(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[half - 1], sorted[half]) } else { sorted[half] }
}

fn profile(rows: u32) {
    let server = postgres();
    for database in [server.database(), SqliteFile::new().into_database()] {
        for pages in [Pages::HalfFull, Pages::Full] {
            if database.dialect() == Dialect::Sqlite && pages == Pages::HalfFull {
                continue;
            }
            let ways: [Way; 2] = [
                ("rows", |conn, url| migrate(conn, url, 1, Rows::default())),
                ("spans", |conn, url| migrate(conn, url, 1, Spans)),
            ];
            for (name, way) in ways {
                println!("\n{}, {}, {name}, {rows} rows", database.dialect(), pages.describe());
                table::reset(&database, pages, rows);
                profile::print(&mut database.connect(), |conn| way(conn, database.url()));
            }
        }
    }
}
