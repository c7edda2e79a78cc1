//! Revisions as the JSON test data declares them.

use std::borrow::Cow;

use migrate_core::revision::Revision;
use serde::Deserialize;

/// One revision of a case or of a recorded history, in the words of an Alembic script.
#[derive(Debug, Clone, Deserialize)]
pub struct DeclaredRevision {
    /// Its id.
    pub revision: String,
    #[serde(default)]
    down_revision: Names,
    #[serde(default)]
    depends_on: Names,
    #[serde(default)]
    branch_labels: Names,
    #[serde(default)]
    message: Option<String>,
}

/// Python's usual triple: nothing, one string, or several.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
enum Names {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Names {
    fn list(&self) -> Vec<Cow<'static, str>> {
        match self {
            Self::None => Vec::new(),
            Self::One(name) => vec![name.clone().into()],
            Self::Several(names) => names.iter().cloned().map(Into::into).collect(),
        }
    }
}

impl DeclaredRevision {
    /// The same as plain data of the framework.
    pub fn to_revision(&self) -> Revision {
        Revision {
            id: self.revision.clone().into(),
            down_revisions: self.down_revision.list(),
            depends_on: self.depends_on.list(),
            branch_labels: self.branch_labels.list(),
            message: self.message.clone().unwrap_or_default().into(),
        }
    }
}
