use super::writer::{Outcome, Writer};
use crate::connection::Dialect;
use crate::operation::ColumnType;

impl Writer<'_> {
    /// A type as a column has it.
    pub(super) fn type_(&self, type_: &ColumnType) -> Outcome<String> {
        Ok(match type_.on_dialect(Dialect::Postgres) {
            ColumnType::Boolean => "boolean".to_owned(),
            ColumnType::SmallInt => "smallint".to_owned(),
            ColumnType::Integer => "integer".to_owned(),
            ColumnType::BigInt => "bigint".to_owned(),
            ColumnType::SmallSerial => "smallserial".to_owned(),
            ColumnType::Serial => "serial".to_owned(),
            ColumnType::BigSerial => "bigserial".to_owned(),
            ColumnType::Float => "real".to_owned(),
            ColumnType::Double => "double precision".to_owned(),
            ColumnType::Numeric => "numeric".to_owned(),
            ColumnType::Decimal(precision, scale) => format!("numeric({precision}, {scale})"),
            ColumnType::Text => "text".to_owned(),
            ColumnType::Varchar(length) => format!("varchar({length})"),
            ColumnType::Char(length) => format!("char({length})"),
            ColumnType::Citext => "citext".to_owned(),
            ColumnType::Binary => "bytea".to_owned(),
            ColumnType::Date => "date".to_owned(),
            ColumnType::Time => "time".to_owned(),
            ColumnType::Timestamp => "timestamp".to_owned(),
            ColumnType::Timestamptz => "timestamptz".to_owned(),
            ColumnType::Interval => "interval".to_owned(),
            ColumnType::Uuid => "uuid".to_owned(),
            ColumnType::Json => "json".to_owned(),
            ColumnType::Jsonb => "jsonb".to_owned(),
            ColumnType::Inet => "inet".to_owned(),
            ColumnType::Cidr => "cidr".to_owned(),
            ColumnType::MacAddr => "macaddr".to_owned(),
            ColumnType::Money => "money".to_owned(),
            ColumnType::Oid => "oid".to_owned(),
            ColumnType::TsVector => "tsvector".to_owned(),
            ColumnType::TsQuery => "tsquery".to_owned(),
            ColumnType::Range(of) => format!("{}range", self.range_prefix(of)?),
            ColumnType::Multirange(of) => format!("{}multirange", self.range_prefix(of)?),
            ColumnType::Array(of) if is_serial(of) => {
                return Err(self.malformed("an array cannot number its elements"));
            }
            ColumnType::Array(of) => format!("{}[]", self.type_(of)?),
            ColumnType::Enum(enum_type) => self.qualified(&enum_type.name)?,
            ColumnType::Named(name) => self.qualified(name)?,
            ColumnType::Custom(sql) => sql.clone(),
            ColumnType::PerDialect { every, .. } => self.type_(every)?,
        })
    }

    fn range_prefix(&self, of: &ColumnType) -> Outcome<&'static str> {
        match of.on_dialect(Dialect::Postgres) {
            ColumnType::Integer => Ok("int4"),
            ColumnType::BigInt => Ok("int8"),
            ColumnType::Numeric => Ok("num"),
            ColumnType::Date => Ok("date"),
            ColumnType::Timestamp => Ok("ts"),
            ColumnType::Timestamptz => Ok("tstz"),
            _ => Err(self.unsupported(
                "there is no range type over this type; a range type of one's own is a named type",
            )),
        }
    }
}

/// Whether it is a type with a sequence of its own, which only a new column can have.
pub(super) fn is_serial(type_: &ColumnType) -> bool {
    use ColumnType::{BigSerial, Serial, SmallSerial};
    matches!(type_.on_dialect(Dialect::Postgres), SmallSerial | Serial | BigSerial)
}
