//! Column types: one vocabulary for three servers, under Diesel's names.
//!
//! [`names`] re-exports the marker types of `diesel::sql_types`, and each converts into a [`ColumnType`]: what
//! stands in a `table!` stands in a migration, too. Types with parameters are functions: [`varchar`],
//! [`decimal`], [`array`], [`custom`].

use diesel::sql_types;

use super::enums::EnumType;
use super::name::Name;
use crate::connection::Dialect;

/// The type of a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// Diesel's `Bool`: `boolean`, on MySQL `tinyint(1)`.
    Boolean,
    /// 16 bits.
    SmallInt,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInt,
    /// 16 bits with a sequence of its own (PostgreSQL), an auto-increment elsewhere.
    SmallSerial,
    /// 32 bits with a sequence of its own.
    Serial,
    /// 64 bits with a sequence of its own.
    BigSerial,
    /// 32-bit floating point.
    Float,
    /// 64-bit floating point.
    Double,
    /// A decimal number of any precision.
    Numeric,
    /// A decimal number: digits in all, digits after the point.
    Decimal(u32, u32),
    /// Text of any length.
    Text,
    /// Text of at most so many characters.
    Varchar(u32),
    /// Text padded to so many characters.
    Char(u32),
    /// Text that compares without case (PostgreSQL's extension `citext`; `NOCASE` on SQLite).
    Citext,
    /// Bytes.
    Binary,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// Date and time without a zone.
    Timestamp,
    /// A point in time.
    Timestamptz,
    /// A span of time.
    Interval,
    /// A UUID.
    Uuid,
    /// JSON as text.
    Json,
    /// JSON as a binary value.
    Jsonb,
    /// An IP address, with or without a network.
    Inet,
    /// A network.
    Cidr,
    /// A hardware address.
    MacAddr,
    /// An amount of money.
    Money,
    /// An object identifier.
    Oid,
    /// A document prepared for text search.
    TsVector,
    /// A text search query.
    TsQuery,
    /// A range of `Integer`, `BigInt`, `Numeric`, `Date`, `Timestamp` or `Timestamptz`.
    Range(Box<ColumnType>),
    /// Several ranges.
    Multirange(Box<ColumnType>),
    /// An array.
    Array(Box<ColumnType>),
    /// An enum type: by its name on PostgreSQL, `ENUM(…)` on MySQL, text with a CHECK on SQLite.
    Enum(EnumType),
    /// A type of the server by its name: a domain, a composite, an extension's. Quoted like any name.
    Named(Name),
    /// A type as the server's SQL spells it, as it is: `vector(1536)`, `mediumtext`.
    Custom(String),
    /// A type with others for single dialects.
    PerDialect {
        /// The type where no other is given.
        every: Box<ColumnType>,
        /// The others.
        variants: Vec<(Dialect, ColumnType)>,
    },
}

impl ColumnType {
    /// Uses another type on one server: `Jsonb.on(Dialect::Sqlite, Text)`.
    #[must_use]
    pub fn on(self, dialect: Dialect, variant: impl Into<Self>) -> Self {
        let variant = variant.into();
        match self {
            Self::PerDialect { every, mut variants } => {
                variants.retain(|(other, _)| *other != dialect);
                variants.push((dialect, variant));
                Self::PerDialect { every, variants }
            }
            every => Self::PerDialect { every: Box::new(every), variants: vec![(dialect, variant)] },
        }
    }

    /// The type that holds on a server: never [`PerDialect`](Self::PerDialect).
    #[must_use]
    pub fn on_dialect(&self, dialect: Dialect) -> &Self {
        match self {
            Self::PerDialect { every, variants } => {
                let own = variants.iter().find(|(other, _)| *other == dialect);
                own.map_or(&**every, |(_, variant)| variant).on_dialect(dialect)
            }
            plain => plain,
        }
    }

    /// The name that Diesel's `table!` has for it; `None` for an enum, a named and a custom type.
    ///
    /// `Array<Nullable<Integer>>` and the like are spelled out; a parameter that Diesel does not know is left
    /// out, so a `Varchar(50)` is `Varchar`.
    #[must_use]
    pub fn diesel_name(&self, dialect: Dialect) -> Option<String> {
        let name = match self.on_dialect(dialect) {
            Self::Boolean => "Bool",
            Self::SmallInt | Self::SmallSerial => "SmallInt",
            Self::Integer | Self::Serial => "Integer",
            Self::BigInt | Self::BigSerial => "BigInt",
            Self::Float => "Float",
            Self::Double => "Double",
            Self::Numeric | Self::Decimal(..) => "Numeric",
            Self::Text => "Text",
            Self::Varchar(_) => "Varchar",
            Self::Char(_) => {
                if dialect == Dialect::Postgres {
                    "Bpchar"
                } else {
                    "Char"
                }
            }
            Self::Citext => {
                if dialect == Dialect::Postgres {
                    "Citext"
                } else {
                    "Text"
                }
            }
            Self::Binary => "Binary",
            Self::Date => "Date",
            Self::Time => "Time",
            Self::Timestamp => "Timestamp",
            Self::Timestamptz => match dialect {
                Dialect::Postgres => "Timestamptz",
                Dialect::Sqlite => "TimestamptzSqlite",
                Dialect::Mysql => "Timestamp",
            },
            Self::Interval => "Interval",
            Self::Uuid => match dialect {
                Dialect::Postgres => "Uuid",
                Dialect::Sqlite => "Text",
                Dialect::Mysql => "Char",
            },
            Self::Json => "Json",
            // Elsewhere a document is kept as text, for which Diesel has another name.
            Self::Jsonb => match dialect {
                Dialect::Postgres => "Jsonb",
                Dialect::Sqlite | Dialect::Mysql => "Json",
            },
            Self::Inet => "Inet",
            Self::Cidr => "Cidr",
            Self::MacAddr => "MacAddr",
            Self::Money => "Money",
            Self::Oid => "Oid",
            Self::Range(of) => return Some(format!("Range<{}>", of.diesel_name(dialect)?)),
            Self::Multirange(of) => return Some(format!("Multirange<{}>", of.diesel_name(dialect)?)),
            Self::Array(of) => return Some(format!("Array<Nullable<{}>>", of.diesel_name(dialect)?)),
            Self::TsVector => "TsVector",
            Self::TsQuery => "TsQuery",
            Self::Enum(_) | Self::Named(_) | Self::Custom(_) | Self::PerDialect { .. } => return None,
        };
        Some(name.to_owned())
    }

    /// The type that a name of Diesel's `sql_types` stands for, in any of its spellings: `Int4`, `VarChar`,
    /// `Nullable<Text>`, `Array<Nullable<Integer>>`.
    ///
    /// `Nullable` is looked through. `None` for a name that is not Diesel's.
    #[must_use]
    pub fn from_diesel_name(name: &str) -> Option<Self> {
        let name = name.trim();
        if let Some((outer, inner)) = name.split_once('<') {
            let inner = Self::from_diesel_name(inner.strip_suffix('>')?)?;
            return match last_segment(outer) {
                "Nullable" => Some(inner),
                "Array" => Some(Self::Array(Box::new(inner))),
                "Range" => Some(Self::Range(Box::new(inner))),
                "Multirange" => Some(Self::Multirange(Box::new(inner))),
                _ => None,
            };
        }
        let range = |of| Some(Self::Range(Box::new(of)));
        let multirange = |of| Some(Self::Multirange(Box::new(of)));
        Some(match last_segment(name) {
            "Bool" | "Boolean" => Self::Boolean,
            "SmallInt" | "Int2" | "Smallint" | "TinyInt" | "Tinyint" => Self::SmallInt,
            "Integer" | "Int4" => Self::Integer,
            "BigInt" | "Int8" | "Bigint" => Self::BigInt,
            "SmallSerial" => Self::SmallSerial,
            "Serial" => Self::Serial,
            "BigSerial" => Self::BigSerial,
            "Float" | "Float4" => Self::Float,
            "Double" | "Float8" => Self::Double,
            "Numeric" | "Decimal" => Self::Numeric,
            "Text" | "VarChar" | "Varchar" | "Char" | "Bpchar" | "Tinytext" | "Mediumtext" | "Longtext" => {
                Self::Text
            }
            "Citext" => Self::Citext,
            "Binary" | "Bytea" | "Blob" | "Tinyblob" | "Mediumblob" | "Longblob" | "Varbinary" => {
                Self::Binary
            }
            "Date" => Self::Date,
            "Time" => Self::Time,
            "Timestamp" | "Datetime" => Self::Timestamp,
            "Timestamptz" | "TimestamptzSqlite" => Self::Timestamptz,
            "Interval" => Self::Interval,
            "Uuid" => Self::Uuid,
            "Json" => Self::Json,
            "Jsonb" => Self::Jsonb,
            "Inet" => Self::Inet,
            "Cidr" => Self::Cidr,
            "MacAddr" | "Macaddr" => Self::MacAddr,
            "Money" | "Cash" => Self::Money,
            "Oid" => Self::Oid,
            "TsVector" | "Tsvector" => Self::TsVector,
            "TsQuery" | "Tsquery" => Self::TsQuery,
            "Int4range" => return range(Self::Integer),
            "Int8range" => return range(Self::BigInt),
            "Numrange" => return range(Self::Numeric),
            "Daterange" => return range(Self::Date),
            "Tsrange" => return range(Self::Timestamp),
            "Tstzrange" => return range(Self::Timestamptz),
            "Int4multirange" => return multirange(Self::Integer),
            "Int8multirange" => return multirange(Self::BigInt),
            "Nummultirange" => return multirange(Self::Numeric),
            "Datemultirange" => return multirange(Self::Date),
            "Tsmultirange" => return multirange(Self::Timestamp),
            "Tstzmultirange" => return multirange(Self::Timestamptz),
            _ => return None,
        })
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path).trim()
}

/// Text of at most `length` characters.
#[must_use]
pub fn varchar(length: u32) -> ColumnType {
    ColumnType::Varchar(length)
}

/// Text padded to `length` characters.
#[must_use]
pub fn char(length: u32) -> ColumnType {
    ColumnType::Char(length)
}

/// A decimal number of `precision` digits, `scale` of them after the point.
#[must_use]
pub fn decimal(precision: u32, scale: u32) -> ColumnType {
    ColumnType::Decimal(precision, scale)
}

/// An array of PostgreSQL.
#[must_use]
pub fn array(of: impl Into<ColumnType>) -> ColumnType {
    ColumnType::Array(Box::new(of.into()))
}

/// A range of PostgreSQL.
#[must_use]
pub fn range(of: impl Into<ColumnType>) -> ColumnType {
    ColumnType::Range(Box::new(of.into()))
}

/// A type that exists on the server by its name: a domain, a composite, an enum that another revision created.
#[must_use]
pub fn named_type(name: impl Into<Name>) -> ColumnType {
    ColumnType::Named(name.into())
}

/// A type as the server's SQL spells it: `custom("vector(1536)")`. It is not quoted.
#[must_use]
pub fn custom(sql: impl Into<String>) -> ColumnType {
    ColumnType::Custom(sql.into())
}

/// The names of types as migrations write them: Diesel's own where it has them, so that one import serves
/// `table!`, queries and operations.
pub mod names {
    pub use diesel::sql_types::{
        BigInt, Binary, Bool, Date, Double, Float, Integer, Interval, Json, Jsonb, Numeric, SmallInt, Text,
        Time, Timestamp,
    };
    #[cfg(feature = "postgres")]
    pub use diesel::sql_types::{Cidr, Citext, Inet, MacAddr, Money, Oid, Timestamptz, Uuid};

    pub use super::constants::{BigSerial, Boolean, Serial, SmallSerial, TsQuery, TsVector};
    #[cfg(not(feature = "postgres"))]
    pub use super::constants::{Cidr, Citext, Inet, MacAddr, Money, Oid, Timestamptz, Uuid};
}

/// What Diesel has no unit struct for, or only together with PostgreSQL.
#[expect(non_upper_case_globals, reason = "they stand among Diesel's types and are written like them")]
mod constants {
    use super::ColumnType;

    macro_rules! constants {
        ($($(#[$attribute:meta])* $name:ident,)*) => {$(
            $(#[$attribute])*
            #[doc = concat!("The type [`ColumnType::", stringify!($name), "`].")]
            pub const $name: ColumnType = ColumnType::$name;
        )*};
    }
    constants! {
        Boolean, SmallSerial, Serial, BigSerial, TsVector, TsQuery,
        #[cfg(not(feature = "postgres"))] Cidr,
        #[cfg(not(feature = "postgres"))] Citext,
        #[cfg(not(feature = "postgres"))] Inet,
        #[cfg(not(feature = "postgres"))] MacAddr,
        #[cfg(not(feature = "postgres"))] Money,
        #[cfg(not(feature = "postgres"))] Oid,
        #[cfg(not(feature = "postgres"))] Timestamptz,
        #[cfg(not(feature = "postgres"))] Uuid,
    }
}

macro_rules! markers {
    ($($(#[$attribute:meta])* $marker:ident => $type:ident,)*) => {$(
        $(#[$attribute])*
        impl From<sql_types::$marker> for ColumnType {
            fn from(_: sql_types::$marker) -> Self {
                Self::$type
            }
        }
    )*};
}
markers! {
    Bool => Boolean, SmallInt => SmallInt, Integer => Integer, BigInt => BigInt, Float => Float,
    Double => Double, Numeric => Numeric, Text => Text, Binary => Binary, Date => Date, Time => Time,
    Timestamp => Timestamp, Interval => Interval, Json => Json, Jsonb => Jsonb,
    #[cfg(feature = "postgres")] Timestamptz => Timestamptz,
    #[cfg(feature = "postgres")] Uuid => Uuid,
    #[cfg(feature = "postgres")] Inet => Inet,
    #[cfg(feature = "postgres")] Cidr => Cidr,
    #[cfg(feature = "postgres")] MacAddr => MacAddr,
    #[cfg(feature = "postgres")] Money => Money,
    #[cfg(feature = "postgres")] Oid => Oid,
    #[cfg(feature = "postgres")] Citext => Citext,
}
