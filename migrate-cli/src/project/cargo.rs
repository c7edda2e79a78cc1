//! What Cargo knows about a directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::error::{CargoSays, ProjectError};

/// The Cargo.toml of the workspace that a manifest belongs to; its own where that is no workspace's.
pub(super) fn workspace_of(manifest: &Path, cargo: &Path) -> Result<PathBuf, ProjectError> {
    let output = run(cargo, manifest, &["locate-project", "--workspace", "--message-format", "plain"])?;
    if !output.status.success() {
        return Err(refused(manifest, &output));
    }
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
}

/// Whether Cargo reads all manifests of a workspace; it asks nobody else for that.
pub(super) fn accepts(manifest: &Path, cargo: &Path) -> Result<(), ProjectError> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let output = run(cargo, manifest, &arguments)?;
    if output.status.success() { Ok(()) } else { Err(refused(manifest, &output)) }
}

fn run(cargo: &Path, manifest: &Path, arguments: &[&str]) -> Result<Output, ProjectError> {
    let mut command = Command::new(cargo);
    command.args(arguments).arg("--manifest-path").arg(manifest).stdin(Stdio::null());
    // The directory of the manifest decides which toolchain rustup starts.
    command.current_dir(manifest.parent().unwrap_or(manifest));
    command.output().map_err(|source| ProjectError::NoCargo { program: cargo.to_owned(), source })
}

fn refused(manifest: &Path, output: &Output) -> ProjectError {
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim_end();
    let said = said.strip_prefix("error: ").unwrap_or(said);
    let root = manifest.parent().unwrap_or(manifest).to_owned();
    ProjectError::Refused { root, source: CargoSays(said.to_owned()) }
}
