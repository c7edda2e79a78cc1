use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Check, Column, Constraint, Exclusion, ForeignKey, Index, ObjectName, Policy, PrimaryKey, Rule, Trigger,
    Unique,
};

/// A table.
///
/// Constraints stand in order of their name, those without one first, in order of their definition. A child
/// table or partition is a table of its own with all of its columns and constraints; what it has from its parent
/// alone says so (`inherited`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// The primary key.
    pub primary_key: Option<Constraint<PrimaryKey>>,
    /// The unique constraints. A unique index without a constraint is among the indexes alone.
    pub uniques: Vec<Constraint<Unique>>,
    /// The check constraints.
    pub checks: Vec<Constraint<Check>>,
    /// The foreign keys.
    pub foreign_keys: Vec<Constraint<ForeignKey>>,
    /// The exclusion constraints.
    pub exclusions: Vec<Constraint<Exclusion>>,
    /// The indexes, with those that back a constraint.
    pub indexes: BTreeMap<String, Index>,
    /// The triggers, but for the server's own.
    pub triggers: BTreeMap<String, Trigger>,
    /// The rewrite rules.
    pub rules: BTreeMap<String, Rule>,
    /// The row-level security policies.
    pub policies: BTreeMap<String, Policy>,
    /// Everything else about the table.
    pub options: TableOptions,
    /// Its comment.
    pub comment: Option<String>,
}

/// What a table is beyond its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of CREATE TABLE or ALTER TABLE")]
pub struct TableOptions {
    /// SQLite: `STRICT`.
    pub strict: bool,
    /// SQLite: `WITHOUT ROWID`.
    pub without_rowid: bool,
    /// SQLite: the module of a virtual table with its arguments, as written after `USING`.
    pub virtual_module: Option<String>,
    /// `UNLOGGED`.
    pub unlogged: bool,
    /// Storage parameters, such as `fillfactor`; those of the out-of-line table begin with `toast.`.
    pub parameters: BTreeMap<String, String>,
    /// The tablespace when it is not the database's.
    pub tablespace: Option<String>,
    /// The access method when it is not `heap`.
    pub access_method: Option<String>,
    /// How a partitioned table is divided, such as `RANGE (at)`.
    pub partition_by: Option<String>,
    /// What a partition is a part of.
    pub partition_of: Option<PartitionOf>,
    /// The parents of a table that inherits, in their order.
    pub inherits: Vec<ObjectName>,
    /// The composite type of a typed table.
    pub of_type: Option<String>,
    /// What identifies a row for logical replication.
    pub replica_identity: ReplicaIdentity,
    /// Whether row-level security is on.
    pub row_security: bool,
    /// Whether it holds for the owner, too.
    pub force_row_security: bool,
    /// Where the rows of a foreign table are.
    pub foreign: Option<ForeignServer>,
}

/// The place of a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartitionOf {
    /// The table above.
    pub table: ObjectName,
    /// Which rows it takes, such as `FOR VALUES IN ('a')`.
    pub bound: String,
}

/// Where the rows of a foreign table are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignServer {
    /// The foreign server.
    pub server: String,
    /// The options of the table.
    pub options: BTreeMap<String, String>,
}

/// What identifies a row for logical replication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplicaIdentity {
    /// The primary key.
    #[default]
    Default,
    /// Nothing.
    Nothing,
    /// The whole row.
    Full,
    /// This index.
    Index(String),
}
