//! The revisions on disk as a graph.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use migrate_core::Manifest;
use migrate_core::graph::{GraphErrors, RevisionGraph};
use migrate_core::registry::Declaration;
use migrate_core::revision::Revision;

use super::reader::{ReadError, SourceRevision, read_directory};
use super::sql;

/// The revisions of a migrations crate as its source files declare them, with those of the crates it follows.
#[derive(Debug)]
pub struct SourceTree {
    /// Where a new file goes.
    pub directory: PathBuf,
    /// The graph of all of them.
    pub graph: RevisionGraph,
    /// Where each revision that has a source file stands, by id.
    pub sources: BTreeMap<String, SourceRevision>,
}

/// Why the files make no graph.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// A file or directory could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A followed crate has neither sources on this machine nor migrations in this binary (I2).
    #[error("the migrations of {crate_name} are neither in {} nor in this binary", directory.display())]
    Absent {
        /// The crate.
        crate_name: String,
        /// Where its sources were when it was compiled.
        directory: PathBuf,
    },
    /// The revisions do not fit together.
    #[error("the migrations in {} do not fit together", directory.display())]
    Graph {
        /// The directory.
        directory: PathBuf,
        /// All faults.
        errors: GraphErrors,
        /// The files that declare each id that is declared more than once.
        duplicates: BTreeMap<String, Vec<PathBuf>>,
    },
}

impl SourceTree {
    /// Reads the files of a manifest, of those it follows, and of `directory` when another one is named.
    ///
    /// A followed crate whose sources are not on this machine takes part with what is linked of it.
    pub fn read(manifest: &Manifest, directory: Option<&Path>) -> Result<Self, TreeError> {
        let own = Path::new(manifest.source_dir());
        let target = directory.unwrap_or(own);
        let mut found = read_directory(target)?;
        let mut seen = BTreeSet::from([canonical(target)]);
        if own.is_dir() && seen.insert(canonical(own)) {
            found.extend(read_directory(own)?);
        }
        let mut absent = Vec::new();
        let mut linked = Vec::new();
        read_sql(manifest, &mut seen, &mut found, &mut linked)?;
        read_followed(manifest, &mut seen, &mut found, &mut absent, &mut linked)?;
        let mut revisions: Vec<_> = found.iter().map(|source| source.revision.clone()).collect();
        if let Some(manifest) = absent.iter().find(|m| m.entries().len() < m.revisions().len()) {
            return Err(TreeError::Absent {
                crate_name: manifest.crate_name().to_owned(),
                directory: manifest.source_dir().into(),
            });
        }
        let carried = absent.iter().flat_map(Manifest::entries);
        revisions.extend(linked);
        revisions.extend(carried.map(|entry| entry.declaration().to_revision()));
        let graph = RevisionGraph::new(revisions).map_err(|errors| TreeError::Graph {
            directory: target.to_owned(),
            errors,
            duplicates: duplicates(&found),
        })?;
        let sources = found.into_iter().map(|source| (source.revision.id.to_string(), source)).collect();
        Ok(Self { directory: target.to_owned(), graph, sources })
    }
}

/// Adds the SQL migrations of a manifest; those that are not on this machine as far as they are linked.
fn read_sql(
    manifest: &Manifest,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut Vec<SourceRevision>,
    linked: &mut Vec<Revision>,
) -> Result<(), ReadError> {
    let Some(directory) = manifest.diesel_dir().map(Path::new) else { return Ok(()) };
    if directory.is_dir() {
        if seen.insert(canonical(directory)) {
            found.extend(sql::read_directory(directory)?);
        }
    } else {
        let declarations = manifest.entries().iter().map(|entry| entry.declaration());
        linked.extend(declarations.filter(|it| it.is_diesel_sql()).map(Declaration::to_revision));
    }
    Ok(())
}

fn read_followed(
    manifest: &Manifest,
    seen: &mut BTreeSet<PathBuf>,
    found: &mut Vec<SourceRevision>,
    absent: &mut Vec<Manifest>,
    linked: &mut Vec<Revision>,
) -> Result<(), ReadError> {
    for followed in manifest.follows() {
        let directory = Path::new(followed.source_dir());
        if !seen.insert(canonical(directory)) {
            continue;
        }
        if directory.is_dir() {
            found.extend(read_directory(directory)?);
            read_sql(followed, seen, found, linked)?;
        } else {
            absent.push(*followed);
        }
        read_followed(followed, seen, found, absent, linked)?;
    }
    Ok(())
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn duplicates(found: &[SourceRevision]) -> BTreeMap<String, Vec<PathBuf>> {
    let mut files: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for source in found {
        files.entry(source.revision.id.to_string()).or_default().push(source.path.clone());
    }
    files.retain(|_, files| files.len() > 1);
    files
}
