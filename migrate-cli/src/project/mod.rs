//! A crate of migrations in somebody's Cargo workspace, or in one that is made for it.
//!
//! Cargo itself is asked where the workspace is and whether the new crate belongs to it, so globs, `exclude` and
//! `package.workspace` mean what they mean to Cargo. Everything is written, or nothing stays.

mod cargo;
mod error;
mod template;
mod workspace;
mod written;

use std::path::{Path, PathBuf};

pub use self::error::ProjectError;
pub use self::template::{Server, Source};
use self::workspace::Workspace;
use self::written::Written;

/// What `init` is asked for.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The directory of the workspace, or one in it, or an empty one, or one that is not there yet.
    pub directory: PathBuf,
    /// The name of the package, and of its folder.
    pub name: String,
    /// The servers that it is built for; the others are features.
    pub servers: Vec<Server>,
    /// Where its dependencies on this framework come from.
    pub source: Source,
    /// The program to run as `cargo`.
    pub cargo: PathBuf,
}

/// What `init` has made.
#[derive(Debug)]
pub struct Made {
    /// The directory of the workspace.
    pub root: PathBuf,
    /// The new crate's.
    pub package: PathBuf,
    /// The files that are new.
    pub created: Vec<PathBuf>,
    /// The files that were there and are changed.
    pub changed: Vec<PathBuf>,
    /// Whether the workspace is new, too.
    pub is_new_workspace: bool,
}

/// Makes the crate.
///
/// # Errors
///
/// When the directory is neither empty nor of a Cargo project, when the name is no package name or taken, when a file
/// cannot be written, or when Cargo does not accept the outcome. Whatever was written by then is taken back.
pub fn init(wish: &Wish) -> Result<Made, ProjectError> {
    let name = &wish.name;
    if !template::is_package_name(name) {
        return Err(ProjectError::Name { name: name.clone() });
    }
    let mut written = Written::default();
    written.directory(&wish.directory)?;
    let directory = wish
        .directory
        .canonicalize()
        .map_err(|source| ProjectError::Io { path: wish.directory.clone(), source })?;
    let found = Workspace::find(&directory, &wish.cargo)?;
    let is_new_workspace = found.is_none();
    let workspace = match found {
        Some(workspace) => workspace,
        None => Workspace::create(&directory, name, &mut written)?,
    };
    let package = workspace.root().join(name);
    if package.exists() {
        return Err(ProjectError::Exists { path: package });
    }
    for (path, text) in template::package(name, &wish.servers, &wish.source) {
        written.file(&package.join(path), &text)?;
    }
    if !is_new_workspace && !workspace.has(&package, &wish.cargo)? {
        workspace.add(name, &mut written)?;
    }
    if !workspace.has(&package, &wish.cargo)? {
        return Err(ProjectError::NotAMember { package, root: workspace.root().to_owned() });
    }
    let (created, changed) = written.keep();
    Ok(Made { root: workspace.root().to_owned(), package, created, changed, is_new_workspace })
}

/// The checkout that a program was built from, if it holds the crates of this framework.
#[must_use]
pub fn is_checkout(directory: &Path) -> bool {
    ["migrate-core", "migrate-cli"].iter().all(|name| directory.join(name).join("Cargo.toml").is_file())
}

#[cfg(test)]
mod tests;
