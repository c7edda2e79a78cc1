//! Puts a new migration file where it belongs, whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use migrate_core::revision::Revision;

use super::slug::slug;
use super::template::{Kind, file_text};
use crate::clock::Utc;

/// The name of a new migration's file: UTC date and time, revision and slug.
#[must_use]
pub fn file_name(revision: &Revision, now: SystemTime) -> String {
    let prefix = Utc::of(now).file_prefix();
    match slug(&revision.message).as_str() {
        "" => format!("{prefix}_{}.rs", revision.id),
        slug => format!("{prefix}_{}_{slug}.rs", revision.id),
    }
}

/// Writes the file of a new revision and returns its path.
///
/// The text goes through `rustfmt` when the machine has one, so that it follows the settings of the directory.
/// It appears under its name only when it is complete, and never in the place of another file.
pub fn write(directory: &Path, revision: &Revision, kind: Kind, now: SystemTime) -> io::Result<PathBuf> {
    let text = file_text(revision, kind);
    let text = formatted(directory, &text).unwrap_or(text);
    let path = directory.join(file_name(revision, now));
    place(&path, text.as_bytes(), Kept::ThroughPowerLoss)?;
    Ok(path)
}

/// What a written file outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    ThroughPowerLoss,
    /// The process; the same command makes it again, and a thousand waits for the disk are most of its time.
    ThroughExit,
}

/// Puts a file under its name when it is complete, and never in the place of another.
pub(crate) fn place(path: &Path, bytes: &[u8], kept: Kept) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = create(&draft, bytes, kept).and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    match written {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            // A file system without hard links.
            create(path, bytes, kept)
        }
        other => other,
    }
}

fn create(path: &Path, bytes: &[u8], kept: Kept) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let synced = |file: &fs::File| if kept == Kept::ThroughPowerLoss { file.sync_all() } else { Ok(()) };
    file.write_all(bytes).and_then(|()| synced(&file)).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// The text as the machine's `rustfmt` has it, with the settings of the directory; `None` without one.
pub(crate) fn formatted(directory: &Path, text: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let sent = rustfmt.stdin.take()?.write_all(text.as_bytes());
    let output = rustfmt.wait_with_output().ok()?;
    let formatted = String::from_utf8(output.stdout).ok()?;
    (sent.is_ok() && output.status.success() && !formatted.is_empty()).then_some(formatted)
}

/// How many files one call of `rustfmt` gets.
#[cfg(feature = "adopt-alembic")]
const AT_ONCE: usize = 200;

/// The same for many, in few calls of `rustfmt`; each text as it is where that is not to be had.
#[cfg(feature = "adopt-alembic")]
pub(crate) fn formatted_all(directory: &Path, texts: &[&str]) -> Vec<String> {
    let mut formatted: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
    // Within the directory, so that its settings hold.
    let drafts = directory.join(format!(".adopt.{}.tmp", std::process::id()));
    if fs::create_dir(&drafts).is_err() {
        return formatted;
    }
    let paths: Vec<_> = (0..texts.len()).map(|at| drafts.join(format!("r{at}.rs"))).collect();
    let written = paths.iter().zip(texts).all(|(path, text)| fs::write(path, text).is_ok());
    for chunk in paths.chunks(AT_ONCE).filter(|_| written) {
        // A file that it cannot read stays as it is, and the others are done all the same.
        let _ = Command::new("rustfmt")
            .args(["--edition", "2024"])
            .args(chunk)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    if written {
        for (text, path) in formatted.iter_mut().zip(&paths) {
            if let Some(found) = fs::read_to_string(path).ok().filter(|found| !found.is_empty()) {
                *text = found;
            }
        }
    }
    let _ = fs::remove_dir_all(&drafts);
    formatted
}

#[cfg(test)]
mod tests {
    use super::super::reader::read_text;
    use super::*;

    fn revision(message: &str) -> Revision {
        Revision {
            id: "4f1c9a2e7b03".into(),
            down_revisions: vec!["8d03b7c1aa55".into()],
            message: message.to_owned().into(),
            ..Revision::default()
        }
    }

    /// Messages made to break a comment, a string, an identifier or a file name, and the line a reader sees.
    const HOSTILE: &[(&str, &str)] = &[
        ("Add email_verified column to users", "Add email_verified column to users"),
        ("say \"hello\" and 'bye' \\ back", "say \"hello\" and 'bye' \\ back"),
        ("close */ the /* comment", "close */ the /* comment"),
        ("/ leading slash", "/ leading slash"),
        ("  surrounded by blanks\t", "surrounded by blanks"),
        ("first line\nsecond line\n\nthird", "first line"),
        ("windows\r\nline ends", "windows"),
        ("lone\rcarriage return", "lone"),
        ("bell \u{7} and escape \u{1b}[31m", "bell \u{7} and escape \u{1b}[31m"),
        ("right \u{202e} to left", "right \u{202e} to left"),
        ("12345", "12345"),
        ("ユーザー追加 🎉", "ユーザー追加 🎉"),
        ("🎉", "🎉"),
        ("self", "self"),
        ("migration", "migration"),
        ("#[migration(revision = \"x\")] struct X;", "#[migration(revision = \"x\")] struct X;"),
        ("{braces} and {{more}}", "{braces} and {{more}}"),
        ("../../etc/passwd", "../../etc/passwd"),
        (
            "a message that is a good deal longer than any line of code ought to be, and then goes on for a while yet",
            "a message that is a good deal longer than any line of code ought to be, and then goes on for a while yet",
        ),
    ];

    fn every_kind() -> impl Iterator<Item = (&'static (&'static str, &'static str), Kind)> {
        HOSTILE.iter().flat_map(|message| [(message, Kind::Plain), (message, Kind::Backfill)])
    }

    #[test]
    fn a_written_file_reads_back_as_the_revision_it_was_made_from() {
        for ((message, line), kind) in every_kind() {
            let mut expected = revision(message);
            let text = file_text(&expected, kind);
            expected.message = (*line).into();
            let found = read_text(Path::new("a.rs"), &text).unwrap();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].revision, expected, "{text}");
        }
    }

    #[test]
    fn every_kind_of_attribute_reads_back() {
        let many = |names: &[&str]| names.iter().map(|name| name.to_string().into()).collect::<Vec<_>>();
        for (down_revisions, depends_on, branch_labels) in [
            (many(&[]), many(&[]), many(&[])),
            (many(&["a"]), many(&["b"]), many(&["l"])),
            (many(&["4f1c9a2e7b01", "4f1c9a2e7b02", "4f1c9a2e7b03"]), many(&["x", "y"]), many(&["l", "m"])),
        ] {
            let expected = Revision { down_revisions, depends_on, branch_labels, ..revision("Words") };
            let found = read_text(Path::new("a.rs"), &file_text(&expected, Kind::Plain)).unwrap();
            assert_eq!(found[0].revision, expected);
        }
    }

    #[test]
    fn a_written_file_is_as_rustfmt_wants_it() {
        let directory = tempfile::tempdir().unwrap();
        for ((message, _), kind) in every_kind() {
            let text = file_text(&revision(message), kind);
            if let Some(formatted) = formatted(directory.path(), &text) {
                assert_eq!(formatted, text);
            }
        }
    }

    #[test]
    fn a_file_follows_the_settings_of_its_directory() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("rustfmt.toml"), "hard_tabs = true\n").unwrap();
        let path = write(directory.path(), &revision("x"), Kind::Plain, SystemTime::UNIX_EPOCH).unwrap();
        assert!(fs::read_to_string(path).unwrap().contains("\n\ttype Connection"));
    }

    #[test]
    fn another_file_is_never_overwritten_and_no_draft_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = write(directory.path(), &revision("x"), Kind::Plain, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(path.file_name().unwrap(), "19700101_0000_4f1c9a2e7b03_x.rs");
        fs::write(&path, "mine").unwrap();
        let error = write(directory.path(), &revision("x"), Kind::Plain, SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
