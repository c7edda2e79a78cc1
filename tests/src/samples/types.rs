use migrate_core::connection::Dialect;
use migrate_core::operation::{
    ColumnType, Operation, array, column, custom, extension, named_type, range, table,
};

use super::sample::Sample;

/// A table of one column for each type.
pub(super) fn samples() -> Vec<Sample> {
    use ColumnType::{
        BigInt, BigSerial, Binary, Boolean, Char, Cidr, Citext, Date, Decimal, Double, Float, Inet, Integer,
        Interval, Json, Jsonb, MacAddr, Money, Multirange, Numeric, Oid, Serial, SmallInt, SmallSerial, Text,
        Time, Timestamp, Timestamptz, TsQuery, TsVector, Uuid, Varchar,
    };
    let extension = |name: &str| Operation::CreateExtension(extension(name).if_not_exists());
    let mut samples: Vec<_> = [
        ("boolean", Boolean),
        ("small integer", SmallInt),
        ("integer", Integer),
        ("big integer", BigInt),
        ("small serial", SmallSerial),
        ("serial", Serial),
        ("big serial", BigSerial),
        ("float", Float),
        ("double", Double),
        ("numeric", Numeric),
        ("decimal", Decimal(12, 4)),
        ("text", Text),
        ("varchar", Varchar(50)),
        ("char", Char(2)),
        ("binary", Binary),
        ("date", Date),
        ("time", Time),
        ("timestamp", Timestamp),
        ("timestamptz", Timestamptz),
        ("interval", Interval),
        ("uuid", Uuid),
        ("json", Json),
        ("jsonb", Jsonb),
        ("inet", Inet),
        ("cidr", Cidr),
        ("hardware address", MacAddr),
        ("money", Money),
        ("object identifier", Oid),
        ("text search document", TsVector),
        ("text search query", TsQuery),
        ("range of integer", range(Integer)),
        ("range of big integer", range(BigInt)),
        ("range of numeric", range(Numeric)),
        ("range of date", range(Date)),
        ("range of timestamp", range(Timestamp)),
        ("range of timestamptz", range(Timestamptz)),
        ("several ranges", Multirange(Box::new(Integer))),
        ("array", array(Varchar(10))),
        ("array of arrays", array(array(Text))),
        ("named", named_type(("pg_catalog", "int4"))),
        ("custom", custom("timestamp(3) with time zone")),
        ("per server", Jsonb.on(Dialect::Sqlite, Text).on(Dialect::Mysql, Json)),
    ]
    .into_iter()
    .map(|(name, type_)| Sample::new(format!("type: {name}"), table("t").column(column("c", type_))))
    .collect();
    samples.push(
        Sample::new("type: text without case", table("t").column(column("c", Citext)))
            .after(extension("citext")),
    );
    samples
}
