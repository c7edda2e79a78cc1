//! Keys that rise, for which PostgreSQL is told where they lie.

use std::fmt;
use std::sync::{Arc, Mutex};

use diesel::connection::InstrumentationEvent;
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::serialize::{Output, ToSql};
use diesel::sql_types::BigInt;
use migrate_core::AnyConnection;
use migrate_core::bulk::Counts;
use migrate_core::prelude::bulk_update;
use migrate_tests::testkit::Postgres;

use super::{count, postgres, users};

/// How many statements say where the keys lie, and how many do not.
fn watch(connection: &mut AnyConnection) -> Arc<Mutex<(usize, usize)>> {
    let seen = Arc::new(Mutex::new((0, 0)));
    let watcher = Arc::clone(&seen);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let (query, mut seen) = (query.to_string(), watcher.lock().unwrap());
            if query.contains(" BETWEEN ") {
                seen.0 += 1;
            } else if query.starts_with("UPDATE") {
                seen.1 += 1;
            }
        }
    });
    seen
}

#[test]
fn the_server_is_told_where_keys_lie_that_rise() {
    let database = Postgres::shared().database();
    users(&database, 12_000);
    let mut connection = database.connect();
    let seen = watch(&mut connection);
    let counts = bulk_update(users::table, users::id, users::age)
        .rows((1..=12_000_i64).map(|id| (id, Some(1))))
        .count(&mut connection)
        .unwrap();
    assert_eq!(counts, Counts { given: 12_000, written: 12_000 });
    assert_eq!(*seen.lock().unwrap(), (3, 0));
    assert_eq!(count(&database, "age = 1"), 12_000);

    // With what was read, with holes, and beyond the end of the table.
    let outcome = bulk_update(users::table, users::id, users::age)
        .unchanged(users::email)
        .rows((1..=5_000_i64).map(|n| {
            let id = 3 * n;
            (id, Some(2), if id % 2 == 0 { format!("user{id}") } else { "other".to_owned() })
        }))
        .execute(&mut connection)
        .unwrap();
    assert_eq!(outcome.counts, Counts { given: 5_000, written: 2_000 });
    assert_eq!(outcome.missed.len(), 3_000);
    assert!(outcome.missed.iter().all(|id| id % 2 != 0 || *id > 12_000));
    assert_eq!(*seen.lock().unwrap(), (4, 0));
    assert_eq!(count(&database, "age = 2 AND id % 6 = 0"), 2_000);
}

#[test]
fn keys_that_fall_or_lie_far_apart_are_looked_up_one_by_one() {
    let database = Postgres::shared().database();
    users(&database, 12_000);
    let mut connection = database.connect();
    let seen = watch(&mut connection);
    for step in [-1, 100] {
        let counts = bulk_update(users::table, users::id, users::age)
            .rows((0..12_000_i64).map(|n| (6_000 + (n - 6_000) * step, Some(1))))
            .count(&mut connection)
            .unwrap();
        assert_eq!(counts.written, if step < 0 { 12_000 } else { 120 });
    }
    assert_eq!(*seen.lock().unwrap(), (0, 6));
}

/// A number that looks like its opposite.
#[derive(AsExpression, Clone, Copy)]
#[diesel(sql_type = BigInt)]
struct Mirrored(i64);

impl fmt::Debug for Mirrored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", if self.0 > 5_000 { self.0 } else { 5_001 - self.0 })
    }
}

impl ToSql<BigInt, Pg> for Mirrored {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        ToSql::<BigInt, Pg>::to_sql(&self.0, out)
    }
}

#[test]
fn keys_that_only_seem_to_rise_are_written_all_the_same() {
    let database = Postgres::shared().database();
    users(&database, 6_000);
    let mut connection = database.connect();
    let seen = watch(&mut connection);
    let rows: Vec<_> = (1..=5_000).rev().map(Mirrored).collect();
    let counts = bulk_update(users::table, users::id, users::age)
        .rows(rows.iter().map(|key| (*key, Some(1))))
        .count(postgres(&mut connection))
        .unwrap();
    assert_eq!(counts, Counts { given: 5_000, written: 5_000 });
    assert_eq!(*seen.lock().unwrap(), (1, 1));
    let outcome = bulk_update(users::table, users::id, users::age)
        .unchanged(users::age)
        .rows(rows.iter().map(|key| (*key, Some(2), (key.0 != 7).then_some(1))))
        .execute(postgres(&mut connection))
        .unwrap();
    assert_eq!(outcome.missed.iter().map(|key| key.0).collect::<Vec<_>>(), [7]);
    assert_eq!(*seen.lock().unwrap(), (2, 2));
    assert_eq!(count(&database, "age = 2"), 4_999);
}
