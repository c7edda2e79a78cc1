//! Measures `bulk_update` beside what is known to be fast, in the same run.
//!
//! The work is a backfill's: read a batch by its key, compute a text in Rust, write it back, one transaction for
//! each batch. The table has a primary key and two more indexes, and rows of about 170 bytes. Each method gets a
//! table of its own that was made a moment before. Medians, in turns, so that a busy machine disturbs all alike.
//!
//! On PostgreSQL the floor is one `UPDATE` in which the server computes the text; it reads nothing and sends
//! nothing. On SQLite it is the tightest loop that Diesel allows: a statement known by its type, so that its text
//! is made once.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, QueryResult, SqliteConnection};
use migrate_core::AnyConnection;
use migrate_core::prelude::*;
use migrate_tests::testkit::{Database, Postgres, SqliteFile};

mod schema {
    diesel::table! {
        users (id) {
            id -> BigInt,
            email -> Text,
            email_normalized -> Nullable<Text>,
        }
    }
}
use schema::users;

const ROWS: i64 = 100_000;
const RUNS: usize = 5;

type Row = (i64, String);

fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The next batch: written out for each connection type, since Diesel's own bounds are longer than this.
macro_rules! batches {
    ($connection:expr, $size:expr, $write:expr) => {{
        let mut after = 0_i64;
        loop {
            let done = $connection.transaction::<_, diesel::result::Error, _>(|conn| {
                let rows: Vec<Row> = users::table
                    .select((users::id, users::email))
                    .filter(users::id.gt(after))
                    .order(users::id)
                    .limit($size)
                    .load(conn)?;
                let Some(last) = rows.last() else { return Ok(true) };
                after = last.0;
                $write(conn, rows);
                Ok(false)
            });
            if done.expect("a batch") {
                break;
            }
        }
    }};
}

fn bulk_postgres(conn: &mut PgConnection, size: i64) {
    batches!(conn, size, |conn: &mut PgConnection, rows: Vec<Row>| {
        bulk_update(users::table, users::id, users::email_normalized)
            .rows(rows.into_iter().map(|(id, email)| (id, Some(normalized(&email)))))
            .execute(conn)
            .expect("an update");
    });
}

fn unnest_by_hand(conn: &mut PgConnection, size: i64) {
    batches!(conn, size, |conn: &mut PgConnection, rows: Vec<Row>| {
        let (ids, texts): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|(id, email)| (id, Some(normalized(&email)))).unzip();
        diesel::sql_query(
            "UPDATE users SET email_normalized = new.c FROM unnest($1, $2) AS new (k, c) WHERE users.id = new.k",
        )
        .bind::<Array<BigInt>, _>(ids)
        .bind::<Array<Nullable<Text>>, _>(texts)
        .execute(conn)
        .expect("an update");
    });
}

fn row_by_row(conn: &mut PgConnection, _size: i64) {
    batches!(conn, ROWS, |conn: &mut PgConnection, rows: Vec<Row>| {
        for (id, email) in rows {
            diesel::update(users::table.find(id))
                .set(users::email_normalized.eq(normalized(&email)))
                .execute(conn)
                .expect("an update");
        }
    });
}

fn one_update(conn: &mut PgConnection, _size: i64) {
    conn.batch_execute("UPDATE users SET email_normalized = lower(trim(email))").expect("an update");
}

/// An update of one row whose text Diesel makes once.
struct Floor(i64, String);

impl QueryFragment<Sqlite> for Floor {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE users SET email_normalized = ");
        out.push_bind_param::<Text, _>(&self.1)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.0)
    }
}

impl QueryId for Floor {
    type QueryId = Self;
}

fn prepared_loop(conn: &mut SqliteConnection, size: i64) {
    batches!(conn, size, |conn: &mut SqliteConnection, rows: Vec<Row>| {
        for (id, email) in rows {
            conn.execute_returning_count(&Floor(id, normalized(&email))).expect("an update");
        }
    });
}

fn diesel_update(conn: &mut SqliteConnection, size: i64) {
    batches!(conn, size, |conn: &mut SqliteConnection, rows: Vec<Row>| {
        for (id, email) in rows {
            diesel::update(users::table.find(id))
                .set(users::email_normalized.eq(normalized(&email)))
                .execute(conn)
                .expect("an update");
        }
    });
}

fn bulk_sqlite(conn: &mut SqliteConnection, size: i64) {
    batches!(conn, size, |conn: &mut SqliteConnection, rows: Vec<Row>| {
        bulk_update(users::table, users::id, users::email_normalized)
            .rows(rows.into_iter().map(|(id, email)| (id, Some(normalized(&email)))))
            .execute(conn)
            .expect("an update");
    });
}

const POSTGRES: &str = "DROP TABLE IF EXISTS users;
    CREATE TABLE users WITH (fillfactor = $fillfactor) AS SELECT i AS id, 'User' || md5(i::text) || '@Example.ORG' AS email,
        NULL::text AS email_normalized, repeat('x', 80) AS rest, now() - i * interval '1 second' AS created_at
        FROM generate_series(1::bigint, $rows) AS i;
    ALTER TABLE users ADD PRIMARY KEY (id);
    CREATE INDEX ON users (email); CREATE INDEX ON users (created_at);
    VACUUM (ANALYZE) users; CHECKPOINT";

const SQLITE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; DROP TABLE IF EXISTS users;
    CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_normalized TEXT, rest TEXT, created_at INTEGER);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
    INSERT INTO users SELECT i, 'User' || hex(i * 7919) || '0123456789abcdef0123@Example.ORG', NULL, hex(zeroblob(40)), -i FROM n;
    CREATE INDEX by_email ON users (email); CREATE INDEX by_time ON users (created_at);
    PRAGMA wal_checkpoint(TRUNCATE)";

/// One way of doing it: its name, how, and how many rows a batch has.
type Method<C> = (&'static str, fn(&mut C, i64), i64);

fn measure<C>(
    title: &str,
    database: &Database,
    setup: &str,
    methods: &[Method<C>],
    inner: fn(&mut AnyConnection) -> &mut C,
) {
    let setup = setup.replace("$rows", &ROWS.to_string());
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); methods.len()];
    for _ in 0..RUNS {
        for ((name, method, size), samples) in methods.iter().zip(&mut samples) {
            let mut connection = database.connect();
            for statement in setup.split(';') {
                connection.batch_execute(statement).expect("a table");
            }
            let start = Instant::now();
            method(inner(&mut connection), *size);
            samples.push(start.elapsed().as_secs_f64());
            let wrong = database.one(
                "SELECT CAST(count(*) AS text) FROM users WHERE email_normalized IS NULL OR email_normalized <> lower(email)",
            );
            assert_eq!(wrong, "0", "{name}");
        }
    }
    println!("\n{title}, {ROWS} rows, median of {RUNS} runs");
    println!("{:<40}{:>10}{:>12}{:>10}", "", "batch", "rows/s", "of floor");
    let rates: Vec<f64> = samples
        .into_iter()
        .map(|samples| f64::from(u32::try_from(ROWS).expect("a small number")) / median(samples))
        .collect();
    for ((name, _, size), rate) in methods.iter().zip(&rates) {
        println!("{name:<40}{size:>10}{rate:>12.0}{:>9.0}%", 100.0 * rate / rates[0]);
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn postgres(connection: &mut AnyConnection) -> &mut PgConnection {
    match connection {
        AnyConnection::Postgres(connection) => connection,
        _ => panic!("not a connection to PostgreSQL"),
    }
}

fn sqlite(connection: &mut AnyConnection) -> &mut SqliteConnection {
    match connection {
        AnyConnection::Sqlite(connection) => connection,
        _ => panic!("not a connection to SQLite"),
    }
}

fn main() {
    let file = SqliteFile::new().into_database();
    measure(
        "SQLite, WAL, synchronous = NORMAL",
        &file,
        SQLITE,
        &[
            ("prepared loop", prepared_loop, 1_000),
            ("bulk_update", bulk_sqlite, 1_000),
            ("bulk_update", bulk_sqlite, 5_000),
            ("diesel::update, row by row", diesel_update, 1_000),
        ],
        sqlite,
    );
    let database = Postgres::shared().database();
    for (title, fillfactor) in
        [("PostgreSQL, packed pages", "100"), ("PostgreSQL, fillfactor 50 (HOT)", "50")]
    {
        measure(
            title,
            &database,
            &POSTGRES.replace("$fillfactor", fillfactor),
            &[
                ("one UPDATE in the server", one_update, ROWS),
                ("unnest by hand", unnest_by_hand, 5_000),
                ("bulk_update", bulk_postgres, 1_000),
                ("bulk_update", bulk_postgres, 5_000),
                ("bulk_update", bulk_postgres, 20_000),
                ("diesel::update, row by row", row_by_row, ROWS),
            ],
            postgres,
        );
    }
}
