//! Gives a test, or a program without a file, a migrated SQLite database in memory.
//!
//! `cargo run -p migrate-examples --bin in-memory`

#![expect(clippy::print_stdout, reason = "what it says is what it is for")]

use std::error::Error;

use diesel::prelude::*;
use migrate_core::{AnyConnection, Migrator};

use self::schema::users;

mod schema {
    diesel::table! {
        users (id) {
            id -> BigInt,
            email -> Text,
            display_name -> Text,
        }
    }
}

/// A database of its own: it is gone with its connection, and no other connection sees it.
fn migrated() -> Result<AnyConnection, Box<dyn Error>> {
    let mut connection = AnyConnection::Sqlite(SqliteConnection::establish(":memory:")?);
    Migrator::new(migrations_crate::MANIFEST)?.upgrade(&mut connection, "heads")?;
    Ok(connection)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (mut first, mut second) = (migrated()?, migrated()?);
    diesel::insert_into(users::table)
        .values((users::email.eq("ada@example.org"), users::display_name.eq("Ada")))
        .execute(&mut first)?;
    for (name, connection) in [("the first", &mut first), ("the second", &mut second)] {
        let people: Vec<String> = users::table.select(users::display_name).load(connection)?;
        println!("{name} database knows {people:?}");
    }
    Ok(())
}
