//! What is written, and the graph that it makes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_cli::scaffold::reader::read_directory;
use migrate_cli::ui::{Signals, Stream, World};
use serde::Deserialize;
use tempfile::TempDir;

/// The directory with the fixtures.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/alembic")
}

/// Runs `adopt alembic` with these arguments.
fn adopt(directory: &Path, arguments: &[&str]) {
    let world = World {
        variables: BTreeMap::new(),
        directory: directory.to_owned(),
        now: std::time::UNIX_EPOCH,
        stdin: Box::new(std::io::empty()),
        stdin_is_terminal: false,
        signals: Signals::Left,
    };
    let stream = || Stream { writer: Box::new(std::io::sink()), terminal_width: None, resized: || None };
    let all = ["migrate", "adopt", "alembic"].iter().chain(arguments);
    assert_eq!(migrate_cli::run_with(super::MANIFEST, all, world, stream(), stream()), 0, "{arguments:?}");
}

/// A node as Alembic has it.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    revision: String,
    #[serde(deserialize_with = "several")]
    down_revision: BTreeSet<String>,
    depends_on: BTreeSet<String>,
    branch_labels: BTreeSet<String>,
    message: String,
}

/// One, several or none.
fn several<'de, D: serde::Deserializer<'de>>(input: D) -> Result<BTreeSet<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Several {
        None(()),
        One(String),
        Many(BTreeSet<String>),
    }
    Ok(match Several::deserialize(input)? {
        Several::None(()) => BTreeSet::new(),
        Several::One(one) => BTreeSet::from([one]),
        Several::Many(many) => many,
    })
}

/// The nodes of the files in a directory.
fn nodes(directory: &Path) -> BTreeSet<Node> {
    let set = |names: Vec<Cow<'_, str>>| names.into_iter().map(Cow::into_owned).collect();
    let node = |source: migrate_cli::scaffold::reader::SourceRevision| {
        let revision = source.revision;
        Node {
            revision: revision.id.into_owned(),
            down_revision: set(revision.down_revisions),
            depends_on: set(revision.depends_on),
            branch_labels: set(revision.branch_labels),
            message: revision.message.into_owned(),
        }
    };
    read_directory(directory).unwrap().into_iter().map(node).collect()
}

fn files(directory: &Path) -> BTreeMap<String, String> {
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    fs::read_dir(directory).unwrap().map(file).collect()
}

#[test]
fn the_files_beside_this_one_are_what_is_written() {
    let directory = TempDir::new().unwrap();
    // The layout of the files is that of their directory.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::copy(workspace.join("rustfmt.toml"), directory.path().join("rustfmt.toml")).unwrap();
    let fixtures = fixtures();
    let sql = |name: &str| fixtures.join(name).display().to_string();
    let (upgrade, downgrade) = (sql("upgrade.sql"), sql("downgrade.sql"));
    let from = fixtures.display().to_string();
    let arguments = ["--from", &from, "--into", "versions", "--sql-from", &upgrade, "--sql-from", &downgrade];
    adopt(directory.path(), &arguments);
    let written = files(&directory.path().join("versions"));
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("server/from_alembic/versions");
    // As the expectations of other tests are written anew.
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::remove_dir_all(&beside).unwrap();
        fs::create_dir(&beside).unwrap();
        for (name, text) in &written {
            fs::write(beside.join(name), text).unwrap();
        }
    }
    let committed = files(&beside);
    assert_eq!(written.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>());
    for (name, text) in &written {
        assert!(*text == committed[name], "{name} is now written otherwise:\n{text}");
    }
}

#[test]
fn the_graph_is_the_one_that_alembic_sees() {
    let recorded: BTreeSet<Node> =
        serde_json::from_str(include_str!("../../fixtures/alembic/graph.json")).unwrap();
    let versions = Path::new(env!("CARGO_MANIFEST_DIR")).join("server/from_alembic/versions");
    assert_eq!(nodes(&versions), recorded);
}

/// The recorded graph of WhisperEngine, and a copy of its scripts; neither is part of the repository.
fn whisperengine() -> Option<(PathBuf, TempDir)> {
    let recorded = migrate_tests::recordings("histories")?.join("whisperengine.json");
    let beside =
        recorded.ancestors().map(|folder| folder.join(".mirror/whisperengine-ai+whisperengine/repo"));
    let repository = beside.into_iter().find(|folder| folder.is_dir())?;
    let scripts = TempDir::new().unwrap();
    let archive = scripts.path().join("scripts.tar");
    let commit = "2b7b960b0638a2aaa987445c1bd38bf152254ddf";
    let run = |command: &mut Command| assert!(command.status().unwrap().success(), "{command:?}");
    run(Command::new("git")
        .arg("--git-dir")
        .arg(repository)
        .args(["archive", "-o"])
        .arg(&archive)
        .args([commit, "alembic"]));
    run(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(scripts.path()));
    Some((recorded, scripts))
}

#[test]
fn the_graph_of_the_service_comes_out_the_same() {
    #[derive(Deserialize)]
    struct Recorded {
        revisions: BTreeSet<Node>,
    }
    let Some((recorded, scripts)) = whisperengine() else { return };
    let recorded: Recorded = serde_json::from_slice(&fs::read(recorded).unwrap()).unwrap();
    adopt(scripts.path(), &["--from", "alembic", "--into", "versions"]);
    let written = nodes(&scripts.path().join("versions"));
    assert_eq!(written.len(), 29);
    let with_words = |nodes: BTreeSet<Node>| -> BTreeSet<Node> {
        let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        nodes.into_iter().map(|node| Node { message: spaced(&node.message), ..node }).collect()
    };
    assert_eq!(with_words(written), with_words(recorded.revisions));
}
