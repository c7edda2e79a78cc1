//! A project with the script in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Where the script stands in a project.
const SCRIPT: &str = "scripts/migrations/db-migrate.sh";

/// Tells how it was called: its arguments, each in brackets, then the variables that name a database.
const TELLER: &str = r#"#!/bin/sh
printf '%s:' "$(basename "$0")"
for argument; do printf ' [%s]' "$argument"; done
printf '\n%s\n' "$PWD"
env | grep -E '^(DATABASE_URL|POSTGRES_|NOTE)' | sort
exit "${TELL_CODE:-0}"
"#;

/// What the script and the teller may use; whatever else this machine has is not on the `PATH`.
const TOOLS: [&str; 8] = ["basename", "bash", "cat", "dirname", "env", "grep", "readlink", "sort"];

pub(crate) struct Project {
    directory: TempDir,
}

/// What came of a call.
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// A project with this `.env`, and with programs of these names on the `PATH`.
    pub(crate) fn new(dot_env: &str, programs: &[&str]) -> Self {
        let project = Self { directory: tempfile::tempdir().unwrap() };
        let script = project.root().join(SCRIPT);
        fs::create_dir_all(script.parent().unwrap()).unwrap();
        fs::copy(original(), script).unwrap();
        if !dot_env.is_empty() {
            fs::write(project.root().join(".env"), dot_env).unwrap();
        }
        fs::create_dir(project.root().join("bin")).unwrap();
        for tool in TOOLS {
            symlink(on_path(tool), project.root().join("bin").join(tool)).unwrap();
        }
        for program in programs {
            let path = project.root().join("bin").join(program);
            fs::write(&path, TELLER).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        project
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    /// The script, called from elsewhere, in an environment of its own.
    pub(crate) fn script(&self) -> Command {
        self.call(&self.root().join(SCRIPT))
    }

    /// The same by another path.
    pub(crate) fn call(&self, path: &Path) -> Command {
        let mut command = Command::new(path);
        command.current_dir("/").env_clear().env("PATH", self.root().join("bin"));
        command
    }

    /// What the program `tool` is told when the script is called with `arguments`: the first line of it.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        let told = run(self.script().env("MIGRATE_BIN", "tool").args(arguments));
        told.stdout.lines().next().unwrap_or_default().to_owned()
    }
}

fn on_path(tool: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|directory| directory.join(tool)).find(|path| path.is_file()).unwrap()
}

/// The script in this workspace.
pub(crate) fn original() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(SCRIPT)
}

pub(crate) fn run(command: &mut Command) -> Told {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Told {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}
