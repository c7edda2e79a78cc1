//! Types and sequences.

use serde::{Deserialize, Serialize};

use super::{Check, ColumnName, Constraint};

/// An enum type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    /// Its values in their order.
    pub values: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A domain: a type with rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The type beneath.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// The expression of its default.
    pub default: Option<String>,
    /// Its collation when that is not the type's own.
    pub collation: Option<String>,
    /// The check constraints in order of their names.
    pub checks: Vec<Constraint<Check>>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A composite type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composite {
    /// Its attributes in their order.
    pub attributes: Vec<Attribute>,
    /// Its comment.
    pub comment: Option<String>,
}

/// An attribute of a composite type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub type_: String,
    /// Its collation when that is not the type's own.
    pub collation: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A sequence. Where it stands is data and not in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// How it counts.
    pub options: SequenceOptions,
    /// The column that it goes with, as that of a `serial` does.
    pub owned_by: Option<ColumnName>,
    /// `UNLOGGED`.
    pub unlogged: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// How a sequence counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceOptions {
    /// The type of its values.
    #[serde(rename = "type")]
    pub type_: String,
    /// The first value.
    pub start: i64,
    /// The step.
    pub increment: i64,
    /// The smallest value.
    pub min: i64,
    /// The largest value.
    pub max: i64,
    /// How many values a session takes at once.
    pub cache: i64,
    /// Whether it begins anew at its end.
    pub cycle: bool,
}
