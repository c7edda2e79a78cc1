//! `bulk_update`, `bulk_insert` and `bulk_upsert` on real servers.

mod atomic;
mod in_order;
mod insert;
mod names;
mod optimistic;
mod portable_types;
mod postgres_types;
mod prepared;
mod sqlite_types;
mod tables;
mod update;
mod upsert;

use diesel::{PgConnection, SqliteConnection};
use migrate_core::AnyConnection;
use migrate_tests::testkit::Database;

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_normalized -> Nullable<Text>,
        age -> Nullable<Integer>,
    }
}

diesel::table! {
    members (team, person) {
        team -> BigInt,
        person -> Text,
        role -> Text,
    }
}

/// The names that nobody should choose, under names that the compiler takes.
mod odd {
    diesel::table! {
        #[sql_name = "sel\"ect `x` $1 ?"]
        named (key) {
            #[sql_name = "where \"k\""]
            key -> BigInt,
            #[sql_name = "Großer `Wert`; --"]
            value -> Nullable<Text>,
        }
    }
}

/// Makes `users` with ids from 1, all with the e-mail `user<id>`.
fn users(database: &Database, count: u32) {
    database.execute(&format!(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, email_normalized text, \
         age integer CHECK (age < 1000));
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO users (id, email) SELECT i, 'user' || CAST(i AS text) FROM n WHERE i <= {count}"
    ));
}

/// The users' ids and another column, as text.
fn column(database: &Database, name: &str) -> Vec<String> {
    database
        .column(&format!("SELECT id || ' ' || coalesce(CAST({name} AS text), '-') FROM users ORDER BY id"))
}

fn count(database: &Database, condition: &str) -> usize {
    database
        .one(&format!("SELECT CAST(count(*) AS text) FROM users WHERE {condition}"))
        .parse()
        .expect("a number")
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
