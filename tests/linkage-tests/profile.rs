use std::path::{Path, PathBuf};
use std::process::Command;

/// The profiles of `tests/linkage/Cargo.toml`.
pub(crate) const PROFILES: [&str; 5] = ["dev", "release", "fat-lto", "thin-lto", "smallest"];

/// The workspace, built in one profile.
pub(crate) struct Workspace {
    profile: &'static str,
    target: PathBuf,
}

impl Workspace {
    pub(crate) fn build(profile: &'static str) -> Self {
        let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let target = temporary.parent().expect("`tmp` is in the target directory").join("linkage");
        let workspace = Self { profile, target };
        succeed(workspace.cargo("build").args(["--workspace", "--lib", "--bins", "--examples"]));
        std::fs::create_dir_all(workspace.output("c")).expect("a directory for the C programs");
        workspace
    }

    /// A cargo command in the workspace.
    pub(crate) fn cargo(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(source(""))
            .args([verb, "--quiet", "--profile", self.profile])
            .env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// A path in this profile's part of the target directory.
    pub(crate) fn output(&self, path: &str) -> PathBuf {
        let folder = if self.profile == "dev" { "debug" } else { self.profile };
        self.target.join(folder).join(path)
    }
}

/// A path among the sources.
pub(crate) fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("linkage").join(path)
}

/// Runs a command that has to succeed.
pub(crate) fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}
