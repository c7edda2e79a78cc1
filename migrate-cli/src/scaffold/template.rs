//! The text of a new migration file.

use std::fmt::Write as _;

use migrate_core::revision::Revision;

use super::slug::{slug, struct_name};

/// What rustfmt allows between an attribute's parentheses on one line, unless a `rustfmt.toml` says otherwise.
const ATTRIBUTE_WIDTH: usize = 70;

/// The text of the file that declares `revision`, its message not yet cut to one line.
///
/// Formatted as rustfmt's defaults have it.
#[must_use]
pub fn file_text(revision: &Revision) -> String {
    let name = struct_name(&slug(&revision.message), &revision.id);
    let (docs, message) = documentation(&revision.message);
    let attribute = attribute(revision, message.as_deref());
    format!(
        "use migrate_core::prelude::*;

{docs}{attribute}
pub struct {name};

impl Migration for {name} {{
    type Connection = crate::Connection;

    fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {{
        Ok(())
    }}

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {{
        Ok(())
    }}
}}
"
    )
}

/// The doc comment, and the `message` argument when the comment's first line cannot be the message.
///
/// A comment cannot hold control characters, and rustc denies those that change the direction of text there.
fn documentation(message: &str) -> (String, Option<String>) {
    let plain = |text: &str| text.chars().all(|c| c == '\n' || is_plain(c));
    let message = message.trim().replace("\r\n", "\n").replace('\r', "\n");
    if !plain(&message) {
        return (String::new(), Some(message.split('\n').map(str::trim).collect::<Vec<_>>().join(" ")));
    }
    let mut docs = String::new();
    for (number, line) in message.lines().map(str::trim_end).enumerate() {
        // The first paragraph is what rustdoc shows as the summary, so the message stands in one of its own.
        if number == 1 && !line.is_empty() {
            docs.push_str("///\n");
        }
        let _ = writeln!(docs, "{}", format!("/// {line}").trim_end());
    }
    (docs, None)
}

fn is_plain(character: char) -> bool {
    let directional =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !character.is_control() && !directional && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn attribute(revision: &Revision, message: Option<&str>) -> String {
    let list = |names: &[String]| {
        format!("[{}]", names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", "))
    };
    let mut arguments = vec![format!("revision = {:?}", revision.id)];
    match revision.down_revisions.as_slice() {
        [] => {}
        [parent] => arguments.push(format!("down_revision = {parent:?}")),
        parents => arguments.push(format!("down_revision = {}", list(parents))),
    }
    if !revision.depends_on.is_empty() {
        arguments.push(format!("depends_on = {}", list(&revision.depends_on)));
    }
    if !revision.branch_labels.is_empty() {
        arguments.push(format!("branch_labels = {}", list(&revision.branch_labels)));
    }
    if let Some(message) = message {
        arguments.push(format!("message = {message:?}"));
    }
    let line = arguments.join(", ");
    if line.chars().count() <= ATTRIBUTE_WIDTH {
        format!("#[migration({line})]")
    } else {
        format!("#[migration(\n    {}\n)]", arguments.join(",\n    "))
    }
}
