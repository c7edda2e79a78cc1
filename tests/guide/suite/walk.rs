//! A page from top to bottom.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::project::{Project, Server, Told, workspace};
use crate::transcript::Ids;
use migrate_guide::page::{Block, blocks};

/// Runs a page in a fresh project; fails at the first command or output that is not as the page says.
///
/// `UPDATE_EXPECT=1` writes the outputs into the page instead, those of SQLite unless the block is another server's.
pub(crate) fn walk(page: &str, server: Server) {
    let path = workspace().join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    let mut walk = Walk {
        page,
        server,
        project: Project::new(server),
        ids: Ids::default(),
        update: std::env::var_os("UPDATE_EXPECT").is_some(),
        last: None,
        replacements: Vec::new(),
    };
    for block in blocks(&text) {
        if block.note("on").is_none_or(|on| on == server.name()) {
            walk.block(&block);
        }
    }
    if !walk.replacements.is_empty() {
        std::fs::write(path, replaced(&text, &walk.replacements)).expect("the page");
    }
}

struct Walk<'p> {
    page: &'p str,
    server: Server,
    project: Project,
    ids: Ids,
    update: bool,
    /// What the command above has printed.
    last: Option<Told>,
    /// Blocks by the line of their fence, with what is to be in them.
    replacements: Vec<(usize, String)>,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block) {
        match block.word.as_str() {
            "sh" | "run" => {
                let told = self.project.run(&self.ids.real(&block.text));
                let expected = block.note("exits").map_or(0, |code| code.parse().expect("a number"));
                assert!(
                    told.code == Some(expected),
                    "{}: exit code {:?}, not {expected}\n{}\n{}",
                    self.place(block),
                    told.code,
                    block.text,
                    told.text
                );
                self.last = Some(told);
            }
            "picture" => self.picture(block, block.text.trim()),
            "start" => self.start_after(block.text.trim()),
            "text" if block.follows => self.compare(block),
            _ => {}
        }
        if let Some(file) = block.note("file") {
            self.write(block, file);
        }
        if let Some(revision) = block.note("revision") {
            self.write_revision(block, revision);
        }
    }

    fn compare(&mut self, block: &Block) {
        let Some(told) = &self.last else { return };
        if self.ids.matches(&block.text, &told.text) {
            return;
        }
        let told = self.ids.shown(&told.text);
        let ours = block.note("on").is_some() || self.server == Server::Sqlite;
        assert!(
            self.update && ours,
            "{}: the page says\n{}\nand the command\n{told}\nUPDATE_EXPECT=1 writes it into the page",
            self.place(block),
            block.text
        );
        self.ids.matches(&told, &told);
        self.replacements.push((block.line, told));
    }

    /// Draws the history, and the database in it, as the file shows them.
    fn picture(&self, block: &Block, file: &str) {
        let told = self.project.run("migrate graph --format svg");
        assert_eq!(told.code, Some(0), "{}: {}", self.place(block), told.text);
        let path = workspace().join(file);
        if std::fs::read_to_string(&path).is_ok_and(|drawn| drawn == told.text) {
            return;
        }
        assert!(self.update, "{}: {file} is not what is drawn; UPDATE_EXPECT=1 draws it", self.place(block));
        std::fs::write(path, told.text).expect("the picture");
    }

    /// Puts the files of another page into the project, as that page leaves them.
    fn start_after(&self, page: &str) {
        let text = std::fs::read_to_string(workspace().join(page)).expect("the page to start after");
        for (number, block) in blocks(&text).iter().enumerate() {
            let (Some(file), Some(id)) = (block.note("file"), revision(&block.text)) else { continue };
            let path = self.project.root().join(file.replace('*', &format!("20261122_10{number:02}_{id}")));
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, &block.text).expect("a file of the project");
        }
    }

    /// Puts a block into a file of the project. The id that the file was made with is the one that the page shows.
    fn write(&mut self, block: &Block, file: &str) {
        let path = self.project.root().join(file);
        let path = if file.contains('*') { self.only(block, &path) } else { path };
        if let (Ok(made), Some(shown)) = (std::fs::read_to_string(&path), revision(&block.text)) {
            self.ids.bind(shown, revision(&made).unwrap_or(shown));
        }
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(&path, self.ids.real(&block.text)).expect("a file of the project");
    }

    /// Makes a migration of methods: `<!-- revision: 4b1f0c7a92de after 8e3d5a61c0f4 -->`.
    ///
    /// What stands behind the second id goes into the attribute as it is; items above `up` above the struct.
    fn write_revision(&self, block: &Block, words: &str) {
        let (id, rest) = words.split_once(" after ").expect("<id> after <id>");
        let (parent, arguments) = rest.split_once(',').unwrap_or((rest, ""));
        let at = block.text.find("fn up").expect("a method `up`");
        let (items, methods) = block.text.split_at(at);
        let text = format!(
            "use migrate_core::prelude::*;\n\n{items}\n/// a pattern\n\
             #[migration(revision = \"{id}\", down_revision = \"{parent}\", {arguments})]\npub struct Pattern;\n\n\
             impl Migration for Pattern {{\ntype Connection = crate::Connection;\n{methods}\n}}\n"
        );
        let path = self.project.root().join(format!("migrations/src/versions/20261122_1200_{id}_pattern.rs"));
        std::fs::write(path, text).expect("a file of the project");
    }

    /// The only file that fits the pattern.
    fn only(&self, block: &Block, pattern: &Path) -> PathBuf {
        let name = pattern.file_name().and_then(|name| name.to_str()).expect("a name");
        let (start, end) = name.split_once('*').expect("a star");
        let folder = pattern.parent().expect("a folder");
        let mut found: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder of the file")
            .flatten()
            .filter(|entry| {
                entry.file_name().to_str().is_some_and(|name| name.starts_with(start) && name.ends_with(end))
            })
            .map(|entry| entry.path())
            .collect();
        assert_eq!(found.len(), 1, "{}: {} fits {found:?}", self.place(block), pattern.display());
        found.remove(0)
    }

    fn place(&self, block: &Block) -> String {
        format!("{}:{} on {}", self.page, block.line, self.server.name())
    }
}

/// The id in the attribute of a migration.
fn revision(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("revision = \"")?;
    rest.split_once('"').map(|(id, _)| id)
}

/// The page with other texts in some of its blocks.
fn replaced(page: &str, replacements: &[(usize, String)]) -> String {
    let mut written = String::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let _ = writeln!(written, "{line}");
        if let Some((_, text)) = replacements.iter().find(|(fence, _)| *fence == number + 1) {
            let _ = writeln!(written, "{}\n```", text.trim_end());
            lines.by_ref().take_while(|(_, line)| line.trim() != "```").for_each(drop);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn the_text_of_a_block_is_replaced_and_nothing_else() {
        let page = "a\n```text\nold\n```\nb\n```text\nstays\n```\n";
        let written = replaced(page, &[(2, "new\n".to_owned())]);
        assert_eq!(written, "a\n```text\nnew\n```\nb\n```text\nstays\n```\n");
    }
}
