//! A detached process that stops a server when nobody uses it any more.
//!
//! Each user of a server holds a shared `flock` on a file for as long as its process lives; the kernel drops it
//! however that process ends, `kill -9` included. The guard waits until it could have that lock for itself.
//! It is a session of its own, so that Ctrl-C and a test runner that kills process groups pass it by.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::on_path;

/// `$1` is the directory, `$2` the seconds to linger, `$3` whether to remove the directory; the rest stops the
/// server. `start.lock` is held while it stops, so that a new user waits and then starts another.
const SCRIPT: &str = r#"
directory=$1; linger=$2; remove=$3; shift 3
exec 9>"$directory/guard.lock"
flock --nonblock 9 || exit 0
while :; do
    flock --exclusive "$directory/users.lock" true
    sleep "$linger"
    exec 8>"$directory/start.lock"
    flock --exclusive 8
    if flock --exclusive --nonblock "$directory/users.lock" true; then
        "$@" 8>&- 9>&-
        rm -rf "$directory/ready" "$directory/data"
        [ "$remove" = yes ] && rm -rf "$directory"
        exit 0
    fi
    exec 8>&-
done
"#;

/// What a guard does for whom.
pub(super) struct Guard<'a> {
    pub(super) directory: &'a Path,
    /// Seconds between the last user's end and the server's.
    pub(super) linger: u32,
    pub(super) remove_directory: bool,
    pub(super) stop: &'a [String],
}

impl Guard<'_> {
    /// Starts the guard; when there is one already, the new one notices and ends at once.
    pub(super) fn start(&self) {
        on_path("flock", "util-linux");
        let remove = if self.remove_directory { "yes" } else { "no" };
        Command::new(on_path("setsid", "util-linux"))
            .args(["--fork", "sh", "-c", SCRIPT, "testkit-guard"])
            .arg(self.directory)
            .args([&self.linger.to_string(), remove])
            .args(self.stop)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("setsid starts");
    }
}

/// A lock file in a directory that a guard watches.
pub(super) fn lock_file(directory: &Path, name: &str) -> File {
    let path: PathBuf = directory.join(name);
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Declares this process a user of the directory's server for as long as the file lives.
pub(super) fn use_directory(directory: &Path) -> File {
    let users = lock_file(directory, "users.lock");
    users.lock_shared().expect("users.lock");
    users
}
