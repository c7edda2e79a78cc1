//! Makes a doc test of each Rust snippet in the documents.
//!
//! The documents show what a reader types and no scaffolding; it is put around the snippets here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The documents whose snippets stand on their own. Those of the others are parts of programs that are built
/// elsewhere (`tests/linkage`).
const DOCUMENTS: [&str; 3] = ["backfills", "bulk", "operations"];

fn main() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut tests = String::new();
    for name in DOCUMENTS {
        let document = docs.join(name).with_extension("md");
        println!("cargo::rerun-if-changed={}", document.display());
        let text = std::fs::read_to_string(&document).expect("a document");
        for (line, snippet) in snippets(&text) {
            let documentation = format!("```\n{}\n```", scaffold(&snippet));
            let module = name.replace('-', "_");
            let _ = writeln!(tests, "#[doc = {documentation:?}]\nmod {module}_line_{line} {{}}");
        }
    }
    let output = PathBuf::from(std::env::var("OUT_DIR").expect("OUT_DIR")).join("documents.rs");
    std::fs::write(output, tests).expect("documents.rs");
}

/// The blocks that say `rust` and nothing more, each with the line where it begins.
fn snippets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, Vec<&str>)> = None;
    for (number, line) in text.lines().enumerate() {
        match &mut open {
            None if line == "```rust" => open = Some((number + 1, Vec::new())),
            None => {}
            Some(_) if line == "```" => {
                let (start, lines) = open.take().expect("an open block");
                found.push((start, lines.join("\n")));
            }
            Some((_, lines)) => lines.push(line),
        }
    }
    found
}

/// A snippet of statements becomes the body of a function, one of methods a migration's; one that imports
/// something is a file as it stands.
fn scaffold(snippet: &str) -> String {
    const PRELUDE: &str = "use migrate_core::prelude::*;";
    if snippet.starts_with("use ") {
        return format!("{snippet}\nfn main() {{}}");
    }
    if snippet.starts_with("diesel::table!") && snippet.contains("\nfn ") {
        return format!("{PRELUDE}\n{snippet}\nfn main() {{}}");
    }
    if snippet.starts_with("fn up(&self") {
        return format!(
            "{PRELUDE}\nstruct Sample;\nimpl Migration for Sample {{ type Connection = AnyConnection;\n{snippet}\n}}\nfn main() {{}}"
        );
    }
    let (items, statements) = match snippet.split_once("}\n\ncx.") {
        Some((items, statements)) => (format!("{items}}}"), format!("cx.{statements}")),
        None => (String::new(), snippet.to_owned()),
    };
    format!(
        "{PRELUDE}\n{items}\nfn up(cx: &mut Context<'_, AnyConnection>) -> Result<()> {{\n{statements}\n}}\nfn main() {{}}"
    )
}
