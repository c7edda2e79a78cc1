//! Migrates through a connection that the application opened and keeps.
//!
//! `DATABASE_URL=sqlite:app.db cargo run -p migrate-examples --bin borrowed`

#![expect(clippy::print_stdout, reason = "what it says is what it is for")]

use std::error::Error;

use migrate_core::Migrator;
use migrate_core::connection::DatabaseUrl;

fn main() -> Result<(), Box<dyn Error>> {
    let url = DatabaseUrl::parse(&std::env::var("DATABASE_URL")?)?;
    let mut connection = url.connect()?;

    let migrator = Migrator::new(migrations_crate::MANIFEST)?.on_event(|event| println!("{event}"));
    let pending = migrator.plan_upgrade(&mut connection, "heads")?.steps.len();
    println!("{pending} revisions are pending on {url}");

    let report = migrator.upgrade(&mut connection, "heads")?;
    println!("{} steps taken, now at {}", report.steps.len(), report.heads.join(", "));

    // As on every later start: one SELECT says that there is nothing to do.
    let again = migrator.upgrade(&mut connection, "heads")?;
    println!("and again: {} steps", again.steps.len());

    // The connection is the application's as before.
    let status = migrator.status(&mut connection)?;
    println!("{} revisions, current: {}", status.revisions.len(), status.is_current());
    Ok(())
}
