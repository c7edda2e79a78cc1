//! What was written, so that it can be taken back.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::ProjectError;

/// The files that were written so far. Unless they are kept, they go when this does.
#[derive(Debug, Default)]
pub(super) struct Written {
    directories: Vec<PathBuf>,
    created: Vec<PathBuf>,
    /// Files that were there, with what they held.
    changed: Vec<(PathBuf, Vec<u8>)>,
}

impl Written {
    /// Makes a directory with those above it.
    pub(super) fn directory(&mut self, path: &Path) -> Result<(), ProjectError> {
        let missing: Vec<_> = path
            .ancestors()
            .take_while(|it| !it.as_os_str().is_empty() && !it.exists())
            .map(Path::to_owned)
            .collect();
        for directory in missing.into_iter().rev() {
            fs::create_dir(&directory).map_err(|error| failed(&directory, error))?;
            self.directories.push(directory);
        }
        Ok(())
    }

    /// Writes a file that is not there yet, and its directory.
    pub(super) fn file(&mut self, path: &Path, text: &str) -> Result<(), ProjectError> {
        self.directory(path.parent().unwrap_or(path))?;
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::AlreadyExists => ProjectError::Exists { path: path.to_owned() },
                    _ => failed(path, error),
                }
            })?;
        self.created.push(path.to_owned());
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| failed(path, error))
    }

    /// Gives a file another text; who reads it meanwhile sees the one or the other.
    pub(super) fn change(&mut self, path: &Path, text: &str) -> Result<(), ProjectError> {
        let before = fs::read(path).map_err(|error| failed(path, error))?;
        replace(path, text.as_bytes()).map_err(|error| failed(path, error))?;
        self.changed.push((path.to_owned(), before));
        Ok(())
    }

    /// Lets all stay: the new files and the changed ones.
    pub(super) fn keep(mut self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        self.directories.clear();
        let changed = std::mem::take(&mut self.changed);
        (std::mem::take(&mut self.created), changed.into_iter().map(|(path, _)| path).collect())
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        for (path, before) in &self.changed {
            let _ = replace(path, before);
        }
        for path in &self.created {
            let _ = fs::remove_file(path);
        }
        // Only what is empty: another program may have put something there.
        for directory in self.directories.iter().rev() {
            let _ = fs::remove_dir(directory);
        }
    }
}

/// Puts a file in the place of another, with that one's permissions.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link.
    let path = path.canonicalize()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let draft = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let permissions = fs::metadata(&path)?.permissions();
    // A directory that takes files lets them replace one that says it takes no writing.
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let put = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::set_permissions(&draft, permissions)?;
        fs::rename(&draft, &path)
    };
    put().inspect_err(|_| {
        let _ = fs::remove_file(&draft);
    })
}

fn failed(path: &Path, source: io::Error) -> ProjectError {
    ProjectError::Io { path: path.to_owned(), source }
}
