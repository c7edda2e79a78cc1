//! A fresh project for one page: a workspace with a migrations crate in it, and a shell.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use migrate_cli::ui::{Signals, Stream, World};
use migrate_tests::testkit::{Database, Postgres};
use tempfile::TempDir;

/// The servers that each page is run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Sqlite,
    Postgres,
}

impl Server {
    /// Its name in `<!-- on: … -->`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A directory with a project and what its shell needs; gone with the value.
pub(crate) struct Project {
    home: TempDir,
    url: String,
    _database: Option<Database>,
}

/// What a script printed, on stdout and on stderr as they came, and its exit code.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) text: String,
    pub(crate) code: Option<i32>,
}

impl Project {
    pub(crate) fn new(server: Server) -> Self {
        let home = tempfile::Builder::new().prefix("guide").tempdir().expect("a directory");
        let (url, database) = match server {
            Server::Sqlite => ("sqlite://app.db".to_owned(), None),
            Server::Postgres => {
                let database = Postgres::shared().database();
                // What the testkit puts into every database is in the way of one that has to be empty.
                database.execute("DROP TABLE applied_log");
                (database.url().to_owned(), Some(database))
            }
        };
        let project = Self { home, url, _database: database };
        project.write_surroundings();
        project.init();
        project
    }

    /// Where the page's commands run.
    pub(crate) fn root(&self) -> PathBuf {
        self.path("shop")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs a block of a page. The directory and the variables are those in which the block before has ended.
    pub(crate) fn run(&self, script: &str) -> Told {
        let state = self.path("state");
        let mut text = String::new();
        if state.exists() {
            let _ = writeln!(text, ". {}", state.display());
        }
        let _ =
            writeln!(text, "trap '{{ export -p; printf \"cd %q\\n\" \"$PWD\"; }} >{}' EXIT", state.display());
        let _ = writeln!(text, "exec 2>&1\nset -eo pipefail\n{script}");
        let output = self.shell().args(["-c", &text]).output().expect("bash");
        Told { text: String::from_utf8_lossy(&output.stdout).into_owned(), code: output.status.code() }
    }

    fn shell(&self) -> Command {
        let inherited = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("bash");
        shell
            .current_dir(self.root())
            .stdin(Stdio::null())
            .env("PATH", format!("{}:{inherited}", self.path("bin").display()))
            .env("DATABASE_URL", &self.url)
            .env("GIT_CONFIG_GLOBAL", self.path("gitconfig"))
            .env("CARGO_NET_OFFLINE", "true")
            .env("LC_ALL", "C.UTF-8");
        // What cargo and nextest tell the programs they start is about this package and not about the project.
        for (name, _) in std::env::vars() {
            let of_cargo = name.starts_with("CARGO") && name != "CARGO_HOME" && name != "CARGO_NET_OFFLINE";
            if of_cargo || ["MIGRATE_", "POSTGRES_", "NEXTEST"].iter().any(|start| name.starts_with(start)) {
                shell.env_remove(name);
            }
        }
        shell
    }

    /// `migrate`, cargo's settings, and somebody to commit as.
    fn write_surroundings(&self) {
        let target = target();
        self.write("bin/migrate", &wrapper(&target, &self.path("program"), &self.root()));
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path("bin/migrate"), executable).expect("an executable");
        let config = format!(
            "[build]\ntarget-dir = \"{}\"\nincremental = false\n{}",
            target.display(),
            workspace_profile()
        );
        self.write(".cargo/config.toml", &config);
        self.write(
            "gitconfig",
            "[user]\nname = Ann\nemail = ann@example.org\n[init]\ndefaultBranch = main\n",
        );
    }

    /// What `migrate init --server sqlite,postgres shop` makes, with the repository's versions of all dependencies.
    fn init(&self) {
        let checkout = workspace().display().to_string();
        let arguments = ["migrate", "init", "--checkout", &checkout, "--server", "sqlite,postgres", "shop"];
        let world = World {
            variables: std::env::vars().collect(),
            directory: self.home.path().to_owned(),
            now: std::time::SystemTime::now(),
            stdin: Box::new(std::io::empty()),
            stdin_is_terminal: false,
            signals: Signals::Left,
        };
        let [stdout, stderr] = [Stream::stdout(), Stream::stderr()];
        let code = migrate_cli::run_with(migrations_crate::MANIFEST, arguments, world, stdout, stderr);
        assert_eq!(code, 0, "init");
        std::fs::copy(workspace().join("Cargo.lock"), self.path("shop/Cargo.lock")).expect("Cargo.lock");
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }
}

/// The repository.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace")
}

/// All projects are built in one folder, so that what they depend on is built once.
fn target() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().expect("`tmp` is in the target directory").join("guide")
}

fn workspace_profile() -> &'static str {
    "[profile.dev]\ndebug = \"line-tables-only\"\n[profile.dev.package.\"*\"]\ndebug = false\n"
}

/// `cargo run -q -p migrations --`, which asks cargo only where a source is newer than the program.
///
/// In the shared folder the next project's program takes its place, so it is copied while the lock is held. To cargo the
/// crates of all projects are one and the same, for they lie at the same place in their workspaces; what is touched is
/// compiled again. What the compiler only warns of is no output of the program's.
fn wrapper(target: &Path, program: &Path, root: &Path) -> String {
    format!(
        r#"#!/usr/bin/env bash
set -eu
if [ ! -e {program} ] || [ -n "$(find {root} -name .git -prune -o -newer {program} ! -name '*.db*' ! -path {root} -print -quit)" ]; then
    mkdir -p {target}
    exec 9>{target}/guide.lock
    flock 9
    find {root} -name '*.rs' -exec touch {{}} +
    touch {program}.asked
    (cd {root} && cargo build --quiet --package migrations) 2>{program}.said || {{ cat {program}.said >&2; exit 101; }}
    cp {target}/debug/migrate {program}
    touch --reference={program}.asked {program}
    flock --unlock 9
    exec 9>&-
fi
CARGO=cargo CARGO_PKG_NAME=migrations exec -a migrate {program} "$@"
"#,
        program = program.display(),
        target = target.display(),
        root = root.display(),
    )
}
