use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crates that are published; each depends on some of those before it.
pub(crate) const PUBLISHED: [&str; 4] = ["migrate-macros", "migrate-core", "migrations-crate", "migrate-cli"];

/// Packs the crates as `cargo publish` does and unpacks them in a directory, each in one of its own.
///
/// The packed files carry a time of 2006, with which Cargo would take what it has built of others before for these.
/// So those unpacked get the present.
pub(crate) fn unpack(directory: &Path) -> Vec<PathBuf> {
    let packed = directory.join("packed");
    let mut command = cargo();
    command.current_dir(workspace()).args([
        "package",
        "--quiet",
        "--no-verify",
        "--offline",
        "--allow-dirty",
    ]);
    command.arg("--target-dir").arg(&packed);
    for name in PUBLISHED {
        command.args(["--package", name]);
    }
    succeed(&mut command);
    let unpacked = PUBLISHED.map(|name| {
        let stem = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
        let archive = packed.join("package").join(format!("{stem}.crate"));
        succeed(Command::new("tar").arg("-xmzf").arg(archive).arg("-C").arg(directory));
        directory.join(stem)
    });
    fs::remove_dir_all(packed).expect("the packed crates can go");
    unpacked.to_vec()
}

/// Cargo, in an environment that does not tell it about this test's own package.
///
/// What Cargo and nextest tell the programs that they start is inherited; `init` would take this checkout for its own,
/// and a target directory for all would be that of the whole.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars() {
        let is_told = name.starts_with("CARGO") && name != "CARGO_HOME";
        if is_told || ["DATABASE_", "MIGRATE_", "POSTGRES_", "NEXTEST"].iter().any(|it| name.starts_with(it))
        {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command that has to succeed.
pub(crate) fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The checkout.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}
