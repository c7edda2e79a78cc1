use serde::{Deserialize, Serialize};

use super::compare;
use crate::catalog::Catalog;

/// What differs between two catalogs: a tree, in a fixed order.
///
/// Prints as one line for each object, those of a table below it:
///
/// ```text
/// table public.users
///   + column email_verified boolean not null default false
///   ~ column age: type integer -> bigint, default 0 -> none
///   - index idx_users_name
/// + table public.memories
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Difference {
    /// The changes: by kind, then by name; columns in their order.
    pub changes: Vec<Change>,
}

/// What differs in one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// The kind of the object.
    pub kind: ObjectKind,
    /// Its name as it prints; empty for a constraint without one.
    pub name: String,
    /// What became of it.
    pub what: What,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Only the other catalog has it.
    Added {
        /// What it is, in a line; empty where the name says enough.
        summary: String,
    },
    /// Only this catalog has it.
    Removed {
        /// What it was.
        summary: String,
    },
    /// Both have it, and they differ.
    Changed {
        /// What differs in itself.
        attributes: Vec<AttributeChange>,
        /// What differs in its parts.
        parts: Vec<Change>,
    },
}

/// An attribute that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AttributeChange {
    /// Which.
    pub attribute: String,
    /// The value in this catalog; none when it is absent or at its default.
    pub from: Option<String>,
    /// The value in the other.
    pub to: Option<String>,
}

/// The kinds of objects that a difference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word of SQL for it")]
pub enum ObjectKind {
    Schema,
    Extension,
    Enum,
    Domain,
    Type,
    Attribute,
    Sequence,
    Function,
    Procedure,
    Aggregate,
    Table,
    View,
    MaterializedView,
    Column,
    PrimaryKey,
    Unique,
    Check,
    ForeignKey,
    Exclusion,
    Index,
    Trigger,
    Rule,
    Policy,
}

/// What a comparison passes over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DifferenceOptions {
    /// The order of columns: a column that was dropped and added again stands at the end.
    pub ignore_column_order: bool,
    /// The names of constraints and of the indexes behind them, which the server made up for most.
    pub ignore_constraint_names: bool,
}

impl Difference {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Catalog {
    /// What must happen to this catalog to make it the other; empty if and only if they are equal.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Difference {
        self.difference_with(other, DifferenceOptions::default())
    }

    /// The same, passing over what is ignored.
    #[must_use]
    pub fn difference_with(&self, other: &Self, options: DifferenceOptions) -> Difference {
        Difference { changes: compare::catalogs(self, other, options) }
    }
}
