use super::Fault;
use crate::connection::Dialect;
use crate::operation::{Column, ColumnType, Identity};

/// The type that a column is declared with.
///
/// SQLite takes any name and makes an affinity of it: the names here are those that Diesel knows, where they have
/// the right affinity. JSON is text for that reason, as the affinity of `JSON` would turn the document `1e2` into
/// the number 100. A `STRICT` table takes six names only.
pub(super) fn declared(type_: &ColumnType, strict: bool) -> Result<String, Fault> {
    let type_ = type_.on_dialect(Dialect::Sqlite);
    if let ColumnType::Custom(sql) = type_ {
        return Ok(sql.clone());
    }
    let (usual, strictly) = names(type_)?;
    Ok(if strict { strictly.to_owned() } else { usual })
}

fn names(type_: &ColumnType) -> Result<(String, &'static str), Fault> {
    let (usual, strictly) = match type_ {
        ColumnType::Boolean => ("BOOLEAN", "INTEGER"),
        ColumnType::SmallInt => ("SMALLINT", "INTEGER"),
        ColumnType::BigInt => ("BIGINT", "INTEGER"),
        ColumnType::Integer | ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial => {
            ("INTEGER", "INTEGER")
        }
        ColumnType::Float => ("FLOAT", "REAL"),
        ColumnType::Double => ("DOUBLE", "REAL"),
        ColumnType::Numeric => ("NUMERIC", "REAL"),
        ColumnType::Decimal(precision, scale) => {
            return Ok((format!("DECIMAL({precision}, {scale})"), "REAL"));
        }
        ColumnType::Varchar(length) => return Ok((format!("VARCHAR({length})"), "TEXT")),
        ColumnType::Char(length) => return Ok((format!("CHAR({length})"), "TEXT")),
        ColumnType::Text
        | ColumnType::Citext
        | ColumnType::Uuid
        | ColumnType::Json
        | ColumnType::Jsonb
        | ColumnType::Enum(_) => ("TEXT", "TEXT"),
        ColumnType::Binary => ("BLOB", "BLOB"),
        ColumnType::Date => ("DATE", "TEXT"),
        ColumnType::Time => ("TIME", "TEXT"),
        ColumnType::Timestamp => ("TIMESTAMP", "TEXT"),
        ColumnType::Timestamptz => ("TIMESTAMPTZ", "TEXT"),
        other => return Err(missing(other)),
    };
    Ok((usual.to_owned(), strictly))
}

fn missing(type_: &ColumnType) -> Fault {
    Fault::Unsupported(match type_ {
        ColumnType::Array(_) => "it has no arrays",
        ColumnType::Range(_) | ColumnType::Multirange(_) => "it has no ranges",
        ColumnType::Interval => "it has no intervals",
        ColumnType::Inet | ColumnType::Cidr | ColumnType::MacAddr => "it has no types for addresses",
        ColumnType::Money => "it has no type for money",
        ColumnType::Oid => "it has no object identifiers",
        ColumnType::TsVector | ColumnType::TsQuery => "it has no types for text search",
        ColumnType::Named(_) => "it has no types with names of their own",
        _ => "it has no type of the kind",
    })
}

/// How a column is numbered, if the server does that.
pub(super) fn identity(column: &Column) -> Option<Identity> {
    let serial = matches!(
        column.type_.on_dialect(Dialect::Sqlite),
        ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial
    );
    column.identity.clone().or_else(|| serial.then(Identity::default))
}
