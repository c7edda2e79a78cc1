//! Column types.

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::callee::{Callee, callee};
use super::enums::{self, EnumType};
use super::rust::text;
use super::{NotPlain, Plain};

/// A type as our operations write it, and what Alembic makes of it besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Type {
    /// The expression.
    pub(super) rust: String,
    pub(super) kind: Kind,
    /// The enum type that `create_table` creates along with it.
    pub(super) creates: Option<EnumType>,
}

/// What matters of a type beyond its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SmallInt,
    Integer,
    BigInt,
    Boolean,
    Json,
    Other,
}

impl Kind {
    /// The type that numbers itself, of a whole number.
    pub(super) fn serial(self) -> Option<&'static str> {
        match self {
            Self::SmallInt => Some("SmallSerial"),
            Self::Integer => Some("Serial"),
            Self::BigInt => Some("BigSerial"),
            Self::Boolean | Self::Json | Self::Other => None,
        }
    }
}

impl Type {
    fn named(rust: impl Into<String>, kind: Kind) -> Self {
        Self { rust: rust.into(), kind, creates: None }
    }
}

/// The type that an expression makes: a class, or a call of one.
pub(super) fn type_of(expression: &Expr) -> Plain<Type> {
    let no_arguments;
    let call = match expression {
        Expr::Call(call) => {
            if let Expr::Attribute(base, method) = &call.function
                && method == "with_variant"
            {
                return variant(base, call);
            }
            &**call
        }
        class => {
            no_arguments = Call { function: class.clone(), arguments: Vec::new(), keywords: Vec::new() };
            &no_arguments
        }
    };
    let unknown = || NotPlain::new(format_args!("the type {}", call.function));
    let mut arguments = Arguments::of(call);
    let made = match callee(&call.function).ok_or_else(unknown)? {
        Callee::Sqlalchemy(name) => generic(&name, &mut arguments)?.ok_or_else(unknown)?,
        Callee::Postgres(name) => match postgres(&name, &mut arguments)? {
            Some(made) => made,
            None => generic(&name, &mut arguments)?.ok_or_else(unknown)?,
        },
        Callee::Foreign(path) => foreign(&path, &mut arguments)?.ok_or_else(unknown)?,
        Callee::Operation(_) | Callee::Batch(_) | Callee::Function(_) => return Err(unknown()),
    };
    arguments.finish()?;
    Ok(made)
}

/// Types that every server has.
fn generic(name: &str, arguments: &mut Arguments<'_>) -> Plain<Option<Type>> {
    let plain = |rust: &str| Ok(Some(Type::named(rust, Kind::Other)));
    match name {
        "Integer" | "INTEGER" | "INT" => Ok(Some(Type::named("Integer", Kind::Integer))),
        "BigInteger" | "BIGINT" => Ok(Some(Type::named("BigInt", Kind::BigInt))),
        "SmallInteger" | "SMALLINT" => Ok(Some(Type::named("SmallInt", Kind::SmallInt))),
        "Boolean" | "BOOLEAN" => {
            // SQLite gets a constraint that only lets 0 and 1 in.
            if arguments.flag("create_constraint")? == Some(true) {
                return Err(NotPlain::new("a truth with a constraint on some servers"));
            }
            arguments.ignore(&["name"]);
            Ok(Some(Type::named("Boolean", Kind::Boolean)))
        }
        "String" | "VARCHAR" | "Unicode" | "AutoString" => {
            // The server's own type without a length, which is not `Text` in its catalog.
            let length = arguments.number(0, "length")?;
            plain(
                &length
                    .map_or_else(|| r#"custom("varchar")"#.to_owned(), |length| format!("varchar({length})")),
            )
        }
        "CHAR" => {
            let length = arguments.number(0, "length")?.unwrap_or(1);
            plain(&format!("char({length})"))
        }
        "Text" | "UnicodeText" | "TEXT" => plain("Text"),
        "Float" | "FLOAT" => {
            let precision = arguments.number(0, "precision")?;
            arguments.ignore(&["asdecimal", "decimal_return_scale"]);
            plain(if precision.is_some_and(|bits| bits <= 24) { "Float" } else { "Double" })
        }
        "REAL" => plain("Float"),
        "Double" | "DOUBLE" | "DOUBLE_PRECISION" => {
            arguments.ignore(&["precision", "asdecimal", "decimal_return_scale"]);
            plain("Double")
        }
        "Numeric" | "NUMERIC" | "DECIMAL" => {
            let (precision, scale) = (arguments.number(0, "precision")?, arguments.number(1, "scale")?);
            arguments.ignore(&["asdecimal", "decimal_return_scale"]);
            plain(&match (precision, scale) {
                (None, None) => "Numeric".to_owned(),
                (Some(precision), scale) => format!("decimal({precision}, {})", scale.unwrap_or(0)),
                (None, Some(_)) => return Err(NotPlain::new("a scale without a precision")),
            })
        }
        "DateTime" | "DATETIME" | "TIMESTAMP" => {
            let zone = timezone(arguments)?;
            plain(if zone { "Timestamptz" } else { "Timestamp" })
        }
        "Date" | "DATE" => plain("Date"),
        "Time" | "TIME" => plain(if timezone(arguments)? { r#"custom("timetz")"# } else { "Time" }),
        "Interval" => {
            arguments.ignore(&["native"]);
            plain("Interval")
        }
        "LargeBinary" => {
            arguments.take(0, "length");
            plain("Binary")
        }
        "JSON" => {
            arguments.ignore(&["none_as_null", "astext_type"]);
            Ok(Some(Type::named("Json", Kind::Json)))
        }
        "Uuid" | "UUID" => {
            arguments.take(0, "as_uuid");
            plain("Uuid")
        }
        "ARRAY" => array(arguments).map(Some),
        "Enum" => enums::type_of(arguments).map(Some),
        _ => Ok(None),
    }
}

/// Types of PostgreSQL.
fn postgres(name: &str, arguments: &mut Arguments<'_>) -> Plain<Option<Type>> {
    let plain = |rust: &str| Ok(Some(Type::named(rust, Kind::Other)));
    match name {
        "JSONB" => {
            arguments.ignore(&["none_as_null", "astext_type"]);
            Ok(Some(Type::named("Jsonb", Kind::Json)))
        }
        "BYTEA" => plain("Binary"),
        "INTERVAL" => plain("Interval"),
        "INET" => plain("Inet"),
        "CIDR" => plain("Cidr"),
        "MACADDR" => plain("MacAddr"),
        "MONEY" => plain("Money"),
        "OID" => plain("Oid"),
        "TSVECTOR" => plain("TsVector"),
        "TSQUERY" => plain("TsQuery"),
        "CITEXT" => plain("Citext"),
        "HSTORE" => {
            arguments.ignore(&["text_type"]);
            plain(r#"custom("hstore")"#)
        }
        "BIT" => {
            let length = arguments.number(0, "length")?.unwrap_or(1);
            let word = if arguments.flag("varying")? == Some(true) { "bit varying" } else { "bit" };
            plain(&format!("custom({})", text(&format!("{word}({length})"))))
        }
        "INT4RANGE" => plain("range(Integer)"),
        "INT8RANGE" => plain("range(BigInt)"),
        "NUMRANGE" => plain("range(Numeric)"),
        "DATERANGE" => plain("range(Date)"),
        "TSRANGE" => plain("range(Timestamp)"),
        "TSTZRANGE" => plain("range(Timestamptz)"),
        "TIMESTAMP" | "TIME" => match arguments.number(None, "precision")? {
            None => Ok(None),
            Some(precision) => {
                let zone = if timezone(arguments)? { "with" } else { "without" };
                let sql = format!("{}({precision}) {zone} time zone", name.to_lowercase());
                plain(&format!("custom({})", text(&sql)))
            }
        },
        "ENUM" => enums::type_of(arguments).map(Some),
        _ => Ok(None),
    }
}

/// Types of packages that many use.
fn foreign(path: &str, arguments: &mut Arguments<'_>) -> Plain<Option<Type>> {
    match path {
        "sqlmodel.sql.sqltypes.AutoString" | "sqlmodel.AutoString" => generic("AutoString", arguments),
        "citext.CIText" => postgres("CITEXT", arguments),
        "pgvector.sqlalchemy.Vector" | "pgvector.sqlalchemy.vector.VECTOR" | "pgvector.sqlalchemy.VECTOR" => {
            let sql = match arguments.number(0, "dim")? {
                Some(dimensions) => format!("vector({dimensions})"),
                None => "vector".to_owned(),
            };
            Ok(Some(Type::named(format!("custom({})", text(&sql)), Kind::Other)))
        }
        _ => Ok(None),
    }
}

fn timezone(arguments: &mut Arguments<'_>) -> Plain<bool> {
    match arguments.take(0, "timezone") {
        None | Some(Expr::Bool(false) | Expr::None) => Ok(false),
        Some(Expr::Bool(true)) => Ok(true),
        Some(other) => Err(arguments.unexpected("timezone", other)),
    }
}

fn array(arguments: &mut Arguments<'_>) -> Plain<Type> {
    let of = arguments.take(0, "item_type").ok_or_else(|| NotPlain::new("an array of nothing"))?;
    let of = type_of(of)?;
    if arguments.number(None, "dimensions")?.is_some_and(|dimensions| dimensions > 1) {
        return Err(NotPlain::new("an array of several dimensions"));
    }
    arguments.ignore(&["as_tuple", "zero_indexes"]);
    Ok(Type { rust: format!("array({})", of.rust), kind: Kind::Other, creates: of.creates })
}

/// `base.with_variant(type, "dialect", …)`.
fn variant(base: &Expr, call: &Call) -> Plain<Type> {
    let base = type_of(base)?;
    let (Some(other), names, []) =
        (call.arguments.first(), &call.arguments.get(1..).unwrap_or_default(), call.keywords.as_slice())
    else {
        return Err(NotPlain::new("the arguments of `with_variant`"));
    };
    let mut rust = base.rust;
    let mut kind = base.kind;
    for name in *names {
        let dialect = match name {
            Expr::Str(name) if name == "postgresql" => "Postgres",
            Expr::Str(name) if name == "sqlite" => "Sqlite",
            Expr::Str(name) if name == "mysql" || name == "mariadb" => "Mysql",
            // Servers that are not ours.
            Expr::Str(_) => continue,
            other => return Err(NotPlain::new(format_args!("{other} as the name of a dialect"))),
        };
        if dialect == "Mysql" {
            // Its types have no counterpart, and no connection to it would use them.
            continue;
        }
        let other = type_of(other)?;
        if other.creates.is_some() {
            return Err(NotPlain::new("an enum type for one server"));
        }
        kind = if dialect == "Postgres" { other.kind } else { kind };
        let start =
            if rust.starts_with("ColumnType::from") { rust } else { format!("ColumnType::from({rust})") };
        rust = format!("{start}.on(Dialect::{dialect}, {})", other.rust);
    }
    Ok(Type { rust, kind, creates: base.creates })
}
