//! Literal values: defaults and inserted rows.

use crate::context::{Sql, per_dialect};

/// A value that stands in a statement as a literal.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// NULL.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number; it must be finite.
    Double(f64),
    /// Text; also for types that have none of their own here (dates, UUIDs, decimals): the server reads it as
    /// the column's type.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// An array of PostgreSQL.
    Array(Vec<Value>),
}

/// The SQL NULL: `column("note", Text).default(Null)`, `("ada", Null)` as a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Null;

impl From<Null> for Value {
    fn from(_: Null) -> Self {
        Self::Null
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::Integer(value.into())
            }
        }
    )*};
}
// Not `u8`: a `Vec<u8>` is binary, as it is to Diesel, and no array of numbers.
integers!(i8, i16, i32, i64, u16, u32);

impl From<f32> for Value {
    fn from(value: f32) -> Self {
        Self::Double(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Double(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Binary(value)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Binary(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Binary(value.to_vec())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Binary(value.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(values: [T; N]) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

/// The default of a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnDefault {
    /// A literal.
    Literal(Value),
    /// The time of the statement's transaction: `now()` or `CURRENT_TIMESTAMP`.
    Now,
    /// An SQL expression, per dialect if need be.
    Expression(Sql<'static>),
}

/// The time at which a row is inserted, as a column's default: `column("created_at", Timestamptz).default(now())`.
#[must_use]
pub fn now() -> ColumnDefault {
    ColumnDefault::Now
}

/// A random UUID (version 4) as a column's default: `column("id", Uuid).primary_key().default(random_uuid())`.
///
/// Made by the server for each row that is inserted without one: `gen_random_uuid()` (PostgreSQL from 13 on); on
/// SQLite, which has no such function, put together from random bytes as text. MySQL's `uuid()` is of version 1.
#[must_use]
pub fn random_uuid() -> ColumnDefault {
    expression(
        per_dialect()
            .postgres("gen_random_uuid()")
            .sqlite(
                "lower(printf('%s-%s-4%s-%s%s-%s', hex(randomblob(4)), hex(randomblob(2)), \
                 substr(hex(randomblob(2)), 2), substr('89ab', 1 + (random() & 3), 1), \
                 substr(hex(randomblob(2)), 2), hex(randomblob(6))))",
            )
            .mysql("uuid()"),
    )
}

/// An SQL expression as a column's default: `.default(expression("CURRENT_DATE + 30"))`.
///
/// Takes [`per_dialect`](crate::context::per_dialect) SQL, too.
#[must_use]
pub fn expression(sql: impl Into<Sql<'static>>) -> ColumnDefault {
    ColumnDefault::Expression(sql.into())
}

impl<V: Into<Value>> From<V> for ColumnDefault {
    fn from(value: V) -> Self {
        Self::Literal(value.into())
    }
}

/// A row of [`bulk_insert`](crate::Context::bulk_insert): a tuple of values, an array or a vector.
pub trait IntoRow {
    /// The values in the order of the columns.
    fn into_row(self) -> Vec<Value>;
}

impl IntoRow for Vec<Value> {
    fn into_row(self) -> Vec<Value> {
        self
    }
}

impl<T: Into<Value>, const N: usize> IntoRow for [T; N] {
    fn into_row(self) -> Vec<Value> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! rows {
    ($($($name:ident)+;)+) => {$(
        impl<$($name: Into<Value>),+> IntoRow for ($($name,)+) {
            #[expect(non_snake_case, reason = "type parameters name the values")]
            fn into_row(self) -> Vec<Value> {
                let ($($name,)+) = self;
                vec![$($name.into()),+]
            }
        }
    )+};
}
rows! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; A B C D E F G H I;
    A B C D E F G H I J; A B C D E F G H I J K; A B C D E F G H I J K L; A B C D E F G H I J K L M;
    A B C D E F G H I J K L M N; A B C D E F G H I J K L M N O; A B C D E F G H I J K L M N O P;
}
