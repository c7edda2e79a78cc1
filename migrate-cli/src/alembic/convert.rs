//! A directory of scripts into a directory of Rust files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use migrate_core::graph::RevisionGraph;

use super::error::ConvertError;
use super::file::{Source, file_text};
use super::folder;
use super::offline::Sections;
use super::script::Script;
use crate::scaffold::reader::{SourceRevision, read_directory};
use crate::scaffold::writer::{file_name, formatted, place};

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The scripts, or Alembic's directory.
    pub(crate) from: PathBuf,
    /// Where the Rust files go.
    pub(crate) into: PathBuf,
    /// The output of Alembic's offline mode, in one or several files.
    pub(crate) sql: Vec<PathBuf>,
    /// Whether files that are there may be replaced.
    pub(crate) force: bool,
    /// The date of a script that has none, and whose ancestors have none.
    pub(crate) now: SystemTime,
}

/// A revision to be written.
#[derive(Debug, Clone)]
pub(crate) struct Conversion {
    pub(crate) revision: String,
    pub(crate) path: PathBuf,
    pub(crate) up: Source,
    pub(crate) down: Source,
    rust: String,
    /// Files of the same revision that it takes the place of.
    replaces: Vec<PathBuf>,
}

/// Decides what will be written. Nothing is changed.
///
/// The order is that of the names of the scripts.
pub(crate) fn convert(request: &Request) -> Result<Vec<Conversion>, ConvertError> {
    let scripts = folder::read(&request.from)?;
    let there = if request.into.is_dir() { read_directory(&request.into)? } else { Vec::new() };
    let ids: BTreeSet<_> = scripts.iter().map(|script| script.revision.id.as_ref()).collect();
    let (same, others): (Vec<_>, Vec<_>) =
        there.into_iter().partition(|source| ids.contains(source.revision.id.as_ref()));
    let graph = folder::check(&scripts, &others)?;
    let sections = read_sections(&request.sql)?;
    let dates = dates(&scripts, &graph, request.now);
    let conversions: Vec<_> = scripts
        .iter()
        .zip(dates)
        .map(|(script, date)| conversion(script, date, &sections, request, &same))
        .collect();
    if !request.force {
        let paths: BTreeSet<_> = conversions
            .iter()
            .flat_map(|conversion| {
                let own = conversion.path.exists().then(|| conversion.path.clone());
                own.into_iter().chain(conversion.replaces.iter().cloned())
            })
            .collect();
        if !paths.is_empty() {
            return Err(ConvertError::Exists { paths: paths.into_iter().collect() });
        }
    }
    Ok(conversions)
}

/// Writes what was decided; the target directory is made if need be.
pub(crate) fn write(conversions: &[Conversion], into: &Path) -> Result<(), ConvertError> {
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| ConvertError::Unwritable { path, source }
    };
    fs::create_dir_all(into).map_err(unwritable(into))?;
    for Conversion { path, rust, replaces, .. } in conversions {
        let text = formatted(into, rust).unwrap_or_else(|| rust.clone());
        for old in replaces.iter().chain(path.exists().then_some(path)) {
            if old.exists() {
                fs::remove_file(old).map_err(unwritable(old))?;
            }
        }
        place(path, text.as_bytes()).map_err(unwritable(path))?;
    }
    Ok(())
}

fn conversion(
    script: &Script,
    date: SystemTime,
    sections: &Sections,
    request: &Request,
    same: &[SourceRevision],
) -> Conversion {
    let text = file_text(script, sections);
    let path = request.into.join(file_name(&script.revision, date));
    let of_this =
        same.iter().filter(|source| source.revision.id == script.revision.id && source.path != path);
    Conversion {
        revision: script.revision.id.to_string(),
        replaces: of_this.map(|source| source.path.clone()).collect(),
        path,
        up: text.up,
        down: text.down,
        rust: text.rust,
    }
}

fn read_sections(paths: &[PathBuf]) -> Result<Sections, ConvertError> {
    let mut sections = Sections::default();
    for path in paths {
        let text = fs::read_to_string(path)
            .map_err(|source| ConvertError::Unreadable { path: path.clone(), source })?;
        if !sections.add(&text) {
            return Err(ConvertError::NoSections { path: path.clone() });
        }
    }
    Ok(sections)
}

/// The date of each script: its own, or the latest among its ancestors, so that files sort behind what they are on.
fn dates(scripts: &[Script], graph: &RevisionGraph, now: SystemTime) -> Vec<SystemTime> {
    let own: BTreeMap<_, _> =
        scripts.iter().filter_map(|script| Some((script.revision.id.as_ref(), script.created?))).collect();
    let date = |script: &Script| {
        let id = script.revision.id.as_ref();
        let before = || graph.ancestors([id]).into_iter().filter_map(|ancestor| own.get(ancestor)).max();
        own.get(id).or_else(before).copied().unwrap_or(now)
    };
    scripts.iter().map(date).collect()
}
