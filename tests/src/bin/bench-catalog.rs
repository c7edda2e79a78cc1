//! Measures reading the catalog of 1,000 tables beside `pg_dump --schema-only`, in the same run.
//!
//! Each table has ten columns with defaults, a primary key, a foreign key, a unique and a check constraint, two
//! more indexes and comments. `pg_dump` also writes its script, which costs it next to nothing; connecting counts
//! for both, and the reader's own time stands apart. Medians, in turns, so that a busy machine disturbs both alike.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use migrate_core::catalog::{ObjectName, Scope, read};
use migrate_core::connection::MigrationConnection as _;
use migrate_tests::testkit::{Database, Postgres};

const TABLES: usize = 1_000;
const RUNS: usize = 15;

fn schema() -> String {
    let mut sql = String::new();
    for table in 0..TABLES {
        let target = table / 2;
        let _ = write!(
            sql,
            "CREATE TABLE t{table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
             owner bigint REFERENCES t{target} ON DELETE CASCADE, email varchar(255) NOT NULL UNIQUE, \
             name text DEFAULT '', age integer DEFAULT 0 CHECK (age >= 0), price numeric(10, 2), \
             document jsonb NOT NULL DEFAULT '{{}}', tags text[], seen timestamptz DEFAULT now(), active boolean); \
             CREATE INDEX ON t{table} (name, lower(email)) WHERE active; CREATE INDEX ON t{table} USING gin (document); \
             COMMENT ON TABLE t{table} IS 'Table {table}'; COMMENT ON COLUMN t{table}.email IS 'Where letters go';"
        );
    }
    sql
}

/// Milliseconds, and what came out.
fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let result = black_box(work());
    (start.elapsed().as_secs_f64() * 1000.0, result)
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn measure(database: &Database) {
    let all = Scope::default();
    let one = Scope::tables([ObjectName::bare("t500")]);
    let mut samples: [Vec<f64>; 6] = Default::default();
    let mut open = database.connect();
    for _ in 0..RUNS {
        let (dump, script) = timed(|| database.dump(&["--schema-only"]));
        assert!(script.matches("CREATE TABLE").count() >= TABLES);
        let (cold, _) = timed(|| read(database.connect().driver(), &all).expect("a catalog"));
        let (warm, catalog) = timed(|| read(open.driver(), &all).expect("a catalog"));
        assert!(catalog.tables.len() > TABLES);
        let (table, _) = timed(|| read(open.driver(), &one).expect("a table"));
        let mut other = catalog.clone();
        other.tables.values_mut().for_each(|table| table.columns[0].nullable ^= true);
        let (same, difference) = timed(|| catalog.difference(&catalog.clone()));
        assert!(difference.is_empty());
        let (changed, difference) = timed(|| catalog.difference(&other));
        assert_eq!(difference.changes.len(), catalog.tables.len());
        for (kind, sample) in samples.iter_mut().zip([dump, cold, warm, table, same, changed]) {
            kind.push(sample);
        }
    }
    let least = samples.each_ref().map(|samples| samples.iter().copied().fold(f64::INFINITY, f64::min));
    let [dump, ..] = samples.each_ref().map(|samples| median(samples.clone()));
    let names = [
        "pg_dump --schema-only",
        "connect and read",
        "read",
        "read one table",
        "difference of equal ones",
        "difference in each table",
    ];
    for ((name, samples), least) in names.iter().zip(samples).zip(least) {
        let median = median(samples);
        println!("{name:<28}{median:>10.1}{least:>10.1}{:>12.1}", dump / median);
    }
}

fn main() {
    let database = Postgres::shared().database();
    database.execute(&schema());
    database.execute("VACUUM ANALYZE");
    println!("{TABLES} tables of 10 columns, milliseconds, {RUNS} runs");
    println!("{:<28}{:>10}{:>10}{:>12}", "", "median", "least", "dump / this");
    measure(&database);
}
