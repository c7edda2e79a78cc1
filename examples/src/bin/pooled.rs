//! Migrates through a connection of the application's pool, before anybody else gets one.
//!
//! `DATABASE_URL=sqlite:app.db cargo run -p migrate-examples --bin pooled`

#![expect(clippy::print_stdout, reason = "what it says is what it is for")]

use std::error::Error;

use diesel::QueryDsl as _;
use diesel::RunQueryDsl as _;
use diesel::r2d2::Pool;
use migrate_core::Migrator;
use migrate_core::connection::DatabaseUrl;

use self::schema::characters;

mod schema {
    diesel::table! {
        characters (id) {
            id -> BigInt,
            slug -> Text,
        }
    }
}

/// A pool on a database that is up to date.
fn pool(url: DatabaseUrl) -> Result<Pool<DatabaseUrl>, Box<dyn Error>> {
    let pool = Pool::builder().max_size(4).build(url)?;
    let migrator = Migrator::new(migrations_crate::MANIFEST)?;
    // `&mut *` makes the connection itself of what the pool lends.
    let report = migrator.upgrade(&mut *pool.get()?, "heads")?;
    println!("{} steps taken, now at {}", report.steps.len(), report.heads.join(", "));
    Ok(pool)
}

fn main() -> Result<(), Box<dyn Error>> {
    // With the feature `r2d2` of migrate-core a URL is the manager of a pool of `AnyConnection`. Where the migrations
    // are of one server alone, `ConnectionManager<PgConnection>` does as well.
    let pool = pool(DatabaseUrl::parse(&std::env::var("DATABASE_URL")?)?)?;

    let requests = (1..=4).map(|number| {
        let pool = pool.clone();
        std::thread::spawn(move || -> Result<_, Box<dyn Error + Send + Sync>> {
            let count: i64 = characters::table.count().get_result(&mut *pool.get()?)?;
            Ok(format!("request {number}: {count} characters"))
        })
    });
    for request in requests.collect::<Vec<_>>() {
        println!("{}", request.join().expect("a request does not panic").map_err(|error| error.to_string())?);
    }
    Ok(())
}
