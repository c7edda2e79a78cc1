use std::collections::Bound;

use diesel::data_types::{PgDate, PgInterval, PgMoney, PgTime, PgTimestamp};
use migrate_core::bulk::Counts;
use migrate_core::prelude::bulk_update;

use super::newtypes::{Id, Json, Jsonb};
use super::{database, postgres};

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

#[test]
fn times_documents_and_the_rest() {
    use times::dsl as t;

    let database = database(
        "CREATE TABLE times (id bigint PRIMARY KEY, date date, time time, timestamp timestamp, timestamptz timestamptz, \
         \"interval\" interval, uuid uuid, json json, jsonb jsonb, money money, macaddr macaddr, range int4range); \
         INSERT INTO times (id) VALUES (1), (2), (3)",
    );
    let mut connection = database.connect();
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
