//! A directory outside of this workspace that takes the framework from its packages.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::packages::{PUBLISHED, cargo, succeed, unpack, workspace};

/// The packages, unpacked, and the program of one of them; gone with the value.
///
/// The directory has the same name each time, as its path is part of what Cargo knows a built crate by. One process
/// at a time has it.
pub(crate) struct Away {
    home: PathBuf,
    target: PathBuf,
    _alone: File,
}

/// What a program has printed.
pub(crate) struct Told {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Away {
    /// Unpacks the crates, and builds the program that `cargo install migrate-cli` would install.
    pub(crate) fn new() -> Self {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let target = temporary.parent().expect("`tmp` is in the target directory").join("init");
        fs::create_dir_all(&target).expect("a target directory");
        let alone = File::create(target.join("alone.lock")).expect("a file to lock");
        alone.lock().expect("a lock");
        let mut hasher = DefaultHasher::new();
        target.hash(&mut hasher);
        let home = std::env::temp_dir().join(format!("migrate-packages-{:016x}", hasher.finish()));
        if home.exists() {
            fs::remove_dir_all(&home).expect("what a killed run has left can go");
        }
        fs::create_dir(&home).expect("a directory");
        let away = Self { home, target, _alone: alone };
        let packages = unpack(&away.home);
        away.configure(&packages);
        let cli = packages.last().expect("the command line");
        fs::copy(workspace().join("Cargo.lock"), cli.join("Cargo.lock")).expect("Cargo.lock");
        succeed(cargo().current_dir(cli).args(["build", "--quiet", "--bins", "--features", "postgres"]));
        away
    }

    /// A path among the projects.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.join("projects").join(name)
    }

    /// Writes a file of a project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Runs the packaged program's `init` in a directory, made if need be, and gives it the versions to build with.
    pub(crate) fn init(&self, directory: &Path, arguments: &[&str]) -> Told {
        fs::create_dir_all(directory).expect("a directory");
        let mut program = without_cargo(&self.target.join("debug/migrate-cli"));
        // Cargo is asked about workspaces.
        program.env("CARGO", env!("CARGO"));
        let told = told(program.current_dir(directory).arg("init").args(arguments));
        fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock")).expect("Cargo.lock");
        told
    }

    /// Runs `cargo run -p migrations -- ARGUMENTS` in a project; it has to succeed.
    pub(crate) fn run(project: &Path, url: &str, arguments: &[&str]) -> Told {
        let mut command = cargo();
        command
            .current_dir(project)
            .args(["run", "--quiet", "--package", "migrations", "--"])
            .args(arguments);
        told(command.env("DATABASE_URL", url))
    }

    /// Builds a whole project and runs a program of it, which has to succeed.
    ///
    /// An application alone has no command line, so what it shares with one would be compiled once more, with fewer
    /// features.
    pub(crate) fn run_program(&self, project: &Path, name: &str, url: &str) -> Told {
        succeed(cargo().current_dir(project).args(["build", "--quiet", "--workspace"]));
        told(
            without_cargo(&self.target.join("debug").join(name))
                .current_dir(project)
                .env("DATABASE_URL", url),
        )
    }

    /// What Cargo reads in all directories below: the packages in place of the registry's.
    fn configure(&self, packages: &[PathBuf]) {
        let mut text = format!(
            "[build]\ntarget-dir = \"{}\"\nincremental = false\n[net]\noffline = true\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n\
             [patch.crates-io]\n",
            self.target.display()
        );
        for (name, path) in PUBLISHED.into_iter().zip(packages) {
            let _ = writeln!(text, "{name} = {{ path = \"{}\" }}", path.display());
        }
        let directory = self.home.join(".cargo");
        fs::create_dir(&directory).expect("a directory");
        fs::write(directory.join("config.toml"), text).expect("a file");
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn without_cargo(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in cargo().get_envs() {
        command.env_remove(name);
    }
    command
}

fn told(command: &mut Command) -> Told {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(status.success(), "{command:?}: {status}\n{stdout}{stderr}");
    Told { stdout, stderr }
}
