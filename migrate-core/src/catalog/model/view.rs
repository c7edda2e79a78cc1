use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Column, Index, Rule, Trigger};

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its columns in their order; their nullability is not known.
    pub columns: Vec<Column>,
    /// The query, as the server writes it; on SQLite the whole statement.
    pub definition: String,
    /// Parameters, such as `security_barrier` and `check_option`.
    pub options: BTreeMap<String, String>,
    /// The triggers.
    pub triggers: BTreeMap<String, Trigger>,
    /// The rewrite rules, but for the one that makes it a view.
    pub rules: BTreeMap<String, Rule>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterializedView {
    /// Its columns in their order; their nullability is not known.
    pub columns: Vec<Column>,
    /// The query, as the server writes it.
    pub definition: String,
    /// Whether it was ever filled: reading one that was not is an error.
    pub populated: bool,
    /// Storage parameters.
    pub options: BTreeMap<String, String>,
    /// The tablespace when it is not the database's.
    pub tablespace: Option<String>,
    /// The access method when it is not `heap`.
    pub access_method: Option<String>,
    /// The indexes.
    pub indexes: BTreeMap<String, Index>,
    /// Its comment.
    pub comment: Option<String>,
}
