use std::collections::Bound;

use diesel::data_types::{PgDate, PgInterval, PgNumeric, PgTime, PgTimestamp};
use migrate_core::bulk::Counts;
use migrate_core::prelude::{bulk_insert, bulk_update};

use super::newtypes::{Address, Id, Jsonb, Mood, Point};
use super::{database, postgres};

diesel::table! {
    use diesel::sql_types::*;
    use super::super::newtypes::MoodType;
    lists (id) {
        id -> BigInt,
        texts -> Array<Nullable<Text>>,
        numbers -> Nullable<Array<BigInt>>,
        moods -> Array<MoodType>,
        note -> Nullable<Text>,
    }
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

diesel::table! {
    use diesel::sql_types::*;
    use super::super::newtypes::PointType;
    typed (id) {
        id -> BigInt,
        numbers -> Array<Nullable<Numeric>>,
        ids -> Array<Nullable<Uuid>>,
        dates -> Array<Nullable<Date>>,
        times -> Array<Nullable<Time>>,
        stamps -> Array<Nullable<Timestamptz>>,
        bytes -> Array<Nullable<Binary>>,
        intervals -> Array<Nullable<Interval>>,
        addresses -> Nullable<Array<Nullable<Inet>>>,
        documents -> Array<Nullable<Jsonb>>,
        points -> Array<Nullable<PointType>>,
        ranges -> Array<Nullable<Range<Integer>>>,
        flags -> Array<Nullable<Bool>>,
    }
}

#[test]
fn arrays_hold_nulls_of_each_type() {
    use typed::dsl as t;

    let database = database(
        "CREATE TABLE typed (id bigint PRIMARY KEY, numbers numeric[], ids uuid[], dates date[], times time[], \
         stamps timestamptz[], bytes bytea[], intervals interval[], addresses inet[], documents jsonb[], \
         points point3[], ranges int4range[], flags boolean[]); INSERT INTO typed (id) VALUES (1), (2)",
    );
    let mut connection = database.connect();
    let columns = (
        t::numbers,
        t::ids,
        t::dates,
        t::times,
        t::stamps,
        t::bytes,
        t::intervals,
        t::addresses,
        t::documents,
        t::points,
        t::ranges,
        t::flags,
    );
    bulk_update(t::typed, t::id, columns)
        .rows([1, 2].map(|id| {
            let values = (
                vec![Some(PgNumeric::Positive { weight: 0, scale: 2, digits: vec![1, 5000] }), None],
                vec![None, Some(Id(1))],
                vec![Some(PgDate(0)), None],
                vec![None, Some(PgTime(1))],
                vec![Some(PgTimestamp(0)), None],
                vec![None, Some(vec![0_u8, 34]), Some(Vec::new())],
                vec![Some(PgInterval::new(0, 1, 0)), None],
                (id == 1).then(|| vec![Some(Address([10, 0, 0, 1])), None]),
                vec![None, Some(Jsonb("{\"a\": null}".to_owned()))],
                vec![Some(Point(1, None)), None],
                vec![Some((Bound::Included(1), Bound::Unbounded)), None],
                vec![Some(true), None, Some(false)],
            );
            (id, values)
        }))
        .execute(postgres(&mut connection))
        .unwrap();
    let found = database.column(
        "SELECT concat_ws('|', numbers, ids, dates, times, stamps[1] AT TIME ZONE 'UTC', stamps[2] IS NULL, bytes, \
         intervals, addresses, documents, points, ranges, flags) FROM typed ORDER BY id",
    );
    let [before, after] = [
        "{1.50,NULL}|{NULL,00000000-0000-0000-0000-000000000001}|{2000-01-01,NULL}|{NULL,00:00:00.000001}|\
         2000-01-01 00:00:00|t|{NULL,\"\\\\x0022\",\"\\\\x\"}|{\"1 day\",NULL}|",
        "{NULL,\"{\\\"a\\\": null}\"}|{\"(1,)\",NULL}|{\"[1,)\",NULL}|{t,NULL,f}",
    ];
    assert_eq!(found, [format!("{before}{{10.0.0.1,NULL}}|{after}"), format!("{before}{after}")]);
}
