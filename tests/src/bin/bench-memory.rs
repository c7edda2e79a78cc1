//! Measures whether the memory of a backfill grows with its table: `cargo run --release --bin bench-memory`.
//!
//! Each run is a process of its own, whose peak of resident memory the kernel keeps. Rows are read, changed in Rust and
//! written, with batches as large as the default pace makes them. With two numbers, `bench-memory FEW MANY`, the
//! tables have so many rows. Exits with 1 when the larger one takes more than 10 % more memory.

#![expect(clippy::print_stdout, reason = "a program that reports")]

use std::process::{Command, ExitCode};

use self::schema::items;
use migrate_core::connection::Dialect;
use migrate_core::prelude::*;
use migrate_tests::backfills::{Item, create_items};
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, connect, peak_memory};

const FEW: u32 = 500_000;
const MANY: u32 = 5_000_000;
const LIMIT: f64 = 1.1;

mod schema {
    diesel::table! {
        items (id) {
            id -> BigInt,
            text -> Text,
        }
    }
}

/// Appends a `+` to the text of each item.
struct Append;

impl Backfill for Append {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Item;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Item>> {
        let items = items::table.select((items::id, items::text)).filter(span.contains(items::id));
        span.for_update(items.order(items::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Item) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut AnyConnection, rows: Vec<Item>) -> Result<()> {
        bulk_update(items::table, items::id, items::text)
            .rows(rows.into_iter().map(|(id, text)| (id, text + "+")))
            .execute(conn)
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        items::table.filter(items::text.ne("+")).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

/// The peak of a backfill of so many rows, in MiB.
fn peak(database: &Database, rows: u32) -> f64 {
    create_items(database, rows);
    if database.dialect() == Dialect::Postgres {
        database.execute("VACUUM ANALYZE items");
    }
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).args(["run", database.url()]).output().expect("a run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let kibibytes: u32 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number of KiB");
    f64::from(kibibytes) / 1024.0
}

/// Does the backfill and prints the peak of this process, in KiB.
fn run(url: &str) {
    let mut connection = connect(url);
    let migrator = History::new().with_backfill("a1", &[], Append).migrator();
    migrator.upgrade(&mut connection, "heads").unwrap_or_else(|error| panic!("{error:?}"));
    println!("{}", peak_memory());
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &String| text.parse().expect("a number of rows");
    let (few, many) = match arguments.as_slice() {
        [word, url] if word == "run" => {
            run(url);
            return ExitCode::SUCCESS;
        }
        [few, many] => (number(few), number(many)),
        _ => (FEW, MANY),
    };
    let mut is_flat = true;
    let fresh: [fn() -> Database; 2] =
        [|| SqliteFile::new().into_database(), || Postgres::shared().database()];
    for database in fresh {
        let dialect = database().dialect();
        let (of_few, of_many) = (peak(&database(), few), peak(&database(), many));
        let ratio = of_many / of_few;
        is_flat &= ratio <= LIMIT;
        println!("{dialect}: {of_few:.1} MiB for {few} rows, {of_many:.1} MiB for {many}, ratio {ratio:.3}");
    }
    if is_flat { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
