//! The recorded cases.

use std::fmt;

use serde::Deserialize;

use crate::declared::DeclaredRevision;

/// One recorded answer. Fields that only describe how a case was made are not read.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Unique in its file.
    pub id: String,
    /// The scripts.
    pub graph: Vec<DeclaredRevision>,
    /// The rows of the version table, in their order.
    pub heads: Vec<String>,
    /// What was asked for.
    pub command: Command,
    /// The target, or for a stamp the targets.
    pub spec: Targets,
    /// Whether the stamp empties the table first.
    #[serde(default)]
    pub purge: bool,
    /// Whether the command wrote a script (`--sql`): then the rows do not count.
    #[serde(default)]
    pub sql: bool,
    /// What Alembic did.
    pub expected: Expected,
    /// The class of the answer: `ok`, `ok_empty`, or a class of errors.
    pub category: String,
    /// Set where Alembic's answer is known to be a defect.
    #[serde(default)]
    pub alembic_defect: Option<String>,
}

/// The commands that cases use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// `upgrade`.
    Upgrade,
    /// `downgrade`.
    Downgrade,
    /// `stamp`.
    Stamp,
}

/// One target or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Targets {
    /// The argument of an upgrade or downgrade.
    One(String),
    /// The arguments of a stamp.
    Several(Vec<String>),
}

impl Targets {
    /// All of them.
    pub fn list(&self) -> Vec<&str> {
        match self {
            Self::One(target) => vec![target],
            Self::Several(targets) => targets.iter().map(String::as_str).collect(),
        }
    }
}

/// What Alembic did.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    /// It failed.
    Error {
        /// The Python class.
        error: String,
        /// The message, empty for a bare assertion.
        message: Option<String>,
        /// Whether its command line would show a message rather than a traceback.
        cli_handled: bool,
        /// What had run before.
        #[serde(default)]
        partial_steps: Vec<(String, String)>,
    },
    /// It succeeded.
    Done {
        /// Direction and revision, in order.
        steps: Vec<(String, String)>,
        /// The rows afterwards, unless it only wrote a script.
        heads_after: Option<Vec<String>>,
    },
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error { error, message, .. } => {
                write!(f, "{error}: {}", message.as_deref().unwrap_or_default())
            }
            Self::Done { steps, heads_after } => {
                let steps: Vec<&str> = steps.iter().map(|(_, revision)| revision.as_str()).collect();
                write!(f, "steps {steps:?}")?;
                heads_after.as_ref().map_or(Ok(()), |heads| write!(f, ", heads {heads:?}"))
            }
        }
    }
}

/// Why a file of cases cannot be read.
#[derive(Debug)]
pub struct CaseError {
    line: usize,
    cause: String,
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.cause)
    }
}

impl std::error::Error for CaseError {}

/// Reads JSON lines; empty lines do not count, and neither kind of case may be missing a field.
///
/// # Errors
///
/// The first line that is not a case, a repeated id, or no case at all.
pub fn read_cases(text: &str) -> Result<Vec<Case>, CaseError> {
    let mut cases: Vec<Case> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let malformed = |cause: String| CaseError { line: index + 1, cause };
        let case: Case = serde_json::from_str(line).map_err(|error| malformed(error.to_string()))?;
        match (case.command, &case.spec, case.sql) {
            (Command::Stamp, Targets::Several(_), false)
            | (Command::Upgrade | Command::Downgrade, Targets::One(_), _) => {}
            _ => return Err(malformed("command and spec do not fit".to_owned())),
        }
        if !seen.insert(case.id.clone()) {
            return Err(malformed(format!("case {} is repeated", case.id)));
        }
        cases.push(case);
    }
    if cases.is_empty() {
        return Err(CaseError { line: 1, cause: "no cases".to_owned() });
    }
    Ok(cases)
}
