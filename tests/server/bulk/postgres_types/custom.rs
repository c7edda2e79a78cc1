use migrate_core::prelude::{bulk_update, bulk_upsert};
use migrate_tests::testkit::Postgres;

use super::newtypes::{Mood, Point, Positive, Weather};
use super::{database, postgres, shown};

diesel::table! {
    use diesel::sql_types::*;
    use super::super::newtypes::{MoodType, PointType, PositiveType, WeatherType};
    custom (id) {
        id -> BigInt,
        mood -> MoodType,
        weather -> Nullable<WeatherType>,
        positive -> PositiveType,
        short -> Text,
        point -> Nullable<PointType>,
    }
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
