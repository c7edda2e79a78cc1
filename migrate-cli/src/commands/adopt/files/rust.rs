use migrate_core::adopt::Tool;
use migrate_core::revision::Revision;
use unicode_width::UnicodeWidthStr as _;

use super::{Body, Migration};
use crate::scaffold::slug::{slug, struct_name};
use crate::scaffold::template::{attribute, documentation, is_plain};

/// What rustfmt allows between a call's parentheses on one line, unless a `rustfmt.toml` says otherwise.
const CALL_WIDTH: usize = 60;

/// The text of the file for a migration of another tool.
///
/// Formatted as rustfmt's defaults have it. It compiles as it is.
pub(in super::super) fn file_text(tool: Tool, revision: &Revision, migration: &Migration) -> String {
    let name = struct_name(&slug(&revision.message), &revision.id);
    let (docs, message) = documentation(&revision.message);
    let reversible = migration.is_reversible();
    let mut further = Vec::new();
    if matches!(migration.body, Body::Sql { transaction: false, .. }) {
        further.push("transaction = false".to_owned());
    }
    if !reversible {
        further.push(format!("irreversible = {:?}", format!("{tool} had no way back")));
    }
    let attribute = attribute(revision, message.as_deref(), &further);
    let implemented = if reversible { "Migration" } else { "IrreversibleMigration" };
    let (up, down) = match &migration.body {
        Body::Sql { up, down, .. } => (execute("up", up), down.as_deref().map(|sql| execute("down", sql))),
        Body::Rust { .. } => {
            let body = |direction| unwritten(direction, migration);
            (body("up"), reversible.then(|| body("down")))
        }
    };
    let down = down.map(|down| format!("\n\n{down}")).unwrap_or_default();
    format!(
        "use migrate_core::prelude::*;

{docs}{attribute}
pub struct {name};

impl {implemented} for {name} {{
    type Connection = crate::Connection;

{up}{down}
}}
"
    )
}

/// A direction that runs SQL.
fn execute(direction: &str, sql: &str) -> String {
    let sql = sql.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let sql = sql.trim();
    if sql.is_empty() {
        return function(direction, "_cx", "        Ok(())");
    }
    let body = if sql.contains('\n') {
        format!("        cx.execute(\n            {},\n        )", literal(&format!("\n{sql}\n")))
    } else {
        call("cx.execute", &literal(sql))
    };
    function(direction, "cx", &body)
}

/// A direction that is still to be written.
fn unwritten(direction: &str, migration: &Migration) -> String {
    let what = format!("{:?}", format!("{direction}() of {}", migration.path.display()));
    let inner = format!("unwritten({what})");
    let body = if inner.width() <= CALL_WIDTH {
        format!("        Err({inner})")
    } else {
        format!("        Err(unwritten(\n            {what},\n        ))")
    };
    function(direction, "_cx", &body)
}

/// A call with one argument, on one line where rustfmt has it so.
fn call(name: &str, argument: &str) -> String {
    if argument.width() <= CALL_WIDTH {
        format!("        {name}({argument})")
    } else {
        format!("        {name}(\n            {argument},\n        )")
    }
}

fn function(direction: &str, context: &str, body: &str) -> String {
    format!(
        "    fn {direction}(&self, {context}: &mut Context<'_, Self::Connection>) -> Result<()> {{\n{body}\n    }}"
    )
}

/// A text as Rust: as it stands, between as few signs as will do.
fn literal(text: &str) -> String {
    if !text.chars().all(|character| matches!(character, '\n' | '\t') || is_plain(character)) {
        return format!("{text:?}");
    }
    if !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    let fits = |hashes: &String| !text.contains(&format!("\"{hashes}"));
    let hashes = (0..=text.len()).map(|count| "#".repeat(count)).find(fits).unwrap_or_default();
    format!("r{hashes}\"{text}\"{hashes}")
}
