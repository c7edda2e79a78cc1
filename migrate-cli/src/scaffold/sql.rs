//! Reads a directory of Diesel's SQL migrations, as `migrations!("…", diesel = "…")` does.
//!
//! What is a mistake to the macro is passed over or left to the graph here: a build says it better.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use migrate_core::revision::Revision;

use super::reader::{ReadError, SourceRevision};

/// The SQL migrations of a directory, each based on the one before in the order of versions.
pub fn read_directory(directory: &Path) -> Result<Vec<SourceRevision>, ReadError> {
    let io = |source| ReadError::Io { path: directory.to_owned(), source };
    let mut by_version: BTreeMap<String, Vec<SourceRevision>> = BTreeMap::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path().join("up.sql");
        if name.starts_with('.') || !path.is_file() {
            continue;
        }
        let revision = revision(&name);
        let source = SourceRevision { revision, path, line: 1, placeholders: Vec::new() };
        by_version.entry(source.revision.id.to_string()).or_default().push(source);
    }
    let mut found = Vec::new();
    let mut before = None;
    for (version, mut sources) in by_version {
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        for source in &mut sources {
            source.revision.down_revisions.extend(before.clone().map(Into::into));
        }
        found.append(&mut sources);
        before = Some(version);
    }
    Ok(found)
}

/// `2024-03-04-091500_create_users` is the version `20240304091500` with the message `create users`.
fn revision(name: &str) -> Revision {
    let (version, words) = name.split_once('_').unwrap_or((name, ""));
    let words: Vec<_> = words.split('_').filter(|word| !word.is_empty()).collect();
    Revision { id: version.replace('-', "").into(), message: words.join(" ").into(), ..Revision::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_make_a_chain_in_the_order_of_versions() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["20240102_b__c", "2024-01-01-0900_a", "20240102_again", ".git", "9_last"] {
            fs::create_dir(directory.path().join(name)).unwrap();
            fs::write(directory.path().join(name).join("up.sql"), "SELECT 1").unwrap();
        }
        fs::create_dir(directory.path().join("5_begun")).unwrap();
        fs::write(directory.path().join("README.md"), "").unwrap();
        let found = read_directory(directory.path()).unwrap();
        let described: Vec<_> = found
            .iter()
            .map(|source| {
                let Revision { id, down_revisions, message, .. } = &source.revision;
                format!("{} -> {id} {message}", down_revisions.concat())
            })
            .collect();
        assert_eq!(
            described,
            [
                " -> 202401010900 a",
                "202401010900 -> 20240102 again",
                "202401010900 -> 20240102 b c",
                "20240102 -> 9 last",
            ]
        );
        assert!(found[3].path.ends_with("9_last/up.sql"));
    }

    #[test]
    fn a_directory_that_is_not_there_is_told() {
        let error = read_directory(Path::new("/not/there")).unwrap_err();
        assert_eq!(error.to_string(), "could not read /not/there");
    }
}
