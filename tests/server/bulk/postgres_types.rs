//! PostgreSQL's types, each as Diesel sends it, and types that only the user's database has.

use std::collections::Bound;
use std::io::Write as _;

use diesel::data_types::{PgDate, PgInterval, PgMoney, PgNumeric, PgTime, PgTimestamp};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::pg::sql_types as pg;
use diesel::serialize::{IsNull, Output, ToSql, WriteTuple};
use diesel::sql_types::{Integer, Nullable, SqlType, Text};
use migrate_core::bulk::Counts;
use migrate_core::prelude::*;

use migrate_tests::testkit::{Database, Postgres};

use super::postgres;

/// Makes a value of a newtype of what its type looks like on the wire.
macro_rules! newtype {
    ($name:ident($inner:ty) as $sql_type:ty, $self:ident, $out:ident => $write:expr) => {
        #[derive(Debug, Clone, AsExpression)]
        #[diesel(sql_type = $sql_type)]
        struct $name($inner);

        impl ToSql<$sql_type, Pg> for $name {
            fn to_sql<'b>(&'b $self, $out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
                $write?;
                Ok(IsNull::No)
            }
        }
    };
}

newtype!(Id(u128) as Uuid, self, out => out.write_all(&self.0.to_be_bytes()));
newtype!(Json(&'static str) as diesel::sql_types::Json, self, out => out.write_all(self.0.as_bytes()));
newtype!(Jsonb(String) as pg::Jsonb, self, out => out.write_all(&[1]).and_then(|()| out.write_all(self.0.as_bytes())));

#[derive(SqlType)]
#[diesel(postgres_type(name = "mood"))]
pub struct MoodType;
newtype!(Mood(&'static str) as MoodType, self, out => out.write_all(self.0.as_bytes()));

#[derive(SqlType)]
#[diesel(postgres_type(name = "Weather \"today\"", schema = "Odd schema"))]
pub struct WeatherType;
newtype!(Weather(&'static str) as WeatherType, self, out => out.write_all(self.0.as_bytes()));

#[derive(SqlType)]
#[diesel(postgres_type(name = "positive"))]
pub struct PositiveType;
newtype!(Positive(i32) as PositiveType, self, out => out.write_all(&self.0.to_be_bytes()));

#[derive(SqlType)]
#[diesel(postgres_type(name = "point3"))]
pub struct PointType;

#[derive(Debug, Clone, AsExpression)]
#[diesel(sql_type = PointType)]
struct Point(i32, Option<&'static str>);

impl ToSql<PointType, Pg> for Point {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        WriteTuple::<(Integer, Nullable<Text>)>::write_tuple(&(self.0, self.1), out)
    }
}

diesel::table! {
    use diesel::sql_types::*;
    plain (id) {
        id -> BigInt,
        small -> SmallInt,
        int -> Nullable<Integer>,
        real -> Float,
        double -> Nullable<Double>,
        numeric -> Numeric,
        text -> Text,
        varchar -> Nullable<Varchar>,
        bytes -> Binary,
        flag -> Nullable<Bool>,
        oid -> Oid,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    times (id) {
        id -> BigInt,
        date -> Date,
        time -> Time,
        timestamp -> Nullable<Timestamp>,
        timestamptz -> Timestamptz,
        interval -> Interval,
        uuid -> Nullable<Uuid>,
        json -> Nullable<Json>,
        jsonb -> Nullable<Jsonb>,
        money -> Money,
        macaddr -> MacAddr,
        range -> Nullable<Range<Integer>>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{MoodType, PointType, PositiveType, WeatherType};
    custom (id) {
        id -> BigInt,
        mood -> MoodType,
        weather -> Nullable<WeatherType>,
        positive -> PositiveType,
        short -> Text,
        point -> Nullable<PointType>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::MoodType;
    lists (id) {
        id -> BigInt,
        texts -> Array<Nullable<Text>>,
        numbers -> Nullable<Array<BigInt>>,
        moods -> Array<MoodType>,
        note -> Nullable<Text>,
    }
}

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

#[test]
fn numbers_texts_and_bytes() {
    let database = database(
        "CREATE TABLE plain (id bigint PRIMARY KEY, small smallint, int integer, \"real\" real, double double precision, \
         \"numeric\" numeric(20, 5), text text, \"varchar\" varchar(10), bytes bytea, flag boolean, oid oid)",
    );
    let mut connection = database.connect();
    let numeric = |positive: bool, digits: Vec<i16>| match positive {
        true => PgNumeric::Positive { weight: 1, scale: 5, digits },
        false => PgNumeric::Negative { weight: 1, scale: 5, digits },
    };
    let first = (
        (i16::MIN, Some(i32::MAX), f32::NEG_INFINITY, Some(0.1 + 0.2), numeric(false, vec![12, 3456, 7890])),
        ("it's", Some("zehn Zeich"), vec![0_u8, 255, 92], Some(true), u32::MAX),
    );
    let second =
        ((i16::MAX, None, 1.5, None, numeric(true, vec![1, 0, 1000])), ("", None, Vec::new(), None, 0));
    let rows = [(1, first), (2, second)]
        .map(|(id, ((a, b, c, d, e), (f, g, h, i, j)))| (id, a, b, c, d, e, f, g, h, i, j));
    use plain::dsl as p;
    bulk_insert(
        p::plain,
        (
            p::id,
            p::small,
            p::int,
            p::real,
            p::double,
            p::numeric,
            p::text,
            p::varchar,
            p::bytes,
            p::flag,
            p::oid,
        ),
    )
    .rows(rows)
    .execute(postgres(&mut connection))
    .unwrap();
    assert_eq!(
        shown(&database, "plain"),
        [
            r#"(1,-32768,2147483647,-Infinity,0.30000000000000004,-123456.78900,it's,"zehn Zeich","\\x00ff5c",t,4294967295)"#,
            r#"(2,32767,,1.5,,10000.10000,"",,"\\x",,0)"#,
        ]
    );
    bulk_update(p::plain, p::id, (p::small, p::int, p::double, p::bytes, p::flag))
        .rows([(2, (7, Some(8), Some(f64::NAN), b"bytes".to_vec(), Some(false)))])
        .execute(postgres(&mut connection))
        .unwrap();
    assert_eq!(shown(&database, "plain")[1], r#"(2,7,8,1.5,NaN,10000.10000,"",,"\\x6279746573",f,0)"#);
}

#[test]
fn times_documents_and_the_rest() {
    let database = database(
        "CREATE TABLE times (id bigint PRIMARY KEY, date date, time time, timestamp timestamp, timestamptz timestamptz, \
         \"interval\" interval, uuid uuid, json json, jsonb jsonb, money money, macaddr macaddr, range int4range); \
         INSERT INTO times (id) VALUES (1), (2), (3)",
    );
    let mut connection = database.connect();
    use times::dsl as t;
    let documents = ["{\"a\": [1, null, \"x\\\"y\"]}".to_owned(), "null".to_owned()];
    let counts = bulk_update(
        t::times,
        t::id,
        (
            t::date,
            t::time,
            t::timestamp,
            t::timestamptz,
            t::interval,
            t::uuid,
            t::json,
            t::jsonb,
            t::money,
            t::macaddr,
            t::range,
        ),
    )
    .rows((1..).zip(documents).map(|(id, document)| {
        (
            id,
            (
                PgDate(366),
                PgTime(3_600_000_001),
                (id == 1).then_some(PgTimestamp(86_400_000_000)),
                PgTimestamp(-1),
                PgInterval::new(1, 2, 3),
                (id == 1).then_some(Id(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff)),
                (id == 1).then_some(Json("[1,  2]")),
                Some(Jsonb(document)),
                PgMoney(-12345),
                [8_u8, 0, 43, 1, 2, 3],
                (id == 1).then_some((Bound::Included(1), Bound::Excluded(5))),
            ),
        )
    }))
    .count(postgres(&mut connection))
    .unwrap();
    assert_eq!(counts, Counts { given: 2, written: 2 });
    let found = database.column(
        "SELECT concat_ws('|', date, time, timestamp, timestamptz AT TIME ZONE 'UTC', \"interval\", uuid, json, jsonb, \
         money::numeric, macaddr, range) FROM times ORDER BY id",
    );
    assert_eq!(
        found,
        [
            "2001-01-01|01:00:00.000001|2000-01-02 00:00:00|1999-12-31 23:59:59.999999|3 mons 2 days 00:00:00.000001|\
             00112233-4455-6677-8899-aabbccddeeff|[1,  2]|{\"a\": [1, null, \"x\\\"y\"]}|-123.45|08:00:2b:01:02:03|[1,5)",
            "2001-01-01|01:00:00.000001|1999-12-31 23:59:59.999999|3 mons 2 days 00:00:00.000001|null|-123.45|08:00:2b:01:02:03",
            "",
        ]
    );
}

#[test]
fn enums_domains_and_composites_need_no_cast() {
    let database = database(
        "CREATE TABLE custom (id bigint PRIMARY KEY, mood mood, weather \"Odd schema\".\"Weather \"\"today\"\"\", \
         positive positive, short short, point point3)",
    );
    let mut connection = database.connect();
    let columns = (custom::mood, custom::weather, custom::positive, custom::short, custom::point);
    let rows = [
        (1, (Mood("happy"), Some(Weather("sun")), Positive(1), "short", Some(Point(1, Some("a, \"b\""))))),
        (2, (Mood("it's \"bad\""), None, Positive(i32::MAX), "", Some(Point(2, None)))),
        (3, (Mood("so, so"), None, Positive(3), "x", None)),
    ];
    bulk_upsert(custom::table, custom::id, columns)
        .rows(rows.clone())
        .execute(postgres(&mut connection))
        .unwrap();
    let found = shown(&database, "custom");
    assert!(found[0].starts_with("(1,happy,sun,1,short,"), "{found:?}");
    assert_eq!(found[1], r#"(2,"it's ""bad""",,2147483647,"","(2,)")"#);
    assert_eq!(found[2], r#"(3,"so, so",,3,x,)"#);
    assert_eq!(database.column("SELECT (point).label FROM custom ORDER BY id"), ["a, \"b\"", "NULL", "NULL"]);

    database
        .execute("UPDATE custom SET mood = NULL, weather = NULL, positive = 9, short = NULL, point = NULL");
    bulk_update(custom::table, custom::id, columns).rows(rows).execute(postgres(&mut connection)).unwrap();
    assert_eq!(shown(&database, "custom"), found);

    // A domain's rule holds, a value that does not fit is not cut.
    let error = bulk_update(custom::table, custom::id, custom::positive)
        .rows([(1, Positive(2)), (2, Positive(-1))])
        .execute(postgres(&mut connection))
        .unwrap_err();
    assert!(error.to_string().contains("positive"), "{error}");
    bulk_update(custom::table, custom::id, custom::short)
        .rows([(1, "too long")])
        .execute(postgres(&mut connection))
        .unwrap_err();
    assert_eq!(shown(&database, "custom"), found);

    // A key of a type of one's own.
    bulk_update(custom::table, custom::mood, custom::short)
        .rows([(Mood("happy"), "h"), (Mood("so, so"), "s")])
        .execute(postgres(&mut connection))
        .unwrap();
    assert_eq!(database.column("SELECT short FROM custom ORDER BY id"), ["h", "", "s"]);
}

#[test]
fn a_type_that_is_not_there_is_named() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE custom (id bigint PRIMARY KEY, mood text)");
    let error = bulk_update(custom::table, custom::id, custom::mood)
        .rows([(1, Mood("happy"))])
        .execute(postgres(&mut database.connect()))
        .unwrap_err();
    assert!(error.to_string().contains("mood"), "{error}");
}

#[test]
fn arrays_are_written_whole() {
    let database = database(
        "CREATE TABLE lists (id bigint PRIMARY KEY, texts text[], numbers bigint[], moods mood[], note text)",
    );
    let mut connection = database.connect();
    let columns = (lists::id, lists::texts, lists::numbers, lists::moods, lists::note);
    // More than one statement of VALUES.
    let counts = bulk_insert(lists::table, columns)
        .rows((1..=1_203_i64).map(|id| {
            let texts = (0..id % 4)
                .map(|item| (item != 1).then(|| format!("{{\"{id},{item}\"}}")))
                .collect::<Vec<_>>();
            let moods = if id % 2 == 0 { vec![Mood("happy"), Mood("so, so")] } else { Vec::new() };
            (id, texts, (id % 5 != 0).then(|| vec![id, -id]), moods, (id % 7 == 0).then_some("seven"))
        }))
        .count(postgres(&mut connection))
        .unwrap();
    assert_eq!(counts, Counts { given: 1_203, written: 1_203 });
    let right = "SELECT count(*)::text FROM lists WHERE
        coalesce(array_length(texts, 1), 0) = id % 4
        AND (id % 4 < 1 OR texts[1] = format('{\"%s,0\"}', id)) AND (id % 4 < 2 OR texts[2] IS NULL)
        AND (id % 4 < 3 OR texts[3] = format('{\"%s,2\"}', id))
        AND numbers IS NOT DISTINCT FROM CASE WHEN id % 5 <> 0 THEN ARRAY[id, -id] END
        AND moods = CASE WHEN id % 2 = 0 THEN '{happy,\"so, so\"}' ELSE '{}' END::mood[]
        AND note IS NOT DISTINCT FROM CASE WHEN id % 7 = 0 THEN 'seven' END";
    assert_eq!(database.one(right), "1203");

    let counts = bulk_update(lists::table, lists::id, (lists::texts, lists::note))
        .rows((1..=1_300_i64).map(|id| (id, (vec![Some("new"), None], Some("n")))))
        .count(postgres(&mut connection))
        .unwrap();
    assert_eq!(counts, Counts { given: 1_300, written: 1_203 });
    assert_eq!(
        database.one("SELECT count(*)::text FROM lists WHERE texts = '{new,NULL}' AND note = 'n'"),
        "1203"
    );

    let outcome = bulk_update(lists::table, lists::id, lists::note)
        .unchanged(lists::numbers)
        .rows([(1, Some("ours"), Some(vec![1, -1])), (2, Some("ours"), None), (5, Some("ours"), None)])
        .execute(postgres(&mut connection))
        .unwrap();
    assert_eq!(outcome.missed, [2]);
    assert_eq!(database.column("SELECT id::text FROM lists WHERE note = 'ours' ORDER BY id"), ["1", "5"]);
}
