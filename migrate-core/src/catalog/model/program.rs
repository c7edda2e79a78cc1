//! What runs inside the server.

use serde::{Deserialize, Serialize};

/// A function, a procedure or an aggregate; its name and arguments are the key under which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Which of them.
    pub kind: FunctionKind,
    /// The type that it returns; none for a procedure.
    pub returns: Option<String>,
    /// The language of its body.
    pub language: String,
    /// The server's text: a `CREATE OR REPLACE` statement that makes it.
    pub definition: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// The kind of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionKind {
    /// A function.
    Function,
    /// A procedure.
    Procedure,
    /// An aggregate.
    Aggregate,
    /// A window function.
    Window,
}

/// A trigger; its name is the key under which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The server's text: a statement that makes it.
    pub definition: String,
    /// When it fires.
    pub state: TriggerState,
    /// Whether it comes from the partitioned table above.
    pub inherited: bool,
    /// Its comment.
    pub comment: Option<String>,
}

/// When a trigger or a rule fires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TriggerState {
    /// In sessions that are not replicas: the default.
    #[default]
    Enabled,
    /// Never.
    Disabled,
    /// In replicas alone.
    Replica,
    /// In every session.
    Always,
}

/// A rewrite rule; its name is the key under which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The server's text: a statement that makes it.
    pub definition: String,
    /// When it applies.
    pub state: TriggerState,
    /// Its comment.
    pub comment: Option<String>,
}

/// A row-level security policy; its name is the key under which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// What it applies to.
    pub command: PolicyCommand,
    /// Whether one such policy is enough to pass; a restrictive one must pass besides.
    pub permissive: bool,
    /// The roles it is for, sorted; `public` for all.
    pub roles: Vec<String>,
    /// Which rows are seen.
    pub using: Option<String>,
    /// Which rows may be written.
    pub check: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// What a policy applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyCommand {
    /// Everything.
    All,
    /// `SELECT`.
    Select,
    /// `INSERT`.
    Insert,
    /// `UPDATE`.
    Update,
    /// `DELETE`.
    Delete,
}
