//! The text of a new migration file.

use std::borrow::Cow;
use std::fmt::Write as _;

use migrate_core::revision::Revision;

use super::slug::{slug, struct_name};

/// What rustfmt allows between an attribute's parentheses on one line, unless a `rustfmt.toml` says otherwise.
const ATTRIBUTE_WIDTH: usize = 70;

/// What a new migration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `up` and `down`, both empty.
    Plain,
    /// A typed backfill of a table that is not named yet.
    Backfill,
}

/// The names in a backfill's file that stand for those of its author.
pub const PLACEHOLDERS: [&str; 3] = ["todo_table", "todo_old", "todo_new"];

/// The text of the file that declares `revision`, its message not yet cut to one line.
///
/// Formatted as rustfmt's defaults have it. It compiles as it is.
#[must_use]
pub fn file_text(revision: &Revision, kind: Kind) -> String {
    match kind {
        Kind::Plain => plain(revision),
        Kind::Backfill => backfill(revision),
    }
}

fn backfill(revision: &Revision) -> String {
    let name = struct_name(&slug(&revision.message), &revision.id);
    let (docs, message) = documentation(&revision.message);
    let attribute = attribute(revision, message.as_deref(), &[]);
    format!(
        "use migrate_core::prelude::*;

// The table as this revision finds it, with the columns it needs: fill in their names, here and below. Never the
// application's own `schema.rs`: that one moves on, and this file has to compile and to mean the same for ever.
diesel::table! {{
    todo_table (id) {{
        id -> BigInt,
        todo_old -> Text,
        todo_new -> Nullable<Text>,
    }}
}}

{docs}{attribute}
pub struct {name};

impl Backfill for {name} {{
    type Connection = crate::Connection;
    type Key = i64;
    type Row = (i64, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<Self::Row>> {{
        let rows = todo_table::table
            .select((todo_table::id, todo_table::todo_old))
            .filter(span.contains(todo_table::id))
            .filter(todo_table::todo_new.is_null());
        span.for_update(rows.order(todo_table::id).limit(span.limit()))
            .load(conn)
    }}

    fn key(&self, row: &Self::Row) -> i64 {{
        row.0
    }}

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()> {{
        bulk_update(todo_table::table, todo_table::id, todo_table::todo_new)
            .rows(rows.into_iter().map(|(id, old)| (id, Some(old))))
            .execute(conn)
    }}

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {{
        todo_table::table
            .filter(todo_table::todo_new.is_null())
            .count()
            .get_result(conn)
    }}

    // `rows` passes over what is filled, so it bears to visit all rows again.
    fn rescans(&self) -> bool {{
        true
    }}

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {{
        Ok(())
    }}
}}
"
    )
}

fn plain(revision: &Revision) -> String {
    let name = struct_name(&slug(&revision.message), &revision.id);
    let (docs, message) = documentation(&revision.message);
    let attribute = attribute(revision, message.as_deref(), &[]);
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
pub(crate) fn documentation(message: &str) -> (String, Option<String>) {
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

/// Whether a comment may hold a character.
pub(crate) fn is_plain(character: char) -> bool {
    let directional =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !character.is_control() && !directional && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The `#[migration(…)]` of a revision, with `further` arguments as they are written.
pub(crate) fn attribute(revision: &Revision, message: Option<&str>, further: &[String]) -> String {
    let list = |names: &[Cow<str>]| {
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
    arguments.extend_from_slice(further);
    let line = arguments.join(", ");
    if line.chars().count() <= ATTRIBUTE_WIDTH {
        format!("#[migration({line})]")
    } else {
        format!("#[migration(\n    {}\n)]", arguments.join(",\n    "))
    }
}
