//! Migrates from an asynchronous program: on a thread where blocking is allowed.
//!
//! `DATABASE_URL=sqlite:app.db cargo run -p migrate-examples --bin spawn-blocking`

#![expect(clippy::print_stdout, reason = "what it says is what it is for")]

use std::error::Error;
use std::time::Duration;

use migrate_core::Migrator;
use migrate_core::connection::DatabaseUrl;
use migrate_core::runner::Report;

type Failure = Box<dyn Error + Send + Sync>;

/// The connection is opened and closed on that thread too: all three block.
async fn migrate(url: DatabaseUrl) -> Result<Report, Failure> {
    let run = move || {
        let mut connection = url.connect()?;
        let migrator = Migrator::new(migrations_crate::MANIFEST)?;
        Ok(migrator.upgrade(&mut connection, "heads")?)
    };
    tokio::task::spawn_blocking(run).await?
}

// One thread: whatever blocked it would stop the clock below.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let url = DatabaseUrl::parse(&std::env::var("DATABASE_URL")?)?;
    let migration = migrate(url);
    tokio::pin!(migration);
    let mut ticks = 0;
    let report = loop {
        tokio::select! {
            report = &mut migration => break report?,
            () = tokio::time::sleep(Duration::from_millis(1)) => ticks += 1,
        }
    };
    println!("{} steps taken, now at {}", report.steps.len(), report.heads.join(", "));
    println!("meanwhile this thread was free for other tasks: {}", ticks > 0);
    Ok(())
}
