//! The migrations in the files of other tools, read as those tools read them.

mod error;
mod refinery;
mod rust;
mod sea_orm;
mod sqlx;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::adopt::Tool;

pub(crate) use self::error::FilesError;
pub(super) use self::rust::file_text;

/// A migration of another tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Migration {
    /// What the tool's ledger calls it.
    pub(super) id: String,
    /// What it does, in words.
    pub(super) message: String,
    /// The file that it was read from.
    pub(super) path: PathBuf,
    pub(super) body: Body,
}

/// What it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    /// SQL, and the SQL that undoes it.
    Sql { up: String, down: Option<String>, transaction: bool },
    /// Rust that is written for the tool.
    Rust { reversible: bool },
}

/// What a directory holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Files {
    /// The migrations, in the order in which the tool applies them.
    pub(super) migrations: Vec<Migration>,
    /// Files that look like migrations, and that the tool does not run.
    pub(super) left_out: Vec<PathBuf>,
}

impl Migration {
    /// Its file's name, without what stands behind the first dot.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or(&self.id);
        name.split_once('.').map_or(name, |(stem, _)| stem)
    }

    pub(super) fn is_reversible(&self) -> bool {
        matches!(self.body, Body::Sql { down: Some(_), .. } | Body::Rust { reversible: true })
    }

    pub(super) fn is_written(&self) -> bool {
        matches!(self.body, Body::Sql { .. })
    }
}

/// Reads a tool's directory.
pub(super) fn read(tool: Tool, directory: &Path) -> Result<Files, FilesError> {
    let files = match tool {
        Tool::Sqlx => sqlx::read(directory)?,
        Tool::Refinery => refinery::read(directory)?,
        _ => sea_orm::read(directory)?,
    };
    let mut seen = BTreeMap::new();
    for migration in &files.migrations {
        if let Some(first) = seen.insert(&migration.id, &migration.path) {
            return Err(FilesError::Duplicate {
                id: migration.id.clone(),
                files: [first.clone(), migration.path.clone()],
            });
        }
    }
    if files.migrations.is_empty() {
        return Err(FilesError::Nothing { tool, directory: directory.to_owned() });
    }
    Ok(files)
}

/// The files of a directory, by name.
fn list(directory: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let io = |source| FilesError::Io { path: directory.to_owned(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        files.push(entry.map_err(io)?.path());
    }
    files.sort();
    Ok(files)
}

fn text(path: &Path) -> Result<String, FilesError> {
    fs::read_to_string(path).map_err(|source| FilesError::Io { path: path.to_owned(), source })
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn words(name: &str) -> String {
    name.replace('_', " ").trim().to_owned()
}
