use diesel::data_types::PgNumeric;
use migrate_core::prelude::{bulk_insert, bulk_update};

use super::{database, postgres, shown};

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

#[test]
fn numbers_texts_and_bytes() {
    use plain::dsl as p;

    let database = database(
        "CREATE TABLE plain (id bigint PRIMARY KEY, small smallint, int integer, \"real\" real, double double precision, \
         \"numeric\" numeric(20, 5), text text, \"varchar\" varchar(10), bytes bytea, flag boolean, oid oid)",
    );
    let mut connection = database.connect();
    let numeric = |positive: bool, digits: Vec<i16>| {
        if positive {
            PgNumeric::Positive { weight: 1, scale: 5, digits }
        } else {
            PgNumeric::Negative { weight: 1, scale: 5, digits }
        }
    };
    let first = (
        (i16::MIN, Some(i32::MAX), f32::NEG_INFINITY, Some(0.1 + 0.2), numeric(false, vec![12, 3456, 7890])),
        ("it's", Some("zehn Zeich"), vec![0_u8, 255, 92], Some(true), u32::MAX),
    );
    let second =
        ((i16::MAX, None, 1.5, None, numeric(true, vec![1, 0, 1000])), ("", None, Vec::new(), None, 0));
    let rows = [(1, first), (2, second)]
        .map(|(id, ((a, b, c, d, e), (f, g, h, i, j)))| (id, a, b, c, d, e, f, g, h, i, j));
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
