use std::fmt;

use crate::connection::Dialect;
use crate::runner::DeferredRevision;

/// What a run would do, as SQL.
///
/// Displayed as the text of a file for `psql`, `sqlite3` or `mysql`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Script {
    /// The server it is for.
    pub dialect: Dialect,
    /// What it does, one line: `upgrade base:heads`.
    pub title: String,
    /// Who wrote it: the package and version of the program.
    pub written_by: String,
    /// What comes before the steps: the ledger's tables, the one transaction of all steps.
    pub opening: Vec<Item>,
    /// The steps, in order.
    pub steps: Vec<ScriptStep>,
    /// What comes after the steps.
    pub closing: Vec<Item>,
    /// The current heads afterwards, by id.
    pub heads_after: Vec<String>,
    /// What is left for later, parents first.
    pub deferred: Vec<DeferredRevision>,
}

/// One revision's part of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScriptStep {
    /// The revision.
    pub revision: String,
    /// What it does, one line: `upgrade <base> -> 4f1c, Create users`.
    pub description: String,
    /// Whether its statements and its row in the ledger commit together.
    pub transaction: bool,
    /// What runs, with its transaction.
    pub items: Vec<Item>,
    /// The steps in Rust that the script leaves out: see [`Context::data`](crate::Context::data).
    pub rust: Vec<String>,
    /// Why the script stops here until the revision was applied, or undone, by other means.
    pub gap: Option<Gap>,
}

/// A line of a script, or some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// Words, of one line or several; any text. Without words it is an empty line.
    Comment(String),
    /// Statements: one, or as many as an author put into one text. With or without a semicolon at the end.
    Statement(String),
}

/// Why a step has no SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// It is a backfill: rows are read, changed in Rust and written back, batch after batch.
    Backfill,
    /// The body works on the connection: what it does is not known without one.
    Connection,
    /// What the operation takes depends on a schema that the script does not know.
    Schema {
        /// What was tried and what came of it.
        reason: String,
    },
}

impl Script {
    /// The statements, in order: what the text has without its comments and the program's own commands.
    pub fn statements(&self) -> impl Iterator<Item = &str> {
        let steps = self.steps.iter().map(|step| &step.items);
        let all = std::iter::once(&self.opening).chain(steps).chain(std::iter::once(&self.closing));
        all.flat_map(|items| Item::statements(items))
    }

    /// Whether running the script does all that a run would do.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.steps.iter().all(|step| step.rust.is_empty() && step.gap.is_none())
    }
}

impl Item {
    /// The statements among items, in order.
    pub fn statements(items: &[Self]) -> impl Iterator<Item = &str> {
        items.iter().filter_map(|item| match item {
            Self::Statement(statement) => Some(statement.as_str()),
            Self::Comment(_) => None,
        })
    }
}

/// Says what the step is, as a part of a sentence.
impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backfill => f.write_str("is a backfill: Rust changes rows in batches"),
            Self::Connection => f.write_str("is Rust that works on the connection"),
            Self::Schema { reason } => write!(f, "depends on the schema as it is: {reason}"),
        }
    }
}
