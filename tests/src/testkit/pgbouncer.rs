//! A connection pooler in front of a server.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::{Connection as _, PgConnection};

use super::database::Database;
use super::guard::{Guard, use_directory};
use super::postgres::{Postgres, free_port};
use super::program::{on_path, server_command, server_directory};

/// When PgBouncer takes a server connection back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// After each transaction: a session moves between server connections.
    Transaction,
    /// When the client leaves.
    Session,
}

/// A running PgBouncer, stopped when the value is dropped or its process ends.
#[derive(Debug)]
pub struct PgBouncer {
    directory: PathBuf,
    port: u16,
    _user: std::fs::File,
}

impl PgBouncer {
    /// Starts one in front of a server, with at most `servers` connections to each database.
    #[must_use]
    pub fn start(server: &Postgres, mode: PoolMode, servers: u32) -> Self {
        let program = on_path("pgbouncer", "pgbouncer");
        let directory =
            tempfile::Builder::new().prefix("migrate-testkit-pgb-").tempdir().expect("tempdir").keep();
        server_directory(&directory);
        let users = use_directory(&directory);
        let port = free_port();
        let (user, password) = Postgres::superuser();
        let path = |name: &str| directory.join(name).display().to_string();
        let mut ini = format!("[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\n", server.port());
        for (name, value) in [
            ("listen_addr", "127.0.0.1".to_owned()),
            ("listen_port", port.to_string()),
            ("unix_socket_dir", String::new()),
            ("auth_type", "trust".to_owned()),
            ("auth_file", path("users.txt")),
            ("logfile", path("log.txt")),
            ("pidfile", path("pid")),
            ("pool_mode", if mode == PoolMode::Transaction { "transaction" } else { "session" }.to_owned()),
            ("default_pool_size", servers.to_string()),
            ("max_client_conn", "200".to_owned()),
            ("ignore_startup_parameters", "extra_float_digits".to_owned()),
        ] {
            let _ = writeln!(ini, "{name} = {value}");
        }
        std::fs::write(directory.join("users.txt"), format!("\"{user}\" \"{password}\"\n")).expect("users");
        std::fs::write(directory.join("pgbouncer.ini"), ini).expect("ini");
        let kill = format!("kill -9 $(cat '{}')", path("pid"));
        let stop = ["sh".to_owned(), "-c".to_owned(), kill];
        Guard { directory: &directory, linger: 0, remove_directory: true, stop: &stop }.start();
        let status = server_command(&program)
            .args(["--daemon", "--quiet"])
            .arg(directory.join("pgbouncer.ini"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{}", log(&directory));
        let bouncer = Self { directory, port, _user: users };
        bouncer.wait();
        bouncer
    }

    /// The URL of a database through the pooler.
    #[must_use]
    pub fn url(&self, database: &Database) -> String {
        let (user, password) = Postgres::superuser();
        let (_, name) = database.url().rsplit_once('/').expect("a database in the URL");
        format!("postgres://{user}:{password}@127.0.0.1:{}/{name}", self.port)
    }

    fn wait(&self) {
        let started = Instant::now();
        let (user, password) = Postgres::superuser();
        let url = format!("postgres://{user}:{password}@127.0.0.1:{}/postgres", self.port);
        while PgConnection::establish(&url).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "{}", log(&self.directory));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(self.directory.join("pid")) {
            let _ = Command::new("kill").args(["-9", pid.trim()]).status();
        }
    }
}

fn log(directory: &std::path::Path) -> String {
    let log = std::fs::read_to_string(directory.join("log.txt")).unwrap_or_default();
    format!("PgBouncer does not answer: {log}")
}
