use std::collections::Bound;

use diesel::data_types::PgLsn;
use migrate_core::prelude::{bulk_update, bulk_upsert};

use super::newtypes::{Address, Network};
use super::{database, postgres, shown};

diesel::table! {
    use diesel::sql_types::*;
    rare (id) {
        id -> BigInt,
        inet -> Inet,
        cidr -> Nullable<Cidr>,
        macaddr8 -> MacAddr8,
        name -> Citext,
        letter -> CChar,
        lsn -> Nullable<PgLsn>,
        int8range -> Int8range,
        ranges -> Nullable<Int4multirange>,
        fixed -> Bpchar,
    }
}

#[test]
fn addresses_ranges_and_case_insensitive_text() {
    use rare::dsl as r;

    let database = database(
        "CREATE EXTENSION citext; CREATE TABLE rare (id bigint PRIMARY KEY, inet inet, cidr cidr, macaddr8 macaddr8, \
         name citext UNIQUE, letter \"char\", lsn pg_lsn, int8range int8range, ranges int4multirange, fixed char(4))",
    );
    let mut connection = database.connect();
    let columns =
        (r::inet, r::cidr, r::macaddr8, r::name, r::letter, r::lsn, r::int8range, r::ranges, r::fixed);
    let row = |id: i64, name: &'static str, full: bool| {
        let values = (
            Address([192, 168, 0, 1]),
            full.then_some(Network([10, 0, 0, 0])),
            [8_u8, 0, 43, 1, 2, 3, 4, 5],
            name,
            b'x',
            full.then_some(PgLsn(0x1_0000_00ff)),
            (Bound::Excluded(i64::MAX - 1), Bound::Unbounded),
            full.then(|| {
                vec![(Bound::Included(1), Bound::Excluded(3)), (Bound::Included(5), Bound::Excluded(6))]
            }),
            "ab",
        );
        (id, values)
    };
    bulk_upsert(r::rare, r::id, columns)
        .rows([row(1, "Ann", true), row(2, "Bob", false)])
        .execute(postgres(&mut connection))
        .unwrap();
    assert_eq!(
        shown(&database, "rare"),
        [
            r#"(1,192.168.0.1,10.0.0.0/8,08:00:2b:01:02:03:04:05,Ann,x,1/FF,"[9223372036854775807,)","{[1,3),[5,6)}","ab  ")"#,
            r#"(2,192.168.0.1,,08:00:2b:01:02:03:04:05,Bob,x,,"[9223372036854775807,)",,"ab  ")"#,
        ]
    );

    // A key of citext is compared as the server compares it.
    bulk_update(r::rare, r::name, r::letter)
        .rows([("ANN", b'a'), ("boB", b'b')])
        .execute(postgres(&mut connection))
        .unwrap();
    assert_eq!(database.column("SELECT letter::text FROM rare ORDER BY id"), ["a", "b"]);
    bulk_upsert(r::rare, r::name, r::id).rows([("aNN", 7)]).execute(postgres(&mut connection)).unwrap();
    assert_eq!(database.column("SELECT id || name FROM rare ORDER BY id"), ["2Bob", "7Ann"]);

    // Two spellings of one key are two keys in Rust, and PostgreSQL writes a row only once in a statement.
    let error = bulk_upsert(r::rare, r::name, r::id)
        .rows([("ann", 8), ("ANN", 9)])
        .execute(postgres(&mut connection))
        .unwrap_err();
    assert!(error.to_string().contains("a second time"), "{error}");
    assert_eq!(database.column("SELECT id || name FROM rare ORDER BY id"), ["2Bob", "7Ann"]);
}
