//! A directory of scripts into a directory of Rust files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use migrate_core::graph::RevisionGraph;

use super::error::ConvertError;
use super::file::{Source, Text, file_text};
use super::folder;
use super::offline::Sections;
use super::python::{Expr, Known, Scope, StatementKind, read};
use super::script::Script;
use super::translate::Naming;
use crate::scaffold::reader::{SourceRevision, read_directory};
use crate::scaffold::writer::{Kept, file_name, formatted_all, place};

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The scripts, or Alembic's directory.
    pub(crate) from: PathBuf,
    /// Where the Rust files go.
    pub(crate) into: PathBuf,
    /// The output of Alembic's offline mode, in one or several files.
    pub(crate) sql: Vec<PathBuf>,
    /// Names of other packages, and what they stand for: `app.types.Time=sa.DateTime()`.
    pub(crate) lets: Vec<String>,
    /// The application's naming convention: `pk=pk_%(table_name)s`.
    pub(crate) naming: Vec<String>,
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
    /// How many constraints in it have no name, neither of their own nor by a convention.
    pub(crate) unnamed: usize,
    rust: String,
    /// Files of the same revision that it takes the place of.
    replaces: Vec<PathBuf>,
}

/// Decides what will be written. Nothing is changed.
///
/// The order is that of the names of the scripts.
pub(crate) fn convert(request: &Request) -> Result<Vec<Conversion>, ConvertError> {
    let known = known(&request.lets)?;
    let naming = Naming::read(request.naming.iter().map(String::as_str)).map_err(|reason| {
        let given = request.naming.join(" ");
        ConvertError::Said { option: "--naming", given, reason }
    })?;
    let scripts = folder::read(&request.from, &known)?;
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
        .map(|(script, date)| conversion(script, date, file_text(script, &sections, &naming), request, &same))
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
    let texts: Vec<_> = conversions.iter().map(|conversion| conversion.rust.as_str()).collect();
    for (Conversion { path, replaces, .. }, text) in conversions.iter().zip(formatted_all(into, &texts)) {
        for old in replaces.iter().chain(path.exists().then_some(path)) {
            if old.exists() {
                fs::remove_file(old).map_err(unwritable(old))?;
            }
        }
        place(path, text.as_bytes(), Kept::ThroughExit).map_err(unwritable(path))?;
    }
    Ok(())
}

fn conversion(
    script: &Script,
    date: SystemTime,
    text: Text,
    request: &Request,
    same: &[SourceRevision],
) -> Conversion {
    let path = request.into.join(file_name(&script.revision, date));
    let of_this =
        same.iter().filter(|source| source.revision.id == script.revision.id && source.path != path);
    Conversion {
        revision: script.revision.id.to_string(),
        replaces: of_this.map(|source| source.path.clone()).collect(),
        path,
        up: text.up,
        down: text.down,
        unnamed: text.unnamed,
        rust: text.rust,
    }
}

/// What `NAME=PYTHON` of each says, where `op`, `sa` and `postgresql` are what scripts call so.
fn known(lets: &[String]) -> Result<Known, ConvertError> {
    let imports =
        "import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import postgresql\n";
    let mut known = BTreeMap::new();
    for given in lets {
        let wrong = |reason: &str| {
            let (given, reason) = (given.clone(), reason.to_owned());
            ConvertError::Said { option: "--let", given, reason }
        };
        let (name, value) =
            given.split_once('=').ok_or_else(|| wrong("it is not of the form NAME=PYTHON"))?;
        let module = read(&format!("{imports}{value}\n")).map_err(|_| wrong("that is not Python"))?;
        let value: Expr = match module.last().map(|statement| &statement.kind) {
            Some(StatementKind::Expression(value)) if module.len() == 4 => {
                Scope::of_module(&module[..3], &Known::default()).resolve(value)
            }
            _ => return Err(wrong("that is not one value")),
        };
        known.insert(name.trim().to_owned(), value);
    }
    Ok(Known::new(known))
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
