//! The catalog as plain data.

mod column;
mod constraint;
mod index;
mod name;
mod program;
mod statistics;
mod table;
mod types;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::column::{Column, Generated, GeneratedKind, Identity, IdentityKind, NotNull};
pub use self::constraint::{
    Action, Check, Constraint, Deferrable, Exclusion, ForeignKey, Match, PrimaryKey, Unique,
};
pub use self::index::{Index, IndexKey, IndexTarget, Nulls, Order};
pub(in crate::catalog) use self::name::Identifier;
pub use self::name::{ColumnName, FunctionName, NameError, ObjectName};
pub use self::program::{Function, FunctionKind, Policy, PolicyCommand, Rule, Trigger, TriggerState};
pub use self::statistics::Statistics;
pub use self::table::{ForeignServer, PartitionOf, ReplicaIdentity, Table, TableOptions};
pub use self::types::{Attribute, Composite, Domain, Enum, Sequence, SequenceOptions};
pub use self::view::{MaterializedView, View};

/// What a database holds, as far as a migration can change it.
///
/// Two catalogs are equal when the schemas are; rows and statistics do not count. Not in it: roles, owners and
/// privileges, tablespaces of indexes, publications, event triggers, operators, casts, text search, range types,
/// extended statistics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    /// The schemas (namespaces); none on SQLite.
    pub schemas: BTreeMap<String, Schema>,
    /// Extensions. What belongs to one stands nowhere else in the catalog.
    pub extensions: BTreeMap<String, Extension>,
    /// Enum types.
    pub enums: BTreeMap<ObjectName, Enum>,
    /// Domains.
    pub domains: BTreeMap<ObjectName, Domain>,
    /// Composite types that were created as such.
    pub composites: BTreeMap<ObjectName, Composite>,
    /// Sequences, but for those of identity columns, which are part of their column.
    pub sequences: BTreeMap<ObjectName, Sequence>,
    /// Functions, procedures and aggregates.
    pub functions: BTreeMap<FunctionName, Function>,
    /// Tables of every kind: ordinary, partitioned, partitions, foreign and virtual ones.
    pub tables: BTreeMap<ObjectName, Table>,
    /// Views.
    pub views: BTreeMap<ObjectName, View>,
    /// Materialized views.
    pub materialized_views: BTreeMap<ObjectName, MaterializedView>,
}

/// A schema in the sense of PostgreSQL: a namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Its comment.
    pub comment: Option<String>,
}

/// An installed extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The schema of its objects.
    pub schema: String,
    /// The installed version.
    pub version: String,
    /// Its comment.
    pub comment: Option<String>,
}

impl Catalog {
    /// The table of this name when exactly one schema has it.
    ///
    /// For callers that know a name without its schema, as most migrations do, after a
    /// [`Scope`](super::Scope) of that one table.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<(&ObjectName, &Table)> {
        let mut found = self.tables.iter().filter(|(key, _)| key.name == name);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}
