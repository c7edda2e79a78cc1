//! Types that have a place on each server, written on `AnyConnection`.

use std::io::Write as _;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{IsNull, Output, ToSql};
use diesel::sql_types::SqlType;
use diesel::sqlite::Sqlite;
use migrate_core::connection::Dialect;
use migrate_core::prelude::*;
use migrate_tests::on_each_server;
use serde_json::{Value, json};

/// An enum that is one on PostgreSQL, and text on SQLite.
#[derive(SqlType)]
#[diesel(postgres_type(name = "mood"), sqlite_type(name = "Text"))]
pub struct MoodType;

#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = MoodType)]
enum Mood {
    Happy,
    Sad,
}

impl Mood {
    fn name(self) -> &'static str {
        match self {
            Self::Happy => "happy",
            Self::Sad => "sad",
        }
    }
}

impl ToSql<MoodType, Pg> for Mood {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        out.write_all(self.name().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<MoodType, Sqlite> for Mood {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> diesel::serialize::Result {
        out.set_value(self.name());
        Ok(IsNull::No)
    }
}

/// A UUID that is one on PostgreSQL, and a blob on SQLite.
#[derive(SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct IdType;

#[derive(Debug, Clone, Copy, AsExpression)]
#[diesel(sql_type = IdType)]
struct Id(uuid::Uuid);

impl ToSql<IdType, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<IdType, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> diesel::serialize::Result {
        out.set_value(&self.0.as_bytes()[..]);
        Ok(IsNull::No)
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use super::{IdType, MoodType};
    things (id) {
        id -> IdType,
        mood -> Nullable<MoodType>,
        small -> SmallInt,
        real -> Float,
        double -> Nullable<Double>,
        flag -> Nullable<Bool>,
        bytes -> Nullable<Binary>,
        day -> Nullable<Date>,
        hour -> Time,
        at -> Nullable<Timestamp>,
        json -> Json,
        jsonb -> Nullable<Jsonb>,
    }
}

const POSTGRES: &str = "CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE TABLE things (id uuid PRIMARY KEY, mood mood, \
    small smallint, \"real\" real, \"double\" double precision, flag boolean, bytes bytea, day date, hour time, at timestamp, \
    json json, jsonb jsonb)";
const SQLITE: &str = "CREATE TABLE things (id blob PRIMARY KEY, mood text, small, \"real\", \"double\", flag, bytes, day text, \
    hour text, at text, json text, jsonb blob)";

on_each_server! {
    fn values_of_the_crates_that_diesel_knows_and_of_ones_own(database: &Database) {
        use things::dsl as t;

        let (script, shown) = match database.dialect() {
            Dialect::Sqlite => (SQLITE, "lower(hex(id)), CASE flag WHEN 1 THEN 't' ELSE 'f' END, nullif(lower(hex(bytes)), ''), json(jsonb)"),
            _ => (POSTGRES, "replace(id::text, '-', ''), CASE WHEN flag THEN 't' ELSE 'f' END, encode(bytes, 'hex'), \
                             replace(jsonb::text, ' ', '')"),
        };
        database.execute(script);
        let mut connection = database.connect();
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        let hour = NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap();
        let values = |full: bool| {
            (
                full.then_some(Mood::Happy),
                i16::MIN,
                0.5_f32,
                full.then_some(-0.25),
                full.then_some(true),
                full.then(|| vec![0_u8, 255]),
                full.then_some(day),
                hour,
                full.then(|| NaiveDateTime::new(day, hour)),
                json!([1, null, "x\"y"]),
                full.then(|| json!({"a": [1.5, true], "ü": "'"})),
            )
        };
        let columns = (
            t::mood, t::small, t::real, t::double, t::flag, t::bytes, t::day, t::hour, t::at, t::json, t::jsonb,
        );
        let ids = [1_u128, u128::MAX].map(|id| Id(uuid::Uuid::from_u128(id)));
        bulk_upsert(t::things, t::id, columns)
            .rows([(ids[0], values(true)), (ids[1], values(false))])
            .execute(&mut connection)
            .unwrap();
        let query = format!(
            "SELECT concat_ws('|', {shown}, mood, small, \"real\", \"double\", day, hour, at, json) FROM things ORDER BY id"
        );
        assert_eq!(
            database.column(&query),
            [
                r#"00000000000000000000000000000001|t|00ff|{"a":[1.5,true],"ü":"'"}|happy|-32768|0.5|-0.25|2024-02-29|23:59:59.999999|2024-02-29 23:59:59.999999|[1,null,"x\"y"]"#,
                r#"ffffffffffffffffffffffffffffffff|f|-32768|0.5|23:59:59.999999|[1,null,"x\"y"]"#,
            ]
        );

        // Keys of a type of one's own, NULL for what had a value, and a value for what was NULL.
        bulk_update(t::things, t::id, (t::mood, t::day, t::jsonb))
            .rows([(ids[1], (Some(Mood::Sad), Some(day), Some(Value::Null))), (ids[0], (None, None, None))])
            .execute(&mut connection)
            .unwrap();
        let changed = "SELECT concat_ws('|', small, mood, day, CASE WHEN jsonb IS NULL THEN 'NULL' END) FROM things ORDER BY id";
        assert_eq!(database.column(changed), ["-32768|NULL", "-32768|sad|2024-02-29"]);
    }
}
