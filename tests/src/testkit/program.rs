//! Programs of the system: where they are, and as whom they run.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The user that server programs run as when the tests run as root, whom they refuse to serve.
const SERVER_USER: &str = "postgres";

/// Whose server programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Release {
    /// The newest that the machine has.
    Machine,
    /// What `scripts/postgres-18.sh` installs.
    Eighteen,
}

impl Release {
    /// The path of one of its programs; fails with the command that installs it.
    pub(super) fn program(self, name: &str) -> PathBuf {
        match self {
            Self::Machine => machine_program(name),
            Self::Eighteen => eighteen_program(name),
        }
    }
}

/// Debian keeps the server's own programs outside of `PATH`.
fn machine_program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            let program = version.path().join("bin").join(name);
            program.exists().then_some((number, program))
        })
        .collect();
    found.sort();
    found.pop().map_or_else(|| on_path(name, "postgresql"), |(_, program)| program)
}

/// The directory is the one that `scripts/postgres-18.sh` chooses.
fn eighteen_program(name: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let directory = match std::env::var_os("MIGRATE_PG18").filter(|directory| !directory.is_empty()) {
        Some(directory) => directory.into(),
        None if is_root() => PathBuf::from("/var/cache/migrate/postgres-18"),
        None => workspace.join("target/postgres-18"),
    };
    let program = directory.join("bin").join(name);
    let script = workspace.join("scripts/postgres-18.sh");
    assert!(program.exists(), "{} is missing, install it: {}", program.display(), script.display());
    program
}

/// The path of a program on `PATH` or in `/usr/sbin`; fails with the package that holds it.
pub(super) fn on_path(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|directory| directory.join(name))
        .find(|program| program.exists())
        .unwrap_or_else(|| panic!("`{name}` is not installed: sudo apt-get install {package}"))
}

/// Whether this process is root.
pub(super) fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// The words that run a program as the server's user.
pub(super) fn as_server_user(program: &Path) -> Vec<String> {
    let program = program.display().to_string();
    if !is_root() {
        return vec![program];
    }
    let words = ["setpriv", "--reuid", SERVER_USER, "--regid", SERVER_USER, "--init-groups"];
    words.iter().map(ToString::to_string).chain([program]).collect()
}

/// A command that runs a program as the server's user.
pub(super) fn server_command(program: &Path) -> Command {
    let words = as_server_user(program);
    let mut command = Command::new(&words[0]);
    // English messages, and no setting of the developer's own.
    command.args(&words[1..]).env("LC_ALL", "C").current_dir("/");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PG")) {
        command.env_remove(name);
    }
    command
}

/// Creates a directory that the server's user owns.
pub(super) fn server_directory(path: &Path) {
    let mut command = Command::new("install");
    command.args(["-d", "-m", "700"]);
    if is_root() {
        command.args(["-o", SERVER_USER, "-g", SERVER_USER]);
    }
    run(command.arg(path));
}

/// Runs a command to its end; fails with everything it said.
pub(super) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed with {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
