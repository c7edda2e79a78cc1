//! A disk that is full when the test says so.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::Command;

use super::database::Database;
use super::guard::{Guard, use_directory};
use super::program::{is_root, on_path};
use super::sqlite::sqlite_url;

/// A file system of its own in memory, unmounted when the value is dropped or its process ends, however it ends.
///
/// To mount one needs root, or a `sudo` that asks for no password.
#[derive(Debug)]
pub struct SmallDisk {
    directory: PathBuf,
    _user: File,
}

impl SmallDisk {
    /// Mounts one of so many KiB.
    #[must_use]
    pub fn mount(kibibytes: u32) -> Self {
        let directory =
            tempfile::Builder::new().prefix("migrate-testkit-disk-").tempdir().expect("tempdir").keep();
        let disk = Self { _user: use_directory(&directory), directory };
        std::fs::create_dir(disk.path()).expect("mount point");
        let unmount = as_root(&["umount", "--lazy", &disk.path().display().to_string()]);
        Guard { directory: &disk.directory, linger: 0, remove_directory: true, stop: &unmount }.start();
        let size = format!("size={kibibytes}k,mode=777");
        let mount =
            as_root(&["mount", "-t", "tmpfs", "-o", &size, "tmpfs", &disk.path().display().to_string()]);
        let output = Command::new(&mount[0]).args(&mount[1..]).output().expect("mount");
        assert!(
            output.status.success(),
            "`{}` failed: {}the tests need root, `docker run --cap-add SYS_ADMIN`, or\n\
             echo \"$USER ALL=(root) NOPASSWD: $(command -v mount), $(command -v umount)\" \
             | sudo tee /etc/sudoers.d/migrate-tests",
            mount.join(" "),
            String::from_utf8_lossy(&output.stderr),
        );
        disk
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.directory.join("disk")
    }

    /// An SQLite database on it.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::on_sqlite(None, sqlite_url(&self.path().join("test.db")))
    }

    /// Takes all space that is left but for so many KiB.
    ///
    /// Others may write meanwhile: what is left then is theirs and less.
    pub fn fill(&self, leave: u32) {
        let reserve = self.write("reserve", u64::from(leave) * 1024);
        self.write("ballast", u64::MAX);
        drop(reserve);
        let _ = std::fs::remove_file(self.path().join("reserve"));
    }

    /// Gives the space back.
    pub fn free(&self) {
        let _ = std::fs::remove_file(self.path().join("ballast"));
    }

    /// Appends up to so many bytes to a file, as far as they fit.
    fn write(&self, name: &str, bytes: u64) -> File {
        let path = self.path().join(name);
        let mut file = File::options().create(true).append(true).open(path).expect("a file on the disk");
        let (block, mut left) = ([b'.'; 4096], bytes);
        while left > 0 {
            match file.write(&block[..block.len().min(usize::try_from(left).unwrap_or(block.len()))]) {
                Ok(count) => left -= count as u64,
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => panic!("the small disk: {error}"),
            }
        }
        file
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmount = as_root(&["umount", "--lazy", &self.path().display().to_string()]);
        let _ = Command::new(&unmount[0]).args(&unmount[1..]).status();
    }
}

fn as_root(words: &[&str]) -> Vec<String> {
    let sudo: &[&str] = if is_root() { &[] } else { &["sudo", "--non-interactive"] };
    let program = on_path(words[0], "mount").display().to_string();
    sudo.iter()
        .map(ToString::to_string)
        .chain([program])
        .chain(words[1..].iter().map(ToString::to_string))
        .collect()
}
