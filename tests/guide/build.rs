//! Makes a doc test of each Rust block in the documents, and a list of the pages that have shell in them.
//!
//! The documents show what a reader types and no scaffolding; it is put around the blocks here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[path = "src/page.rs"]
#[expect(unreachable_pub, reason = "it is a module of the library, too")]
mod page;

use page::{Block, blocks, pages};

/// Its code is compiled, and tried on the rules, where it is written from: `migrate_core::safety`.
const GENERATED: &str = "docs/safety.md";

const PRELUDE: &str = "use migrate_core::prelude::*;";

/// What is there in place of a reader's own crates. A test would be left out, so it is a function here.
const STAND_INS: [(&str, &str); 5] = [
    ("crate::Connection", "migrate_core::AnyConnection"),
    ("crate::MANIFEST", "migrations_crate::MANIFEST"),
    ("migrations::MANIFEST", "migrations_crate::MANIFEST"),
    ("\"src/versions\"", "\"versions\""),
    ("#[test]", ""),
];

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    println!("cargo::rerun-if-changed={}", workspace.join("README.md").display());
    println!("cargo::rerun-if-changed={}", workspace.join("docs").display());
    let mut tests = String::new();
    let mut walks = String::new();
    for page in pages(&workspace) {
        let text = std::fs::read_to_string(workspace.join(&page)).expect("a page");
        let name = page.replace(|letter: char| !letter.is_alphanumeric(), "_");
        if blocks(&text).iter().any(|block| matches!(block.word.as_str(), "sh" | "run")) {
            let name = name.trim_start_matches("docs_").trim_end_matches("_md").to_lowercase();
            let _ = writeln!(walks, "    {name}: {page:?};");
        }
        if page == GENERATED {
            continue;
        }
        // What is taken from a file is compiled there.
        for block in blocks(&text).iter().filter(|block| block.word == "rust" && block.note("from").is_none())
        {
            let documentation = format!("```no_run\n{}\n```", program(block));
            let _ = writeln!(
                tests,
                "#[doc = {documentation:?}]\n#[expect(non_snake_case)]\nmod {name}_line_{} {{}}",
                block.line
            );
        }
    }
    let output = PathBuf::from(std::env::var("OUT_DIR").expect("OUT_DIR"));
    std::fs::write(output.join("documents.rs"), tests).expect("documents.rs");
    std::fs::write(output.join("pages.rs"), format!("pages! {{\n{walks}}}\n")).expect("pages.rs");
}

/// The program that a block is part of.
///
/// `<!-- with: … -->` before it is code above it, or, where that has a `…` of its own, code around it.
fn program(block: &Block) -> String {
    let with = block.note("with").unwrap_or_default();
    let text = match with.split_once('…') {
        Some((before, after)) => format!("{before}\n{}\n{after}", block.text),
        None => format!("{with}\n{}", scaffold(&block.text, with)),
    };
    let text = STAND_INS.iter().fold(text, |text, (name, stand_in)| replaced(&text, name, stand_in));
    let prelude = if text.contains(PRELUDE) || text.contains("use diesel::prelude") { "" } else { PRELUDE };
    let main = if text.contains("fn main()") { "" } else { "fn main() {}" };
    format!("{prelude}\n{text}\n{main}")
}

/// A block of statements becomes the body of a function, one of methods a migration's; items stand as they are.
fn scaffold(text: &str, with: &str) -> String {
    let first = text.trim_start();
    if let Some((items, _)) = text
        .split_once("fn up(&self")
        .filter(|(items, _)| items.starts_with("diesel::table!") && !items.contains("impl"))
    {
        return format!("{items}{}", scaffold(&text[items.len()..], with));
    }
    if first.starts_with("fn up(&self") || first.starts_with("fn down(&self") {
        let methods = if first.starts_with("fn up") { "" } else { UP };
        return format!(
            "struct Sample;\nimpl Migration for Sample {{ type Connection = AnyConnection;\n{methods}\n{text}\n}}"
        );
    }
    let (items, statements) = match text.split_once("}\n\ncx.") {
        Some((items, statements)) => (format!("{items}}}"), format!("cx.{statements}")),
        None if is_items(first) || with.contains("impl ") => return text.to_owned(),
        None => (String::new(), text.to_owned()),
    };
    format!("{items}\nfn up(cx: &mut Context<'_, AnyConnection>) -> Result<()> {{\n{statements}\n}}")
}

const UP: &str = "fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> { Ok(()) }";

fn is_items(text: &str) -> bool {
    let starts = [
        "use ",
        "pub ",
        "fn ",
        "struct ",
        "impl ",
        "mod ",
        "#[",
        "//",
        "diesel::",
        "migrate_core::migrations!",
    ];
    starts.iter().any(|start| text.starts_with(start))
}

/// Replaces a path where it is not the end of a longer one.
fn replaced(text: &str, name: &str, stand_in: &str) -> String {
    let mut written = String::new();
    for (index, part) in text.split(name).enumerate() {
        if index > 0 {
            let longer =
                written.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':');
            written.push_str(if longer { name } else { stand_in });
        }
        written.push_str(part);
    }
    written
}
