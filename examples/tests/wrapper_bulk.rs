//! Bulk writes through diesel-async's blocking wrapper.

use std::io::Write as _;

use diesel::Connection as _;
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::SqlType;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use migrate_core::bulk::Counts;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::{bulk_insert, bulk_update, bulk_upsert};
use migrate_tests::testkit::{Database, Postgres};

#[derive(SqlType)]
#[diesel(postgres_type(name = "mood", schema = "own"))]
pub struct MoodType;

#[derive(Debug, Clone, Copy, PartialEq, AsExpression)]
#[diesel(sql_type = MoodType)]
struct Mood(&'static str);

impl ToSql<MoodType, Pg> for Mood {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::MoodType;

    people (id) {
        id -> BigInt,
        name -> Text,
        mood -> Nullable<MoodType>,
        tags -> Array<Text>,
    }
}

const ROWS: i64 = 12_000;

fn people() -> (Database, AsyncConnectionWrapper<AsyncPgConnection>) {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE SCHEMA own; CREATE TYPE own.mood AS ENUM ('glad', 'sad'); \
         CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, mood own.mood, \
         tags text[] NOT NULL DEFAULT '{}')",
    );
    let mut connection = AsyncConnectionWrapper::establish(database.url()).unwrap();
    let rows = (1..=ROWS).map(|id| (id, format!("n{id}"), (id % 2 == 0).then_some(Mood("glad"))));
    let counts = bulk_insert(people::table, (people::id, people::name, people::mood))
        .rows(rows)
        .count(&mut connection)
        .unwrap();
    assert_eq!(counts, Counts { given: 12_000, written: 12_000 });
    (database, connection)
}

fn count(database: &Database, condition: &str) -> String {
    database.one(&format!("SELECT count(*)::text FROM people WHERE {condition}"))
}

#[test]
fn a_type_that_is_known_by_its_name_is_written_and_compared() {
    let (database, mut connection) = people();
    assert_eq!(count(&database, "mood = 'glad'"), "6000");
    let outcome = bulk_update(people::table, people::id, people::mood)
        .unchanged(people::mood)
        .rows([(1, Some(Mood("sad")), None), (2, Some(Mood("sad")), None), (4, None, Some(Mood("glad")))])
        .execute(&mut connection)
        .unwrap();
    assert_eq!((outcome.counts, outcome.missed), (Counts { given: 3, written: 2 }, vec![2]));
    assert_eq!(count(&database, "id = 1 AND mood = 'sad' OR id = 4 AND mood IS NULL"), "2");
}

#[test]
fn a_column_of_arrays_is_written() {
    let (database, mut connection) = people();
    bulk_update(people::table, people::id, people::tags)
        .rows((1..=1_200_i64).map(|id| (id, vec![id.to_string(), "x".to_owned()])))
        .execute(&mut connection)
        .unwrap();
    assert_eq!(count(&database, "tags = ARRAY[id::text, 'x']"), "1200");
}

#[test]
fn rows_that_are_there_are_changed_and_others_come_in() {
    let (database, mut connection) = people();
    let counts = bulk_upsert(people::table, people::id, people::name)
        .rows((ROWS..ROWS + 3).map(|id| (id, format!("new{id}"))))
        .count(&mut connection)
        .unwrap();
    assert_eq!(counts, Counts { given: 3, written: 3 });
    assert_eq!(count(&database, "name LIKE 'new%'"), "3");
}

#[test]
fn an_error_in_the_middle_leaves_nothing() {
    let (database, mut connection) = people();
    let error = bulk_update(people::table, people::id, people::name)
        .rows((1..=ROWS).map(|id| (id, format!("n-{}", id % 11_000))))
        .execute(&mut connection)
        .unwrap_err();
    assert!(error.to_string().contains("duplicate key"), "{error}");
    assert_eq!(connection.transaction_depth(), Some(0));
    assert_eq!(count(&database, "name LIKE 'n-%'"), "0");
}
