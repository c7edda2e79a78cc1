//! PostgreSQL's types, each as Diesel sends it, and types that only the user's database has.

mod arrays;
mod custom;
mod newtypes;
mod plain;
mod rare;
mod times;

use migrate_tests::testkit::{Database, Postgres};

use super::postgres;

const CUSTOM: &str = r#"CREATE TYPE mood AS ENUM ('happy', 'so, so', 'it''s "bad"');
    CREATE SCHEMA "Odd schema"; CREATE TYPE "Odd schema"."Weather ""today""" AS ENUM ('rain', 'sun');
    CREATE DOMAIN positive AS integer CHECK (VALUE > 0); CREATE DOMAIN short AS varchar(5);
    CREATE TYPE point3 AS (x integer, label text)"#;

fn database(table: &str) -> Database {
    let database = Postgres::shared().database();
    database.execute(&format!("{CUSTOM}; {table}"));
    database
}

/// The rows of a table in the server's own notation.
fn shown(database: &Database, table: &str) -> Vec<String> {
    database.column(&format!("SELECT t::text FROM {table} AS t ORDER BY id"))
}
