use super::enums;
use super::{Fault, QUOTE};
use crate::connection::Dialect;
use crate::operation::{Column, ColumnType, Identity};

/// The type of a column, with the collation that it means.
pub(super) fn declared(type_: &ColumnType) -> Result<String, Fault> {
    let name = match type_.on_dialect(Dialect::Mysql) {
        ColumnType::Boolean => "TINYINT(1)",
        ColumnType::SmallInt | ColumnType::SmallSerial => "SMALLINT",
        ColumnType::Integer | ColumnType::Serial => "INT",
        ColumnType::BigInt | ColumnType::BigSerial => "BIGINT",
        ColumnType::Float => "FLOAT",
        ColumnType::Double => "DOUBLE",
        // `DECIMAL` alone has no digits after the point; these are all that there are.
        ColumnType::Numeric => "DECIMAL(65, 30)",
        ColumnType::Decimal(precision, scale) => return Ok(format!("DECIMAL({precision}, {scale})")),
        ColumnType::Text => "LONGTEXT",
        ColumnType::Varchar(length) => return Ok(format!("VARCHAR({length})")),
        ColumnType::Char(length) => return Ok(format!("CHAR({length})")),
        ColumnType::Citext => "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        ColumnType::Binary => "LONGBLOB",
        ColumnType::Date => "DATE",
        ColumnType::Time => "TIME(6)",
        ColumnType::Timestamp => "DATETIME(6)",
        ColumnType::Timestamptz => "TIMESTAMP(6)",
        ColumnType::Uuid => "CHAR(36)",
        ColumnType::Json | ColumnType::Jsonb => "JSON",
        ColumnType::Enum(enum_type) => return enums::declared(&enum_type.values),
        ColumnType::Custom(sql) => return Ok(sql.clone()),
        other => return Err(missing(other)),
    };
    Ok(name.to_owned())
}

fn missing(type_: &ColumnType) -> Fault {
    Fault::Unsupported(match type_ {
        ColumnType::Array(_) => "it has no arrays",
        ColumnType::Range(_) | ColumnType::Multirange(_) => "it has no ranges",
        ColumnType::Interval => "it has no type for spans of time",
        ColumnType::Inet | ColumnType::Cidr | ColumnType::MacAddr => "it has no types for addresses",
        ColumnType::Money => "it has no type for money",
        ColumnType::Oid => "it has no object identifiers",
        ColumnType::TsVector | ColumnType::TsQuery => "it has no types for text search",
        ColumnType::Named(_) => "it has no types with names of their own",
        _ => "it has no type of the kind",
    })
}

/// Whether a type has no longest value: such a column is a key in part only, and its default is an expression.
pub(super) fn is_unbounded(type_: &ColumnType) -> bool {
    matches!(
        type_.on_dialect(Dialect::Mysql),
        ColumnType::Text | ColumnType::Citext | ColumnType::Binary | ColumnType::Json | ColumnType::Jsonb
    )
}

/// How a column is numbered, if the server does that.
pub(super) fn identity(column: &Column) -> Option<Identity> {
    let serial = matches!(
        column.type_.on_dialect(Dialect::Mysql),
        ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial
    );
    column.identity.clone().or_else(|| serial.then(Identity::default))
}

/// A collation behind a type.
pub(super) fn collate(collation: &str) -> Result<String, Fault> {
    Ok(format!("COLLATE {}", QUOTE.name(collation)?))
}
