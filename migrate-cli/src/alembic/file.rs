//! The text of a Rust revision.

use std::fmt::Write as _;

use migrate_core::plan::Direction;

use super::offline::{Section, Sections};
use super::python::Function;
use super::script::Script;
use super::translate::{Body, Irreversible, Naming, NotPlain, Surroundings, comment, text, translate};
use crate::scaffold::slug::{slug, struct_name};
use crate::scaffold::template::{attribute, documentation};

/// Where a body comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The script does nothing, as a merge.
    Nothing,
    /// Every statement has its operation.
    Operations,
    /// Alembic's offline mode.
    Sql,
    /// There is none: the direction is irreversible.
    Irreversible,
    /// Nowhere yet, with why.
    Unwritten(String),
}

/// A revision as it will be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) rust: String,
    pub(super) up: Source,
    pub(super) down: Source,
    /// How many constraints have no name.
    pub(super) unnamed: usize,
}

/// One direction: where it comes from, and its text.
struct Half {
    source: Source,
    body: String,
    /// The Python that it stands for, if that is to be kept.
    python: Option<String>,
    outside: bool,
    unnamed: usize,
}

/// The text of a script's revision.
pub(super) fn file_text(script: &Script, sections: &Sections, naming: &Naming) -> Text {
    let up = half(script, sections, naming, Direction::Upgrade);
    let down = half(script, sections, naming, Direction::Downgrade);
    let mut further = Vec::new();
    if up.outside || down.outside {
        further.push("transaction = false".to_owned());
    }
    let is_reversible = down.source != Source::Irreversible;
    if !is_reversible {
        further.push(format!("irreversible = {:?}", down.body));
    }
    let revision = &script.revision;
    let (mut docs, message) = documentation(&revision.message);
    if !script.notes.is_empty() && message.is_none() {
        docs.push_str(if docs.is_empty() { "" } else { "///\n" });
        for line in &script.notes {
            let _ = writeln!(docs, "{}", format!("/// {}", comment(line)).trim_end());
        }
    }
    // Without a message the first line of the notes would be taken for it.
    let message = message.or_else(|| (revision.message.is_empty() && !docs.is_empty()).then(String::new));
    let bodies = up.function("up") + "\n" + &down.function("down");
    let name = free_name(struct_name(&slug(&revision.message), &revision.id), &bodies);
    let (implemented, functions) =
        if is_reversible { ("Migration", bodies) } else { ("IrreversibleMigration", up.function("up")) };
    let rust = format!(
        "use migrate_core::prelude::*;\n\n{docs}{}\npub struct {name};\n\nimpl {implemented} for {name} {{\n    \
         type Connection = crate::Connection;\n\n{functions}}}\n",
        attribute(revision, message.as_deref(), &further),
    );
    Text { rust, unnamed: up.unnamed + down.unnamed, up: up.source, down: down.source }
}

/// A name that hides nothing that the bodies use.
fn free_name(name: String, bodies: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let is_used = bodies.split(|character| !is_word(character)).any(|word| word == name);
    if is_used { name + "Revision" } else { name }
}

fn half(script: &Script, sections: &Sections, naming: &Naming, direction: Direction) -> Half {
    let (function, name) = match direction {
        Direction::Upgrade => (script.upgrade.as_ref(), "upgrade"),
        Direction::Downgrade => (script.downgrade.as_ref(), "downgrade"),
    };
    let Some(function) = function else {
        // Alembic cannot run it either.
        let body = format!("the Alembic script has no {name}()");
        return match direction {
            Direction::Downgrade => Half::plain(Source::Irreversible, body),
            Direction::Upgrade => Half::unwritten(script, name, &body, None),
        };
    };
    let around = Surroundings { module: &script.scope, helpers: &script.helpers, naming };
    match translate(function, around) {
        Ok(Ok(Body { rust, is_empty, outside, unnamed })) => {
            let source = if is_empty { Source::Nothing } else { Source::Operations };
            Half { outside, unnamed, ..Half::plain(source, rust) }
        }
        Ok(Err(Irreversible(reason))) if direction == Direction::Downgrade => {
            Half::plain(Source::Irreversible, reason)
        }
        Ok(Err(Irreversible(_))) => Half::unwritten(script, name, "it only raises an error", Some(function)),
        Err((line, NotPlain(what))) => {
            let why = format!("line {line} has {what}");
            match sections.get(&script.revision.id, direction) {
                Some(section) if !section.statements.is_empty() => {
                    Half::of_section(script, name, &why, section, function)
                }
                // An empty one is what a script leaves that asks the database what to do.
                _ => Half::unwritten(script, name, &why, Some(function)),
            }
        }
    }
}

impl Half {
    fn plain(source: Source, body: String) -> Self {
        Self { source, body, python: None, outside: false, unnamed: 0 }
    }

    fn of_section(script: &Script, name: &str, why: &str, section: &Section, function: &Function) -> Self {
        let mut body = String::new();
        for (at, statement) in section.statements.iter().enumerate() {
            let end = if at + 1 == section.statements.len() { "" } else { "?;" };
            let _ = writeln!(body, "cx.execute({}){end}", text(statement));
        }
        let head =
            format!("What Alembic's offline mode prints for {name}() of {}: {why}.", script.file_name());
        Self {
            python: Some(format!("{head}\n\n{}", function.text)),
            outside: section.outside,
            ..Self::plain(Source::Sql, body)
        }
    }

    fn unwritten(script: &Script, name: &str, why: &str, function: Option<&Function>) -> Self {
        let what = format!("{name}() of {}: {why}", script.file_name());
        let head = format!("To be written: {name}() of {},\n{why}.", script.file_name());
        let python = function.map(|function| format!("{head}\n\n{}", function.text));
        let body = format!("Err(unwritten({}))\n", text(&what));
        Self { python, ..Self::plain(Source::Unwritten(why.to_owned()), body) }
    }

    /// The whole function, as a method.
    fn function(&self, name: &str) -> String {
        let mut rust = String::new();
        for line in self.python.iter().flat_map(|python| python.lines()) {
            let _ = writeln!(rust, "{}", format!("    // {}", comment(line)).trim_end());
        }
        let is_used = matches!(self.source, Source::Operations | Source::Sql);
        let context = if is_used { "cx" } else { "_cx" };
        let _ = writeln!(
            rust,
            "    fn {name}(&self, {context}: &mut Context<'_, Self::Connection>) -> Result<()> {{"
        );
        rust.push_str(&indented(&self.body));
        rust.push_str("    }\n");
        rust
    }
}

/// A body's lines, further in; those that go on within a raw string stay as they are.
fn indented(body: &str) -> String {
    let mut indented = String::new();
    let mut closing: Option<String> = None;
    for line in body.lines() {
        if closing.is_none() && !line.is_empty() {
            indented.push_str("        ");
        }
        indented.push_str(line);
        indented.push('\n');
        closing = open_string(line, closing);
    }
    indented
}

/// How a raw string is closed that is still open at the end of a line.
fn open_string(line: &str, open: Option<String>) -> Option<String> {
    let mut rest = line;
    let mut open = open;
    loop {
        if let Some(closing) = &open {
            let at = rest.find(closing.as_str());
            let Some(at) = at else { return open };
            rest = &rest[at + closing.len()..];
            open = None;
        } else {
            if rest.trim_start().starts_with("//") {
                return None;
            }
            // Whichever literal begins first.
            let quote = rest.find('"')?;
            let before = &rest[..quote];
            let hashes = before.len() - before.trim_end_matches('#').len();
            let is_raw = before[..before.len() - hashes].ends_with('r');
            rest = &rest[quote + 1..];
            if is_raw {
                open = Some(format!("\"{}", "#".repeat(hashes)));
            } else {
                rest = &rest[end_of_literal(rest)..];
            }
        }
    }
}

/// Where a literal with escapes ends that is open.
fn end_of_literal(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !escaped => return at + 1,
            '\\' if !escaped => escaped = true,
            _ => escaped = false,
        }
    }
    text.len()
}
