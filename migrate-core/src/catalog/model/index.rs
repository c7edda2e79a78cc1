use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ObjectName;

/// An index; its name is the key under which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent of the others")]
pub struct Index {
    /// What it orders by.
    pub keys: Vec<IndexKey>,
    /// Columns that it carries along.
    pub include: Vec<String>,
    /// Whether no two rows may have the same key.
    pub unique: bool,
    /// Whether two NULLs are the same value.
    pub nulls_not_distinct: bool,
    /// The access method, such as `btree` or `gin`.
    pub method: String,
    /// The rows that it holds, when not all.
    pub predicate: Option<String>,
    /// Storage parameters, such as `fillfactor`.
    pub options: BTreeMap<String, String>,
    /// False for what a failed `CREATE INDEX CONCURRENTLY` leaves behind.
    pub valid: bool,
    /// The constraint that it backs, which it comes and goes with. On SQLite that may have no name: then it is
    /// the index's own.
    pub constraint: Option<String>,
    /// The index of the partitioned table that it is a part of.
    pub partition_of: Option<ObjectName>,
    /// Whether `CLUSTER` goes by it.
    pub clustered: bool,
    /// The server's text: a statement that makes it. Empty for one that backs a constraint, which makes it.
    pub definition: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexKey {
    /// The column or the expression.
    pub target: IndexTarget,
    /// The direction.
    pub order: Order,
    /// Where NULL stands.
    pub nulls: Nulls,
    /// The operator class when it is not the type's default.
    pub opclass: Option<String>,
    /// The collation when it is not the column's.
    pub collation: Option<String>,
}

/// What an index orders by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexTarget {
    /// A column.
    Column(String),
    /// An expression, without the parentheses that `CREATE INDEX` asks for around most.
    Expression(String),
}

/// The direction of a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Ascending, or without a direction.
    #[default]
    Asc,
    /// Descending.
    Desc,
}

/// Where NULL stands in the order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    /// Where the server puts it by default for this direction.
    #[default]
    Default,
    /// Before everything, against the default.
    First,
    /// After everything, against the default.
    Last,
}

impl IndexKey {
    /// A column in ascending order.
    pub fn column(name: impl Into<String>) -> Self {
        Self::of(IndexTarget::Column(name.into()))
    }

    /// An expression in ascending order.
    pub fn expression(text: impl Into<String>) -> Self {
        Self::of(IndexTarget::Expression(text.into()))
    }

    fn of(target: IndexTarget) -> Self {
        Self { target, order: Order::Asc, nulls: Nulls::Default, opclass: None, collation: None }
    }
}
