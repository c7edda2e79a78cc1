//! The texts of the files.

use std::fmt::Write as _;
use std::path::PathBuf;

/// The version of Diesel that the framework is built with.
const DIESEL: &str = "2.3";

/// A server that a program is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Server {
    /// SQLite, compiled in
    Sqlite,
    /// PostgreSQL, with the system's libpq
    Postgres,
}

impl Server {
    /// The name of its feature.
    #[must_use]
    pub fn feature(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Where the crates of the framework come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The registry, in this program's version.
    Registry,
    /// A checkout of the framework: its directory.
    Checkout(PathBuf),
}

impl Source {
    fn of(&self, name: &str) -> String {
        match self {
            Self::Registry => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
            Self::Checkout(directory) => {
                let path = directory.join(name).to_string_lossy().replace('\\', "/");
                format!("path = {}", toml_edit::Value::from(path))
            }
        }
    }
}

/// Whether Cargo takes a name for a package, and rustc for a crate.
pub(super) fn is_package_name(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
    let rest = letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    let is_crate = syn::parse_str::<syn::Ident>(&name.replace('-', "_")).is_ok();
    first && rest && is_crate && !["core", "std", "alloc", "test", "proc_macro"].contains(&name)
}

/// The files of a new workspace with one member.
pub(super) fn workspace(member: &str) -> [(&'static str, String); 3] {
    let manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [\"{member}\"]\n");
    let ignored = "/target\n*.db\n*.db-journal\n*.db-shm\n*.db-wal\n.env\n".to_owned();
    let example = "\
# Copy this to .env; the real environment wins over it.
DATABASE_URL=sqlite://app.db
# DATABASE_URL=postgres://app:secret@localhost/app
"
    .to_owned();
    [("Cargo.toml", manifest), (".gitignore", ignored), (".env.example", example)]
}

/// The files of the crate.
pub(super) fn package(name: &str, servers: &[Server], source: &Source) -> [(&'static str, String); 5] {
    let crate_name = name.replace('-', "_");
    let program = format!("cargo run -p {name} --");
    let library = format!(
        "\
//! The migrations of this project's database, one file each in `src/versions`.
//!
//! `{program} new \"create users\"` writes one, and the next build has it.

/// The connection that they run on: whichever server the database's URL names.
pub type Connection = migrate_core::AnyConnection;

migrate_core::migrations!(\"src/versions\");
"
    );
    let main = format!(
        "\
//! The command line over these migrations: `{program} --help`.

fn main() -> std::process::ExitCode {{
    migrate_cli::run({crate_name}::MANIFEST)
}}
"
    );
    let build = "\
//! Has Cargo notice a new migration.

fn main() {
    println!(\"cargo::rerun-if-changed=src/versions\");
}
"
    .to_owned();
    [
        ("Cargo.toml", manifest(name, servers, source)),
        ("build.rs", build),
        ("src/lib.rs", library),
        ("src/main.rs", main),
        // Git knows no empty directories.
        ("src/versions/.gitkeep", String::new()),
    ]
}

fn manifest(name: &str, servers: &[Server], source: &Source) -> String {
    let mut text = format!(
        "\
[package]
name = \"{name}\"
version = \"0.1.0\"
edition = \"2024\"
publish = false

# `cargo run -p {name} -- upgrade` runs this program. An application links the library alone:
# {name} = {{ path = \"{name}\", default-features = false, features = [\"{}\"] }}
[[bin]]
name = \"migrate\"
path = \"src/main.rs\"
required-features = [\"cli\"]

[features]
",
        servers.first().map_or("sqlite", |server| server.feature()),
    );
    let default: Vec<_> = servers.iter().map(|server| format!("\"{}\"", server.feature())).collect();
    let _ = writeln!(text, "default = [\"cli\", {}]\ncli = [\"dep:migrate-cli\"]", default.join(", "));
    for server in [Server::Sqlite, Server::Postgres].map(Server::feature) {
        let _ = writeln!(
            text,
            "{server} = [\"migrate-core/{server}\", \"migrate-cli?/{server}\", \"diesel/{server}\"]"
        );
    }
    text.push_str("postgres-bundled = [\"postgres\", \"migrate-core/postgres-bundled\"]\n");
    let _ = write!(
        text,
        "\
\n[dependencies]
# What a migration's own `table!` and typed queries need; add Diesel's features here (chrono, uuid, serde_json, …).
diesel = {{ version = \"{DIESEL}\", default-features = false }}
migrate-cli = {{ {}, default-features = false, optional = true }}
migrate-core = {{ {}, default-features = false }}
",
        source.of("migrate-cli"),
        source.of("migrate-core"),
    );
    text
}
