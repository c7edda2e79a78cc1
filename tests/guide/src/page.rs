//! The blocks of a page, with what its comments say about them.
//!
//! Also read by `build.rs`, which compiles the Rust among them.

use std::path::{Path, PathBuf};

/// A fenced block of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of its fence, from 1.
    pub line: usize,
    /// What stands behind the fence: `rust`, `sh`, `rust,ignore`.
    pub word: String,
    /// What is in it, without the indentation of its fence; ends with a line end.
    pub text: String,
    /// The comments right before it: `<!-- exits: 3 -->` is `("exits", "3")`.
    pub notes: Vec<(String, String)>,
    /// Nothing but comments stands between the block before and this one.
    pub follows: bool,
}

impl Block {
    /// What a comment before the block says under this name.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.notes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The blocks of a page, in order. Comments that begin with `run:`, `start:` or `picture:` are blocks, too.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if let Some(word) = content.strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
            let text = inside.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
            reader.block(number + 1, word, text);
        } else if let Some(comment) = content.strip_prefix("<!--") {
            let mut comment = comment.to_owned();
            while !comment.contains("-->") {
                let Some((_, line)) = lines.next() else { break };
                comment = format!("{comment}\n{line}");
            }
            reader.comment(number + 1, comment.trim_end().trim_end_matches("-->"));
        } else if !content.is_empty() {
            reader.prose();
        }
    }
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    notes: Vec<(String, String)>,
    prose: bool,
}

impl Reader {
    fn block(&mut self, line: usize, word: &str, text: String) {
        let follows = !self.prose && !self.blocks.is_empty();
        let notes = std::mem::take(&mut self.notes);
        self.blocks.push(Block { line, word: word.trim().to_owned(), text, notes, follows });
        self.prose = false;
    }

    fn comment(&mut self, line: usize, comment: &str) {
        let Some((name, value)) = comment.split_once(':') else { return };
        match name.trim() {
            kind @ ("run" | "start" | "picture") => self.block(line, kind, format!("{}\n", value.trim())),
            name => self.notes.push((name.to_owned(), value.trim().to_owned())),
        }
    }

    fn prose(&mut self) {
        self.prose = true;
        self.notes.clear();
    }
}

/// README.md and every page under `docs`, by its path from the workspace, in order.
pub fn pages(workspace: &Path) -> Vec<String> {
    let mut found = vec!["README.md".to_owned()];
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(workspace.join(&folder)).expect("docs").flatten() {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found
}
