//! SQLite's types, each as Diesel binds it.

use migrate_core::prelude::{bulk_insert, bulk_update};
use migrate_tests::testkit::SqliteFile;

use super::sqlite;

diesel::table! {
    values (id) {
        id -> BigInt,
        small -> SmallInt,
        int -> Nullable<Integer>,
        real -> Float,
        double -> Nullable<Double>,
        text -> Text,
        bytes -> Nullable<Binary>,
        flag -> Bool,
        date -> Nullable<Date>,
        time -> Time,
        timestamp -> Timestamp,
    }
}

#[test]
fn each_type_arrives_as_diesel_stores_it() {
    use values::dsl as v;
    let database = SqliteFile::new().into_database();
    database.execute(
        "CREATE TABLE \"values\" (id INTEGER PRIMARY KEY, small, int, real, double, text, bytes, flag, date, time, \
         timestamp)",
    );
    let mut connection = database.connect();
    bulk_insert(
        v::values,
        (
            v::id,
            v::small,
            v::int,
            v::real,
            v::double,
            v::text,
            v::bytes,
            v::flag,
            v::date,
            v::time,
            v::timestamp,
        ),
    )
    .rows([
        (
            i64::MAX,
            i16::MIN,
            Some(i32::MAX),
            0.5,
            Some(f64::MIN),
            "a\0b",
            Some(vec![0, 255]),
            true,
            Some("2024-02-29"),
            "23:59",
            "2024-02-29 23:59:60",
        ),
        (i64::MIN, 0, None, -1.5, None, "", None, false, None, "", ""),
    ])
    .execute(sqlite(&mut connection))
    .unwrap();
    let shown = "SELECT concat_ws('|', id, typeof(small), small, quote(int), typeof(real), real, quote(double), \
        quote(CAST(text AS blob)), quote(bytes), typeof(flag), flag, quote(date), quote(time), quote(timestamp)) \
        FROM \"values\" ORDER BY id DESC";
    assert_eq!(
        database.column(shown),
        [
            "9223372036854775807|integer|-32768|2147483647|real|0.5|-1.7976931348623157e+308|X'610062'|X'00FF'|integer|1|\
             '2024-02-29'|'23:59'|'2024-02-29 23:59:60'",
            "-9223372036854775808|integer|0|NULL|real|-1.5|NULL|X''|NULL|integer|0|NULL|''|''",
        ]
    );
    bulk_update(v::values, v::id, (v::bytes, v::date, v::double, v::flag))
        .rows([
            (i64::MIN, (Some(&b"x"[..]), Some("1999-12-31"), Some(0.0), true)),
            (i64::MAX, (None, None, None, false)),
        ])
        .execute(sqlite(&mut connection))
        .unwrap();
    let changed =
        "SELECT concat_ws('|', quote(bytes), quote(date), quote(double), flag) FROM \"values\" ORDER BY id";
    assert_eq!(database.column(changed), ["X'78'|'1999-12-31'|0.0|1", "NULL|NULL|NULL|0"]);
}
