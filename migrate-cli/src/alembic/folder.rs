//! A directory of scripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::graph::RevisionGraph;

use super::error::ConvertError;
use super::python::Known;
use super::script::{Script, script};
use crate::scaffold::reader::SourceRevision;

/// Reads the scripts of a directory, in the order of their names.
///
/// Takes Alembic's own directory, too, the one with `env.py`: its scripts are in `versions`. Folders within the
/// directory are looked into, as with Alembic's `recursive_version_locations`.
pub(super) fn read(directory: &Path, known: &Known) -> Result<Vec<Script>, ConvertError> {
    let versions = directory.join("versions");
    let directory =
        if directory.join("env.py").is_file() && versions.is_dir() { &versions } else { directory };
    let mut paths = Vec::new();
    collect(directory, &mut paths)?;
    paths.sort();
    if paths.is_empty() {
        return Err(ConvertError::NoScripts { directory: directory.to_owned() });
    }
    paths
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path)
                .map_err(|source| ConvertError::Unreadable { path: path.clone(), source })?;
            script(path, &text, known)
        })
        .collect()
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> Result<(), ConvertError> {
    let unreadable = |source| ConvertError::Unreadable { path: directory.to_owned(), source };
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "__pycache__" && !name.starts_with('.') {
                collect(&path, paths)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "py")
            && !name.starts_with("__init__")
            && !name.starts_with('.')
        {
            paths.push(path);
        }
    }
    Ok(())
}

/// Checks that the scripts make a graph, together with the revisions that are in the target directory and not among
/// them.
pub(super) fn check(scripts: &[Script], others: &[SourceRevision]) -> Result<RevisionGraph, ConvertError> {
    let revisions = scripts.iter().map(|script| script.revision.clone());
    let others = others.iter().map(|other| other.revision.clone());
    RevisionGraph::new(revisions.chain(others)).map_err(|errors| {
        let mut duplicates: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for script in scripts {
            duplicates.entry(script.revision.id.to_string()).or_default().push(script.path.clone());
        }
        duplicates.retain(|_, paths| paths.len() > 1);
        ConvertError::Graph { errors, duplicates }
    })
}
