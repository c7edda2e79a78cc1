use serde::{Deserialize, Serialize};

use super::{IndexKey, ObjectName};

/// A constraint of a table: what all kinds have in common, and the rule itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint<R> {
    /// Its name; on SQLite most have none.
    pub name: Option<String>,
    /// What it demands.
    pub rule: R,
    /// The server's text of it, without the name, as it stands in `ALTER TABLE … ADD CONSTRAINT name …`.
    pub definition: String,
    /// Whether all rows are known to keep it; false for `NOT VALID`.
    pub validated: bool,
    /// Whether the server looks at it; false for `NOT ENFORCED`.
    pub enforced: bool,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether it comes from a parent table alone.
    pub inherited: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferrable {
    /// With each statement, always.
    #[default]
    No,
    /// With each statement, unless a transaction asks otherwise.
    InitiallyImmediate,
    /// At the end of the transaction, unless it asks otherwise.
    InitiallyDeferred,
}

/// The rule of a primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    /// The key.
    pub columns: Vec<String>,
    /// Columns that its index carries along.
    pub include: Vec<String>,
}

/// The rule of a unique constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    /// The key.
    pub columns: Vec<String>,
    /// Columns that its index carries along.
    pub include: Vec<String>,
    /// Whether two NULLs are the same value.
    pub nulls_not_distinct: bool,
}

/// The rule of a check constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What must not be false.
    pub expression: String,
    /// Whether child tables are free of it.
    pub no_inherit: bool,
}

/// The rule of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub table: ObjectName,
    /// The columns there, in the same order; empty on SQLite where the key names none.
    pub referenced: Vec<String>,
    /// What becomes of the row when the other is deleted.
    pub on_delete: Action,
    /// The columns that `SET NULL` and `SET DEFAULT` set on delete; empty for all.
    pub on_delete_columns: Vec<String>,
    /// What becomes of the row when the other's key changes.
    pub on_update: Action,
    /// What a NULL in the key means.
    #[serde(rename = "match")]
    pub match_: Match,
}

/// What a foreign key does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Fails at the time of the check.
    #[default]
    NoAction,
    /// Fails at once.
    Restrict,
    /// Follows.
    Cascade,
    /// Sets the key to NULL.
    SetNull,
    /// Sets the key to its default.
    SetDefault,
}

/// What a NULL in a foreign key means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// A key with a NULL refers to nothing.
    #[default]
    Simple,
    /// A key is all NULL or none.
    Full,
    /// Only the parts that are not NULL must match.
    Partial,
}

/// The rule of an exclusion constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// What is compared.
    pub keys: Vec<IndexKey>,
    /// The operator for each key.
    pub operators: Vec<String>,
    /// The access method of its index.
    pub method: String,
    /// The rows that count.
    pub predicate: Option<String>,
}

impl<R> Constraint<R> {
    /// A constraint that is checked at once and holds.
    pub fn new(name: Option<String>, rule: R, definition: impl Into<String>) -> Self {
        Self {
            name,
            rule,
            definition: definition.into(),
            validated: true,
            enforced: true,
            deferrable: Deferrable::No,
            inherited: false,
            comment: None,
        }
    }
}
