//! Fresh databases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where databases are made.
pub struct Servers {
    scratch: PathBuf,
    socket: String,
    port: String,
}

/// A database.
pub enum Address {
    /// The file.
    Sqlite(PathBuf),
    /// Name and URL.
    Postgres { name: String, url: String },
}

impl Address {
    /// The server as the programs know it.
    pub fn server(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres { .. } => "postgres",
        }
    }

    /// The address as the programs know it.
    pub fn text(&self) -> String {
        match self {
            Self::Sqlite(path) => path.display().to_string(),
            Self::Postgres { url, .. } => url.clone(),
        }
    }
}

impl Servers {
    pub fn new(scratch: PathBuf, socket: String, port: String) -> Self {
        fs::create_dir_all(&scratch).expect("the scratch directory");
        Self { scratch, socket, port }
    }

    /// Makes an empty database, and lets the disk come to rest.
    pub fn fresh(&self, server: &str, name: &str) -> Address {
        let name = format!("peers_{}", name.replace('-', "_"));
        let address = if server == "sqlite" {
            Address::Sqlite(self.scratch.join(format!("{name}.db")))
        } else {
            let (socket, port) = (&self.socket, &self.port);
            let url = format!("postgres:///{name}?host={socket}&port={port}&user=postgres");
            Address::Postgres { name, url }
        };
        self.drop(&address);
        if let Address::Postgres { name, .. } = &address {
            self.psql("postgres", &["-c", &format!("CREATE DATABASE {name}")]);
        }
        self.settle(&address);
        address
    }

    /// Writes out what is still to be written, so that it is not on the next one's account.
    pub fn settle(&self, address: &Address) {
        if let Address::Postgres { name, .. } = address {
            self.psql(name, &["-c", "CHECKPOINT"]);
        }
        assert!(Command::new("sync").status().expect("sync").success());
    }

    /// Removes a database if it is there.
    pub fn drop(&self, address: &Address) {
        match address {
            Address::Sqlite(path) => {
                for suffix in ["", "-journal", "-wal", "-shm"] {
                    let _ = fs::remove_file(format!("{}{suffix}", path.display()));
                }
            }
            Address::Postgres { name, .. } => {
                self.psql("postgres", &["-c", &format!("DROP DATABASE IF EXISTS {name}")]);
            }
        }
    }

    /// Runs a script against a database.
    pub fn psql_file(&self, address: &Address, file: &Path) {
        let Address::Postgres { name, .. } = address else { panic!("psql is for PostgreSQL") };
        self.psql(name, &["-f", file.to_str().expect("a path")]);
    }

    fn psql(&self, database: &str, arguments: &[&str]) {
        let status = Command::new("psql")
            .env("PGOPTIONS", "-c client_min_messages=warning")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", &self.socket, "-p", &self.port])
            .args(["-U", "postgres", "-d", database])
            .args(arguments)
            .stdout(Stdio::null())
            .status()
            .expect("psql");
        assert!(status.success(), "psql {arguments:?} on {database}");
    }
}
