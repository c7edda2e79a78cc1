//! Comments.

use super::name::Name;

/// What a comment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommentTarget {
    /// A table.
    Table(Name),
    /// A column.
    Column(Name, String),
    /// A view.
    View(Name),
    /// A materialised view.
    MaterializedView(Name),
    /// An index.
    Index(Name),
    /// A constraint of a table.
    Constraint(Name, String),
    /// A type.
    Type(Name),
    /// A sequence.
    Sequence(Name),
    /// A schema.
    Schema(String),
    /// An extension.
    Extension(String),
    /// A function, with the types of its arguments.
    Function(Name, String),
    /// A trigger of a table.
    Trigger(Name, String),
}

/// A comment to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Comment {
    /// The text; `None` takes the comment away.
    pub text: Option<String>,
    /// What it was, for the inverse; `Some(None)` if there was none.
    pub was: Option<Option<String>>,
}

/// A comment, with what it was: `cx.comment_on_table("users", comment("People").was("Persons"))`.
pub fn comment(text: impl Into<String>) -> Comment {
    Comment { text: Some(text.into()), was: Some(None) }
}

/// No comment any more: `cx.comment_on_table("users", no_comment())`.
pub fn no_comment() -> Comment {
    Comment { text: None, was: None }
}

impl Comment {
    /// What the comment was.
    pub fn was(self, text: impl Into<String>) -> Self {
        Self { was: Some(Some(text.into())), ..self }
    }
}

impl From<&str> for Comment {
    fn from(text: &str) -> Self {
        comment(text)
    }
}

impl From<String> for Comment {
    fn from(text: String) -> Self {
        comment(text)
    }
}
