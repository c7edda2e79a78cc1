use std::fmt;

use super::level::Level;
use super::rule::Rule;
use crate::operation::{Name, TableLock};

/// What a rule found in a step.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters here: [`Level::Allow`] if the migration excused itself.
    pub level: Level,
    /// Why the migration excuses itself.
    pub excuse: Option<&'static str>,
    /// Which operation; none if it is about the step as a whole.
    pub place: Option<Place>,
    /// What happens, in one sentence.
    pub danger: String,
    /// The lock that others wait for, and on which table.
    pub lock: Option<(Name, TableLock)>,
    /// The same without the danger, where there is a way.
    pub alternative: Option<Alternative>,
}

/// An operation of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its position in the step, from 0.
    pub index: usize,
    /// What it does: `add column email to users`.
    pub operation: String,
}

/// Code that does the same safely: the statements of one or more bodies.
///
/// `Display` prints it with a comment above each part that needs one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alternative {
    /// The revisions that it takes, in order.
    pub revisions: Vec<Draft>,
}

/// The body of a revision, or a word about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What is to be said about it.
    pub note: Option<String>,
    /// Whether it runs in a transaction.
    pub transaction: bool,
    /// The statements of its `up`; empty for a step that only its author can write.
    pub code: String,
}

impl Alternative {
    /// Other statements in the same place.
    pub(super) fn code(code: impl Into<String>) -> Self {
        Self::default().then(None::<String>, true, code.into())
    }

    /// Other statements, in a revision with `transaction = false`.
    pub(super) fn outside_transaction(code: impl Into<String>) -> Self {
        Self::default().then(None::<String>, false, code.into())
    }

    /// Only a word.
    pub(super) fn note(note: impl Into<String>) -> Self {
        Self::default().then(Some(note), true, String::new())
    }

    /// Statements with a word about them.
    pub(super) fn first(note: impl Into<String>, code: impl Into<String>) -> Self {
        Self::default().then(Some(note), true, code.into())
    }

    /// And then others in a revision of their own.
    pub(super) fn and(self, note: impl Into<String>, code: impl Into<String>) -> Self {
        self.then(Some(note), true, code.into())
    }

    /// And then others in a revision with `transaction = false`.
    pub(super) fn and_outside(self, note: impl Into<String>, code: impl Into<String>) -> Self {
        self.then(Some(note), false, code.into())
    }

    /// And then something that only its author can write.
    pub(super) fn and_note(self, note: impl Into<String>) -> Self {
        self.then(Some(note), true, String::new())
    }

    fn then(mut self, note: Option<impl Into<String>>, transaction: bool, code: String) -> Self {
        self.revisions.push(Draft { note: note.map(Into::into), transaction, code });
        self
    }
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, draft) in self.revisions.iter().enumerate() {
            let outside = (!draft.transaction).then_some("in a revision with `transaction = false`");
            let words: Vec<_> = draft.note.as_deref().into_iter().chain(outside).collect();
            let comment = (!words.is_empty()).then(|| format!("// {}", words.join(", ")));
            let lines = comment.iter().map(String::as_str).chain(draft.code.lines());
            for (number, line) in lines.enumerate() {
                let separator = if at == 0 && number == 0 { "" } else { "\n" };
                write!(f, "{separator}{line}")?;
            }
        }
        Ok(())
    }
}

/// What a rule itself says; the level is not its business.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) at: Option<usize>,
    pub(super) danger: String,
    pub(super) lock: Option<(Name, TableLock)>,
    pub(super) alternative: Option<Alternative>,
}

impl Hit {
    pub(super) fn at(index: usize, danger: impl Into<String>) -> Self {
        Self { at: Some(index), danger: danger.into(), lock: None, alternative: None }
    }

    /// About the step as a whole.
    pub(super) fn step(danger: impl Into<String>) -> Self {
        Self { at: None, danger: danger.into(), lock: None, alternative: None }
    }

    pub(super) fn lock(self, table: &Name, lock: TableLock) -> Self {
        Self { lock: Some((table.clone(), lock)), ..self }
    }

    pub(super) fn instead(self, alternative: Alternative) -> Self {
        Self { alternative: Some(alternative), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alternative_reads_as_one_body_with_comments() {
        assert_eq!(Alternative::code("cx.a()?;").to_string(), "cx.a()?;");
        assert_eq!(
            Alternative::first("first", "cx.a()?;\ncx.b()?;")
                .and_note("then fill it")
                .and_outside("last", "cx.c()?;")
                .to_string(),
            "// first\ncx.a()?;\ncx.b()?;\n// then fill it\n// last, in a revision with `transaction = false`\ncx.c()?;"
        );
    }
}
