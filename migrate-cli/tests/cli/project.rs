//! A directory with a database, and a program that is started in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use migrate_cli::ui::{Signals, Stream, World};
use migrate_core::Manifest;
use migrate_core::connection::{DatabaseUrl, Driver};
use migrate_core::registry::AnyEntry;
use tempfile::TempDir;

/// A fresh directory, and the migrations that the program in it knows.
pub(crate) struct Project {
    directory: TempDir,
    manifest: Manifest,
    variables: BTreeMap<String, String>,
    answer: Option<String>,
    /// Where in it the program is run.
    folder: PathBuf,
}

impl Project {
    pub(crate) fn new(manifest: Manifest) -> Self {
        let variables = BTreeMap::from([("DATABASE_URL".to_owned(), String::new())]);
        let project = Self {
            directory: TempDir::new().unwrap(),
            manifest,
            variables,
            answer: None,
            folder: PathBuf::new(),
        };
        let url = format!("sqlite://{}", project.path().join("app.db").display());
        project.with("DATABASE_URL", &url)
    }

    /// A project whose source directory is in the temporary directory, with nothing compiled.
    pub(crate) fn on_disk() -> Self {
        let project = Self::new(crate::chain::MANIFEST);
        let versions = project.path().join("versions");
        std::fs::create_dir(&versions).unwrap();
        let source_dir = Box::leak(versions.display().to_string().into_boxed_str());
        Self { manifest: Manifest::new("service", "1.0.0", source_dir, &[], &[]), ..project }
    }

    pub(crate) fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn without(mut self, variable: &str) -> Self {
        self.variables.remove(variable);
        self
    }

    /// The same project for another set of migrations.
    pub(crate) fn knowing(self, manifest: Manifest) -> Self {
        Self { manifest, ..self }
    }

    /// The revisions of a manifest, with this project's source directory.
    pub(crate) fn rebuilt_with(
        self,
        manifest: Manifest,
        entries: &'static &'static [&'static dyn AnyEntry],
    ) -> Self {
        let own = self.manifest;
        let (name, version) = (manifest.crate_name(), manifest.crate_version());
        let manifest =
            Manifest::new(name, version, own.source_dir(), manifest.revisions(), manifest.follows())
                .with_entries(entries);
        Self { manifest, ..self }
    }

    /// The same project, its migrations on top of others'.
    pub(crate) fn following(self, follows: &'static [Manifest]) -> Self {
        let own = self.manifest;
        let manifest =
            Manifest::new(own.crate_name(), own.crate_version(), own.source_dir(), own.revisions(), follows);
        Self { manifest, ..self }
    }

    /// The same project, with the program run in one of its folders, which is made.
    pub(crate) fn run_in(self, folder: &str) -> Self {
        std::fs::create_dir_all(self.path().join(folder)).unwrap();
        Self { folder: folder.into(), ..self }
    }

    /// A person at a terminal, who answers every question like this.
    pub(crate) fn answering(mut self, answer: &str) -> Self {
        self.answer = Some(format!("{answer}\n"));
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs the program on a terminal of that many columns.
    pub(crate) fn run_on_terminal(&self, columns: usize, arguments: &[&str]) -> String {
        self.start(Some(columns), arguments)
    }

    /// Runs the program and shows what it did, with what changes from run to run replaced.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.start(None, arguments)
    }

    fn start(&self, terminal_width: Option<usize>, arguments: &[&str]) -> String {
        let (stdout, stderr) = (Sink::default(), Sink::default());
        let world = World {
            variables: self.variables.clone(),
            directory: self.path().join(&self.folder),
            now: UNIX_EPOCH + Duration::from_secs(1_760_193_000),
            stdin: Box::new(io::Cursor::new(self.answer.clone().unwrap_or_default())),
            stdin_is_terminal: self.answer.is_some(),
            signals: Signals::Left,
        };
        let all = ["migrate-cli"].iter().chain(arguments);
        let exit_code = migrate_cli::run_with(
            self.manifest,
            all,
            world,
            Stream { writer: Box::new(stdout.clone()), terminal_width, resized: || None },
            Stream { writer: Box::new(stderr.clone()), terminal_width, resized: || None },
        );
        let mut shown = String::new();
        for (name, sink) in [("stdout", stdout), ("stderr", stderr)] {
            let text = self.steady(&sink.text());
            if !text.is_empty() {
                let _ = write!(shown, "--- {name}\n{text}");
            }
        }
        shown + &format!("--- exit {exit_code}\n")
    }

    /// Changes the database behind the program's back.
    pub(crate) fn sql(&self, sql: &str) {
        let url = DatabaseUrl::parse(&self.variables["DATABASE_URL"]).unwrap();
        Driver::batch(&mut url.connect().unwrap(), sql).unwrap();
    }

    /// Runs several commands; only the last one is shown.
    pub(crate) fn after(&self, before: &[&[&str]], last: &[&str]) -> String {
        for arguments in before {
            let shown = self.run(arguments);
            assert!(shown.ends_with("--- exit 0\n"), "{arguments:?}\n{shown}");
        }
        self.run(last)
    }

    fn steady(&self, text: &str) -> String {
        let mut steady = String::new();
        for line in text
            .replace(&self.path().display().to_string(), "DIR")
            .replace(env!("CARGO_MANIFEST_DIR"), "CRATE")
            .lines()
        {
            let line = replace_shape(line, "dddd-dd-ddTdd:dd:dd.dddZ", "TIME");
            let line = replace_shape(&line, "dddd-dd-dd dd:dd:dd", "TIME");
            let line = replace_shape(&line, "dddd-dd-dd dd:dd", "TIME");
            steady.push_str(narrow(&replace_who(&line)).trim_end());
            steady.push('\n');
        }
        steady
    }
}

/// Narrows the columns whose width depends on how long things took.
fn narrow(line: &str) -> String {
    let start = ["TIME", "Applied (UTC)", "unfinished  "].iter().find_map(|word| line.find(word));
    let (kept, mut rest) = line.split_at(start.unwrap_or(line.len()));
    let mut narrowed = kept.to_owned();
    while let Some(at) = rest.find("  ") {
        narrowed.push_str(&rest[..at]);
        narrowed.push_str("  ");
        rest = rest[at..].trim_start();
    }
    narrowed + rest
}

/// Replaces each run of characters of a shape, `d` standing for a digit.
fn replace_shape(line: &str, shape: &str, with: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let shape: Vec<char> = shape.chars().collect();
    let fits = |window: &[char]| {
        window.len() == shape.len()
            && window.iter().zip(&shape).all(|(c, s)| if *s == 'd' { c.is_ascii_digit() } else { c == s })
    };
    let (mut replaced, mut at) = (String::new(), 0);
    while at < characters.len() {
        if fits(&characters[at..characters.len().min(at + shape.len())]) {
            replaced.push_str(with);
            at += shape.len();
        } else {
            replaced.push(characters[at]);
            at += 1;
        }
    }
    replaced
}

/// Replaces user, host and process, and how long things took.
fn replace_who(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(ToOwned::to_owned).collect();
    for at in 1..words.len() {
        if words[at].starts_with("(script)") {
            let before = words[at - 1].find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(0);
            words[at - 1].replace_range(before.., "WHO");
        }
    }
    for at in 0..words.len() {
        if words[at].ends_with("(pid") || words.get(at + 1).is_some_and(|next| next == "(pid") {
            let end = words.len().min(at + 3);
            let rest = words[at + 2..end]
                .concat()
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == ')')
                .to_owned();
            let quote = if words[at].starts_with('"') { "\"" } else { "" };
            words.splice(at..end, [format!("{quote}WHO{rest}")]);
            break;
        }
    }
    let mut line = words.join(" ");
    let fields = ["\"duration_ms\": ", "\"rows_per_second\": ", "\"heartbeat_age_ms\": "];
    for (unit, before) in fields.map(|field| ("", field)).into_iter().chain([(" ms", "")]) {
        line = replace_number(&line, before, unit);
    }
    line
}

fn replace_number(line: &str, before: &str, after: &str) -> String {
    let mut replaced = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - start);
        let fits = rest[..start].ends_with(before) && rest[start + digits..].starts_with(after);
        let named = !before.is_empty() || !after.is_empty();
        replaced.push_str(&rest[..start]);
        replaced.push_str(if fits && named { "N" } else { &rest[start..start + digits] });
        rest = &rest[start + digits..];
    }
    replaced + rest
}

/// A stream that remembers.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
