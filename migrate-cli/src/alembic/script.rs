//! One script: what revision it is, and its two functions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use migrate_core::revision::Revision;

use super::date;
use super::error::ConvertError;
use super::python::{Expr, Function, Known, Scope, Statement, StatementKind, SyntaxError, read};

/// A script as it is read.
#[derive(Debug, Clone)]
pub(super) struct Script {
    pub(super) path: PathBuf,
    pub(super) revision: Revision,
    /// What the docstring says after the message.
    pub(super) notes: Vec<String>,
    pub(super) created: Option<SystemTime>,
    pub(super) upgrade: Option<Function>,
    pub(super) downgrade: Option<Function>,
    /// Its other functions.
    pub(super) helpers: BTreeMap<String, Function>,
    /// Its imports and constants.
    pub(super) scope: Scope,
}

impl Script {
    /// The file's name.
    pub(super) fn file_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Reads a script's text; `known` says what names of other packages stand for.
pub(super) fn script(path: &Path, text: &str, known: &Known) -> Result<Script, ConvertError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let module =
        read(text).map_err(|SyntaxError { line }| ConvertError::Syntax { path: path.to_owned(), line })?;
    let scope = Scope::of_module(&module, known);
    let header = Header { path, module: &module, scope: &scope };
    let docstring = Docstring::of(&module);
    let names = |variable| -> Result<Vec<Cow<'static, str>>, ConvertError> {
        Ok(header.names(variable)?.into_iter().map(Into::into).collect())
    };
    let revision = Revision {
        id: header.id()?.into(),
        down_revisions: names("down_revision")?,
        depends_on: names("depends_on")?,
        branch_labels: names("branch_labels")?,
        message: docstring.message.into(),
    };
    let mut helpers: BTreeMap<_, _> = module
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Function(function) => Some((function.name.clone(), function.clone())),
            _ => None,
        })
        .collect();
    let (upgrade, downgrade) = (helpers.remove("upgrade"), helpers.remove("downgrade"));
    Ok(Script {
        path: path.to_owned(),
        revision,
        notes: docstring.notes,
        created: docstring.created,
        upgrade,
        downgrade,
        helpers,
        scope,
    })
}

/// The variables that make the node.
struct Header<'s> {
    path: &'s Path,
    module: &'s [Statement],
    scope: &'s Scope,
}

impl Header<'_> {
    /// The value of a variable of the module; `None` where it is not set.
    fn value(&self, variable: &str) -> Option<Expr> {
        let is_set = self.module.iter().any(|statement| match &statement.kind {
            StatementKind::Assignment { name, .. } => name == variable,
            _ => false,
        });
        is_set.then(|| self.scope.resolve(&Expr::Name(variable.to_owned())))
    }

    fn error(&self, reason: String) -> ConvertError {
        ConvertError::Header { path: self.path.to_owned(), reason }
    }

    fn id(&self) -> Result<String, ConvertError> {
        match self.value("revision") {
            Some(Expr::Str(id)) => {
                // It becomes part of a file's name.
                if id.contains(['/', '\\', '\0']) || id.starts_with('.') {
                    return Err(self.error(format!("the revision id {id:?} does not fit into a file name")));
                }
                Ok(id)
            }
            Some(other) => Err(self.error(format!("`revision` is {other}, not a string"))),
            None => Err(self.error("it sets no `revision`".to_owned())),
        }
    }

    /// The names of a variable that is a string, several, or None.
    fn names(&self, variable: &str) -> Result<Vec<String>, ConvertError> {
        match self.value(variable) {
            None | Some(Expr::None) => Ok(Vec::new()),
            Some(value) => value
                .texts()
                .ok_or_else(|| self.error(format!("`{variable}` is {value}, not a string or several"))),
        }
    }
}

/// What the docstring says.
#[derive(Default)]
struct Docstring {
    message: String,
    notes: Vec<String>,
    created: Option<SystemTime>,
}

impl Docstring {
    fn of(module: &[Statement]) -> Self {
        let first = module.iter().find(|statement| !matches!(statement.kind, StatementKind::Comment(_)));
        match first.map(|statement| &statement.kind) {
            Some(StatementKind::Expression(Expr::Str(text))) => Self::read(text),
            _ => Self::default(),
        }
    }

    /// The first paragraph is the message, as it is for Alembic.
    fn read(text: &str) -> Self {
        let mut created = None;
        let mut lines = Vec::new();
        for line in text.trim().lines().map(str::trim) {
            if let Some(date) = line.strip_prefix("Create Date:") {
                created = date::parse(date);
            } else if !line.starts_with("Revision ID:") && !line.starts_with("Revises:") {
                lines.push(line.to_owned());
            }
        }
        let end = lines.iter().position(String::is_empty).unwrap_or(lines.len());
        let message = lines[..end].join(" ");
        let mut notes = lines.split_off(end);
        notes.drain(..notes.iter().position(|line| !line.is_empty()).unwrap_or(notes.len()));
        while notes.last().is_some_and(String::is_empty) {
            notes.pop();
        }
        Self { message, notes, created }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_script(text: &str) -> Result<Script, String> {
        script(Path::new("a.py"), text, &Known::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_header_is_read_in_every_form() {
        let parents = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (down_revision, expected) in [
            ("down_revision = None", parents(&[])),
            ("", parents(&[])),
            ("down_revision = 'a'", parents(&["a"])),
            ("down_revision: Union[str, None] = \"a\"", parents(&["a"])),
            ("down_revision = ('a', 'b',)", parents(&["a", "b"])),
            ("down_revision = 'a', 'b'", parents(&["a", "b"])),
            ("down_revision: str | Sequence[str] | None = ['a', 'b']", parents(&["a", "b"])),
            ("BASE = 'a'\ndown_revision = BASE", parents(&["a"])),
        ] {
            let found = read_script(&format!("revision: str = 'x'\n{down_revision}\n")).unwrap();
            assert_eq!(found.revision.down_revisions, expected, "{down_revision}");
        }
    }

    #[test]
    fn a_header_that_is_computed_is_an_error() {
        for (text, expected) in [
            ("revision = make()", "a.py: `revision` is a call of `make`, not a string"),
            ("x = 1", "a.py: it sets no `revision`"),
            ("revision = 'a/b'", "a.py: the revision id \"a/b\" does not fit into a file name"),
            (
                "revision = 'a'\ndepends_on = f'{x}'",
                "a.py: `depends_on` is an f-string, not a string or several",
            ),
            ("revision = (", "a.py:1 is not Python"),
        ] {
            assert_eq!(read_script(text).unwrap_err(), expected);
        }
    }

    #[test]
    fn the_docstring_is_message_notes_and_date() {
        let found = read_script(
            "\"\"\"Add a table\nin two lines\n\nRevision ID: x\nRevises: a, b\nCreate Date: 2025-10-26\n\nBecause of this.\n\n- and that\n\"\"\"\nrevision = 'x'\n",
        )
        .unwrap();
        assert_eq!(found.revision.message, "Add a table in two lines");
        assert_eq!(found.notes, ["Because of this.", "", "- and that"]);
        assert!(found.created.is_some());
        let found = read_script("# no docstring\nrevision = 'x'\n").unwrap();
        assert_eq!(found.revision.message, "");
    }
}
