use std::io;
use std::path::PathBuf;

/// Why no crate was made; nothing is left of it.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The name cannot be a package's.
    #[error("`{name}` cannot be the name of a package")]
    Name {
        /// The name.
        name: String,
    },
    /// The directory holds something, and no Cargo project.
    #[error("{} is neither empty nor in a Cargo project", directory.display())]
    NotEmpty {
        /// The directory.
        directory: PathBuf,
        /// Some of what it holds, sorted.
        holds: Vec<String>,
    },
    /// What is to be made is there.
    #[error("{} is there already", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{} could not be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The workspace's Cargo.toml is not understood.
    #[error("{} cannot be read as TOML", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<toml_edit::TomlError>,
    },
    /// The workspace's Cargo.toml has something else where its members are listed.
    #[error("`members` of the workspace in {} is no list", path.display())]
    Members {
        /// The file.
        path: PathBuf,
    },
    /// Cargo could not be started.
    #[error("`{}` could not be started", program.display())]
    NoCargo {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Cargo does not accept the workspace as it is, or as it would be.
    #[error("cargo refuses the workspace in {}", root.display())]
    Refused {
        /// The workspace.
        root: PathBuf,
        /// What cargo said.
        source: CargoSays,
    },
    /// The new crate does not belong to the workspace.
    #[error("{} would not be a member of the workspace in {}", package.display(), root.display())]
    NotAMember {
        /// The crate.
        package: PathBuf,
        /// The workspace.
        root: PathBuf,
    },
    /// The checkout to take the framework from is none.
    #[error("{} does not hold migrate-core and migrate-cli", path.display())]
    NoCheckout {
        /// The directory.
        path: PathBuf,
    },
}

/// What cargo said on stderr.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CargoSays(pub(super) String);
