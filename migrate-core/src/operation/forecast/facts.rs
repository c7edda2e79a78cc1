//! What is known of a database.

use std::collections::{BTreeMap, BTreeSet};

use super::volatility::Volatility;
use crate::operation::Name;

/// What is known of a database before a step. `()` knows nothing.
///
/// Names are those that effects are told under: without the schema where the connection's search path finds them.
pub trait Facts {
    /// Every table, view, materialized view and sequence; `None` if that is not known.
    fn relations(&self) -> Option<BTreeMap<Name, Relation>>;

    /// The schema that a name without one means, if it is known.
    fn default_schema(&self) -> Option<&str>;

    /// What kind of type a name stands for that is not one of the server's own.
    fn data_type(&self, name: &Name) -> Option<DataType>;

    /// Whether the session's `TimeZone` is UTC, under which a `timestamp` and a `timestamptz` are the same bytes.
    fn is_utc(&self) -> Option<bool>;

    /// Whether a function of the database gives each row another value; by its name alone.
    fn volatility(&self, function: &str) -> Option<Volatility>;
}

impl Facts for () {
    fn relations(&self) -> Option<BTreeMap<Name, Relation>> {
        None
    }

    fn default_schema(&self) -> Option<&str> {
        None
    }

    fn data_type(&self, _: &Name) -> Option<DataType> {
        None
    }

    fn is_utc(&self) -> Option<bool> {
        None
    }

    fn volatility(&self, _: &str) -> Option<Volatility> {
        None
    }
}

/// A table, or what can be locked like one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relation {
    /// What it is.
    pub kind: RelationKind,
    /// Its columns by name.
    pub columns: BTreeMap<String, ColumnFacts>,
    /// Its constraints by name.
    pub constraints: BTreeMap<String, ConstraintFacts>,
    /// Its indexes by name; they are in its schema.
    pub indexes: BTreeMap<String, IndexFacts>,
    /// Its triggers by name, each with its definition.
    pub triggers: BTreeMap<String, String>,
    /// The table of which it is a partition, or from which it inherits.
    pub parents: BTreeSet<Name>,
    /// The query of a view.
    pub query: Option<String>,
}

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RelationKind {
    /// A table.
    #[default]
    Table,
    /// A table in partitions: it has no rows of its own.
    Partitioned,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A sequence.
    Sequence,
}

/// What is known of a column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnFacts {
    /// Its type as PostgreSQL writes it: `character varying(100)`; `None` if it is not known.
    pub type_: Option<String>,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Its collation; `None` for its type's own.
    pub collation: Option<String>,
    /// The sequence that is dropped with it.
    pub sequence: Option<Name>,
}

/// What is known of a constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintFacts {
    /// What it is.
    pub kind: ConstraintKind,
    /// Whether it holds for all rows.
    pub validated: bool,
    /// Its columns; those of a CHECK are in its expression.
    pub columns: Vec<String>,
}

/// What a constraint is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A primary key.
    PrimaryKey,
    /// A unique constraint.
    Unique,
    /// A condition.
    Check {
        /// The condition.
        expression: String,
    },
    /// A foreign key.
    ForeignKey {
        /// The table that it refers to.
        table: Name,
        /// The columns there, the primary key if none are said.
        columns: Vec<String>,
        /// Whether rows change with those that they refer to: are deleted, or set to NULL or a default.
        follows: bool,
    },
    /// An exclusion constraint.
    Exclude,
}

/// What is known of an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexFacts {
    /// The columns that are keys.
    pub columns: Vec<String>,
    /// Its expressions and its condition; with any of them it is never kept through a change of type.
    pub expressions: Vec<String>,
    /// The constraint that it stands for.
    pub constraint: Option<String>,
}

/// What kind of type it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DataType {
    /// An enum.
    Enum,
    /// Another type with rules.
    Domain {
        /// The type, as PostgreSQL writes it.
        base: String,
        /// Whether it has rules: a CHECK, or NOT NULL.
        checked: bool,
    },
    /// A composite, a range, or an extension's own.
    Other,
}
