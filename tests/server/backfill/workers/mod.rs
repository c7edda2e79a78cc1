//! Many workers on one backfill: threads, processes, and what becomes of those that vanish. PostgreSQL alone has more
//! than one writer.

mod beside;
mod control;
mod hooked;
mod lost;
mod overtaken;
mod pieces;
mod shared;
mod takeover;

use migrate_core::connection::DatabaseUrl;
use migrate_core::runner::Event;
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::backfills::{Append, history};
use migrate_tests::testkit::Database;

/// The backfill `b1` of the items with so many workers.
fn with_workers(append: Append, database: &Database, workers: u32) -> Migrator<AnyConnection> {
    let migrator = history(append);
    let options = Options { workers, ..migrator.options().clone() };
    connecting_to(migrator.with_options(options), database.url())
}

fn connecting_to(migrator: Migrator<AnyConnection>, url: &str) -> Migrator<AnyConnection> {
    let url = DatabaseUrl::parse(url).unwrap();
    migrator.with_connector(move || Ok(url.connect()?))
}

/// Calls back after each batch, with the rows that all have done.
fn after_each_batch(
    migrator: Migrator<AnyConnection>,
    callback: impl Fn(u64) + Send + Sync + 'static,
) -> Migrator<AnyConnection> {
    migrator.on_event(move |event| {
        if let Event::Progress { progress, .. } = event {
            callback(progress.rows);
        }
    })
}

/// How many pieces somebody works on.
fn at_work(database: &Database) -> u64 {
    if !database.has_table("migrate_checkpoint") {
        return 0;
    }
    let sql = "SELECT CAST(count(*) AS text) FROM migrate_checkpoint WHERE span > 0 AND state = 'running'";
    database.one(sql).parse().unwrap()
}

fn append_slowly(milliseconds: u64) -> Append {
    Append::default().before_apply(move |_, _| {
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        Ok(())
    })
}
