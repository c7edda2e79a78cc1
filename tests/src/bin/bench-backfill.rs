//! Measures backfills beside their floors, in turns within one run: `cargo run --release --bin bench-backfill [ROWS]`.
//!
//! On PostgreSQL the floor is one UPDATE by the server; what one would write by hand is a loop of batches that updates
//! row by row. On SQLite the floor is that loop, with a transaction for every 1,000 rows. The table has a primary key
//! and two more indexes, and a page of it is full, so that each new row goes to another page.
//!
//! `bench-backfill memory` prints the peak memory of 200,000 and of 2,000,000 rows.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::process::Command;
use std::time::Instant;

use self::schema::users;
use diesel::PgConnection;
use diesel::sql_types::{Array, BigInt, Text};
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::prelude::*;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Step, connect};

mod schema {
    diesel::table! {
        users (id) {
            id -> BigInt,
            email -> Text,
            email_normalized -> Nullable<Text>,
        }
    }
}

const RUNS: usize = 3;

/// Rows read, changed in Rust and written by one statement for each batch.
struct Unnest;

/// Rows read, changed in Rust and written one by one.
struct OneByOne;

/// Rows that the server changes, a span at a time.
struct Spans;

macro_rules! backfill {
    ($name:ident, $connection:ty, $row:ty, $columns:expr, $key:expr, $apply:expr) => {
        impl Backfill for $name {
            type Connection = $connection;
            type Key = i64;
            type Row = $row;

            fn rows(&self, conn: &mut $connection, span: &Span<i64>) -> QueryResult<Vec<$row>> {
                let rows = users::table.select($columns).filter(span.contains(users::id));
                span.for_update(rows.order(users::id).limit(span.limit())).load(conn)
            }

            fn key(&self, row: &$row) -> i64 {
                let key: fn(&$row) -> i64 = $key;
                key(row)
            }

            fn apply(&self, conn: &mut $connection, rows: Vec<$row>) -> Result<()> {
                let apply: fn(&mut $connection, Vec<$row>) -> QueryResult<usize> = $apply;
                apply(conn, rows)?;
                Ok(())
            }

            fn remaining(&self, conn: &mut $connection) -> QueryResult<i64> {
                users::table.filter(users::email_normalized.is_null()).count().get_result(conn)
            }

            fn down(&self, _: &mut Context<'_, $connection>) -> Result<()> {
                Ok(())
            }
        }
    };
}

backfill!(Unnest, PgConnection, (i64, String), (users::id, users::email), |row| row.0, |conn, rows| {
    let (ids, emails): (Vec<_>, Vec<_>) =
        rows.into_iter().map(|(id, email)| (id, email.to_lowercase())).unzip();
    diesel::sql_query(
        "UPDATE users SET email_normalized = new.email FROM unnest($1, $2) AS new (id, email) \
         WHERE users.id = new.id",
    )
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Text>, _>(emails)
    .execute(conn)
});

backfill!(OneByOne, AnyConnection, (i64, String), (users::id, users::email), |row| row.0, one_by_one);

backfill!(Spans, AnyConnection, i64, users::id, |id| *id, |conn, ids| {
    let span = Span::of(&ids);
    diesel::define_sql_function! { fn lower(text: Text) -> Text; }
    diesel::update(users::table.filter(span.contains(users::id)))
        .set(users::email_normalized.eq(lower(users::email).nullable()))
        .execute(conn)
});

fn one_by_one(conn: &mut AnyConnection, rows: Vec<(i64, String)>) -> QueryResult<usize> {
    for (id, email) in rows {
        diesel::update(users::table.find(id))
            .set(users::email_normalized.eq(email.to_lowercase()))
            .execute(conn)?;
    }
    Ok(0)
}

/// What one would write without a framework.
fn by_hand(conn: &mut AnyConnection) {
    let mut after = i64::MIN;
    loop {
        let rows: Vec<(i64, String)> = conn
            .transaction(|conn| {
                let rows = users::table.select((users::id, users::email)).filter(users::id.gt(after));
                let rows: Vec<(i64, String)> = rows.order(users::id).limit(1_000).load(conn)?;
                one_by_one(conn, rows.clone())?;
                Ok::<_, diesel::result::Error>(rows)
            })
            .expect("a batch");
        let Some((last, _)) = rows.last() else { return };
        after = *last;
    }
}

fn by_the_server(conn: &mut AnyConnection) {
    conn.batch("UPDATE users SET email_normalized = lower(email)").expect("an UPDATE");
}

fn migrator<B: Backfill + 'static>(backfill: B) -> Migrator<AnyConnection> {
    History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], backfill).migrator()
}

fn migrate<B: Backfill + 'static>(conn: &mut AnyConnection, backfill: B) {
    migrator(backfill).upgrade(conn, "heads").unwrap_or_else(|error| panic!("{error:?}"));
}

/// The table as it was before any backfill.
fn reset(database: &Database, rows: u32) {
    let (series, finish) = match database.dialect() {
        Dialect::Sqlite => (
            format!("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {rows})"),
            "ANALYZE",
        ),
        _ => (format!("WITH n (n) AS (SELECT generate_series(1, {rows}))"), "CHECKPOINT"),
    };
    for table in ["ledger", "event", "journal", "lease", "checkpoint", "rejected_row"] {
        database.execute(&format!("DROP TABLE IF EXISTS migrate_{table}"));
    }
    database.execute(&format!(
        "DROP TABLE IF EXISTS users; DROP TABLE IF EXISTS t_a1;
         CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, created_at bigint NOT NULL,
             note text NOT NULL, email_normalized text);
         {series} INSERT INTO users SELECT n, 'User' || (n * CAST(7919 AS bigint) % 1000003) || '@Example.com', n * 31 % 100003,
             'about sixty bytes of something else that is there in each row', NULL FROM n;
         CREATE INDEX users_email ON users (email); CREATE INDEX users_created_at ON users (created_at)"
    ));
    database.execute(if database.dialect() == Dialect::Sqlite { "SELECT 1" } else { "VACUUM ANALYZE users" });
    database.execute(finish);
}

type Way = (&'static str, fn(&mut AnyConnection));

fn measure(database: &Database, rows: u32, ways: &[Way]) {
    println!("{}, {rows} rows, rows a second (median of {RUNS})", database.dialect());
    let mut rates = vec![Vec::new(); ways.len()];
    for _ in 0..RUNS {
        for ((_, way), rates) in ways.iter().zip(&mut rates) {
            reset(database, rows);
            let mut conn = database.connect();
            let started = Instant::now();
            way(&mut conn);
            rates.push(f64::from(rows) / started.elapsed().as_secs_f64());
            assert_eq!(
                database.one("SELECT CAST(count(*) AS text) FROM users WHERE email_normalized IS NULL"),
                "0"
            );
        }
    }
    let medians: Vec<f64> = rates
        .into_iter()
        .map(|mut rates| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        })
        .collect();
    for ((name, _), rate) in ways.iter().zip(&medians) {
        println!("  {name:<42} {rate:>9.0}  {:>4.0} %", 100.0 * rate / medians[0]);
    }
}

/// The most memory that a run of its own process has had, in MiB.
fn peak(database: &Database, rows: u32) -> f64 {
    reset(database, rows);
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).args(["run", database.url()]).output().expect("a run");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text.trim().parse::<f64>().expect("a number") / 1024.0
}

/// Runs a backfill and prints the most memory that this process has had, in KiB.
fn run_and_print_peak(url: &str) {
    let mut conn = connect(url);
    match conn.dialect() {
        Dialect::Postgres => migrate(&mut conn, Unnest),
        _ => migrate(&mut conn, OneByOne),
    }
    let status = std::fs::read_to_string("/proc/self/status").expect("/proc/self/status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    println!("{}", line.trim().trim_end_matches(" kB"));
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (sqlite, postgres) = (|| SqliteFile::new().into_database(), || Postgres::shared().database());
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run", url] => run_and_print_peak(url),
        ["memory"] => {
            for database in [sqlite(), postgres()] {
                let (few, many) = (peak(&database, 200_000), peak(&database, 2_000_000));
                println!(
                    "{}: {few:.1} MiB for 200,000 rows, {many:.1} MiB for 2,000,000",
                    database.dialect()
                );
            }
        }
        rest => {
            let rows = rest.first().map_or(200_000, |rows| rows.parse().expect("a number of rows"));
            let ways: [Way; 4] = [
                ("one UPDATE by the server", by_the_server),
                ("backfill: spans, changed by the server", |conn| migrate(conn, Spans)),
                ("backfill: rows, written with unnest", |conn| migrate(conn, Unnest)),
                ("by hand, row by row, 1,000 a transaction", by_hand),
            ];
            measure(&postgres(), rows, &ways);
            let ways: [Way; 4] = [
                ("by hand, row by row, 1,000 a transaction", by_hand),
                ("backfill: rows, written one by one", |conn| migrate(conn, OneByOne)),
                ("one UPDATE by the server", by_the_server),
                ("backfill: spans, changed by the server", |conn| migrate(conn, Spans)),
            ];
            measure(&sqlite(), rows, &ways);
        }
    }
}
