//! docs/reference.md, made of the program's own `--help`.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use migrate_cli::ui::{Signals, Stream, World};

use crate::project::workspace;

const PAGE: &str = "docs/reference.md";

/// Headings of options that every command has.
const COMMON: [&str; 3] = ["Database:", "Safety:", "Output:"];

const HEAD: &str = "\
# Reference

<!-- Written by `UPDATE_EXPECT=1 cargo nextest run -p migrate-guide reference` from the program's own help. -->

Every command with all its options, as `migrate <command> --help` prints them. [Commands](commands.md) sorts them by what
they are for.

";

#[test]
fn the_reference_is_what_help_prints() {
    let written = std::fs::read_to_string(workspace().join(PAGE)).unwrap_or_default();
    let page = page();
    if written == page {
        return;
    }
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let differs = written.lines().zip(page.lines()).find(|(written, printed)| written != printed);
    assert!(update, "{PAGE} is stale: {differs:#?}\nUPDATE_EXPECT=1 writes it anew");
    std::fs::write(workspace().join(PAGE), page).expect("the reference");
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let all = help(&[]);
    let _ = writeln!(page, "```text\n{}\n```\n", without(&all, &COMMON).trim_end());
    let common =
        sections(&all).filter(|section| COMMON.contains(&title(section))).collect::<Vec<_>>().join("\n\n");
    let _ = writeln!(page, "## Options of every command\n\n```text\n{}\n```", common.trim_end());
    for command in commands(&all) {
        describe(&mut page, &[&command]);
    }
    page
}

/// A command, then its own commands.
fn describe(page: &mut String, path: &[&str]) {
    let help = help(path);
    let (about, rest) = help.split_once("\n\n").expect("what it does, and how");
    let level = "#".repeat(path.len() + 1);
    let text = without(rest, &COMMON);
    let _ = write!(page, "\n{level} {}\n\n{about}.\n\n```text\n{}\n```\n", path.join(" "), text.trim_end());
    for command in commands(&help) {
        describe(page, &[path, &[&command]].concat());
    }
}

/// The names in the section `Commands:`.
fn commands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The help without the sections of these titles.
fn without(help: &str, titles: &[&str]) -> String {
    sections(help).filter(|section| !titles.contains(&title(section))).collect::<Vec<_>>().join("\n\n")
}

/// A section ends at an empty line that a line without indentation follows.
fn sections(help: &str) -> impl Iterator<Item = String> {
    let mut sections: Vec<String> = Vec::new();
    for part in help.split("\n\n") {
        match sections.last_mut() {
            Some(section) if part.starts_with(' ') => {
                let _ = write!(section, "\n\n{part}");
            }
            _ => sections.push(part.to_owned()),
        }
    }
    sections.into_iter()
}

fn title(section: &str) -> &str {
    section.lines().next().unwrap_or_default()
}

/// What `migrate <path> --help` prints.
fn help(path: &[&str]) -> String {
    let printed = Printed::default();
    let world = World {
        variables: [("CARGO_PKG_NAME", "migrations")].map(|(name, value)| (name.into(), value.into())).into(),
        directory: workspace().to_owned(),
        now: std::time::UNIX_EPOCH,
        stdin: Box::new(io::empty()),
        stdin_is_terminal: false,
        signals: Signals::Left,
    };
    let arguments = [&["migrate"], path, &["--help"]].concat();
    let streams = [Stream::piped(printed.clone()), Stream::piped(io::sink())];
    let [stdout, stderr] = streams;
    let code = migrate_cli::run_with(migrations_crate::MANIFEST, arguments, world, stdout, stderr);
    assert_eq!(code, 0, "{path:?}");
    let bytes = printed.0.lock().expect("the output").clone();
    let text = String::from_utf8(bytes).expect("text");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the output").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
