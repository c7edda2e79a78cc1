//! Throw-away PostgreSQL servers.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::fs::File;
use std::hash::{Hash as _, Hasher as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use diesel::{Connection as _, PgConnection};

use super::database::{self, Database};
use super::guard::{Guard, lock_file, use_directory};
use super::program::{self, Release, as_server_user, server_command};

/// The password of the superuser `postgres`, over TCP.
const PASSWORD: &str = "testkit";

/// Seconds that the shared server outlives its last user: nextest starts a process for each test.
const LINGER: u32 = 5;

/// A running PostgreSQL server.
///
/// TCP connections need the password (`scram-sha-256`), so that a wrong one is refused as in production.
/// Every setting that makes a commit durable keeps its default.
#[derive(Debug)]
pub struct Postgres {
    cluster: Cluster,
    port: u16,
    /// Held for the guard to see.
    _user: File,
}

impl Postgres {
    /// The server that all test processes of this workspace share; started by the first, stopped a few seconds
    /// after the last has ended, however it ended.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::for_all_processes(Release::Machine))
    }

    /// A server of PostgreSQL 18, shared in the same way; `scripts/postgres-18.sh` installs its programs.
    ///
    /// For what differs between major versions, and is to be seen on both.
    pub fn eighteen() -> &'static Self {
        static EIGHTEEN: OnceLock<Postgres> = OnceLock::new();
        EIGHTEEN.get_or_init(|| Self::for_all_processes(Release::Eighteen))
    }

    fn for_all_processes(release: Release) -> Self {
        let cluster = Cluster { release, directory: shared_directory(release) };
        let directory = &cluster.directory;
        let start = lock_file(directory, "start.lock");
        start.lock().expect("start.lock");
        let user = use_directory(directory);
        let ready = directory.join("ready");
        let running = std::fs::read_to_string(&ready).ok().and_then(|port| port.parse().ok());
        let port = match running {
            Some(port) if answers(port) => port,
            _ => {
                cluster.stop();
                let _ = std::fs::remove_dir_all(directory.join("data"));
                let port = cluster.initialise_and_start(&[]);
                std::fs::write(&ready, port.to_string()).expect("ready");
                port
            }
        };
        let stop = cluster.stop_command();
        Guard { directory, linger: LINGER, remove_directory: false, stop: &stop }.start();
        Self { cluster, port, _user: user }
    }

    /// A server for one test alone, which it may configure, stop and kill.
    pub fn own() -> Own {
        Own { settings: Vec::new() }
    }

    /// A fresh database, dropped when the value is.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::on_postgres(self)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A URL of a database for the superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// The superuser's name and password.
    #[must_use]
    pub fn superuser() -> (&'static str, &'static str) {
        ("postgres", PASSWORD)
    }

    /// A standby of this server, which streams from it and may be read: for one test alone.
    ///
    /// It tells each second how far it is, and not each tenth.
    #[must_use]
    pub fn standby(&self) -> Self {
        let (cluster, user) = Cluster::of_one_test();
        let data = cluster.data();
        program::server_directory(&data);
        program::run(
            server_command(&self.cluster.release.program("pg_basebackup"))
                .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"])
                .arg(format!("--pgdata={}", data.display()))
                .arg(format!("--dbname={}", self.url("postgres"))),
        );
        let path = data.join("postgresql.auto.conf");
        let configuration = std::fs::read_to_string(&path).expect("postgresql.auto.conf");
        let own =
            format!("unix_socket_directories = '{}'\nwal_receiver_status_interval = '1s'\n", data.display());
        std::fs::write(&path, configuration + &own).expect("postgresql.auto.conf");
        let port = cluster.start_on_a_free_port();
        let streaming = "SELECT 'yes' FROM pg_stat_replication WHERE state = 'streaming'";
        let mut connection = database::connect(&self.url("postgres"));
        for _ in 0..600 {
            if !database::rows(&mut connection, streaming).is_empty() {
                return Self { cluster, port, _user: user };
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "the standby does not stream: {}",
            std::fs::read_to_string(data.join("log.txt")).unwrap_or_default()
        );
    }

    /// Runs SQL as the superuser in the database `postgres`.
    pub fn execute(&self, sql: &str) {
        database::batch(&mut database::connect(&self.url("postgres")), sql);
    }

    /// Everything the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.cluster.directory.join("data/log.txt")).unwrap_or_default()
    }

    /// Stops the server as a crash would: no checkpoint, every connection is cut.
    pub fn crash(&self) {
        self.cluster.stop();
    }

    /// Starts the server again on the same port and data.
    pub fn start_again(&self) {
        self.cluster.start(self.port).expect("the server starts again");
    }

    /// The same, and for some seconds the server says that it is starting up: what it asks the archive for takes time
    /// and is not there.
    pub fn start_again_slowly(&self) {
        let data = self.cluster.data();
        let path = data.join("postgresql.auto.conf");
        let configuration = std::fs::read_to_string(&path).expect("postgresql.auto.conf");
        std::fs::write(
            &path,
            format!("{configuration}restore_command = 'sleep 2; false'\nhot_standby = off\n"),
        )
        .and_then(|()| std::fs::write(data.join("recovery.signal"), ""))
        .expect("the settings of a recovery");
        self.start_again();
        std::fs::write(&path, configuration).expect("postgresql.auto.conf");
    }
}

/// A server of one's own, before it is started.
#[derive(Debug)]
#[must_use]
pub struct Own {
    settings: Vec<(&'static str, &'static str)>,
}

impl Own {
    /// Adds a line to `postgresql.conf`.
    pub fn setting(mut self, name: &'static str, value: &'static str) -> Self {
        self.settings.push((name, value));
        self
    }

    /// Starts it.
    pub fn start(self) -> Postgres {
        let (cluster, user) = Cluster::of_one_test();
        let port = cluster.initialise_and_start(&self.settings);
        Postgres { cluster, port, _user: user }
    }
}

/// One place per workspace, user and release: several checkouts may test at once. Not below `target`, which a
/// server that runs as another user than root cannot always reach.
fn shared_directory(release: Release) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (env!("CARGO_MANIFEST_DIR"), program::is_root(), release).hash(&mut hasher);
    let directory = std::env::temp_dir().join(format!("migrate-testkit-{:016x}", hasher.finish()));
    std::fs::create_dir_all(&directory).expect("the shared server's directory");
    open_to_all(&directory);
    directory
}

fn open_to_all(directory: &Path) {
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).expect("chmod");
}

fn answers(port: u16) -> bool {
    let url = format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/postgres?connect_timeout=5");
    PgConnection::establish(&url).is_ok()
}

/// A directory with the data of a server, and the programs that run it.
#[derive(Debug)]
struct Cluster {
    release: Release,
    directory: PathBuf,
}

impl Cluster {
    /// An empty directory for a server of one test, which a guard watches from now on; it stays as long as the file.
    fn of_one_test() -> (Self, File) {
        let directory = tempfile::Builder::new().prefix("migrate-testkit-own-").tempdir().expect("tempdir");
        let cluster = Self { release: Release::Machine, directory: directory.keep() };
        let directory = &cluster.directory;
        open_to_all(directory);
        let user = use_directory(directory);
        // The guard first: a server that starts while this process dies is stopped all the same.
        let stop = cluster.stop_command();
        Guard { directory, linger: 0, remove_directory: true, stop: &stop }.start();
        (cluster, user)
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn initialise_and_start(&self, settings: &[(&str, &str)]) -> u16 {
        let (data, password_file) = (self.data(), self.directory.join("password"));
        program::server_directory(&data);
        std::fs::write(&password_file, PASSWORD).expect("password file");
        program::run(
            server_command(&self.release.program("initdb"))
                .args(["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"])
                .args(["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"])
                .arg(format!("--pwfile={}", password_file.display()))
                .arg(format!("--pgdata={}", data.display())),
        );
        let mut configuration = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 200\n\
             shared_buffers = 32MB\nlc_messages = 'C'\nlogging_collector = off\n",
            data.display()
        );
        for (name, value) in settings {
            let _ = writeln!(configuration, "{name} = '{value}'");
        }
        let path = data.join("postgresql.auto.conf");
        std::fs::write(&path, configuration).expect("postgresql.auto.conf");
        self.start_on_a_free_port()
    }

    /// A port that was free a moment ago may be taken now: then another is tried.
    fn start_on_a_free_port(&self) -> u16 {
        let mut failures = Vec::new();
        for _ in 0..5 {
            let port = free_port();
            match self.start(port) {
                Ok(()) => return port,
                Err(failure) => failures.push(failure),
            }
        }
        panic!("PostgreSQL did not start: {}", failures.join("\n"));
    }

    fn start(&self, port: u16) -> Result<(), String> {
        let data = self.data();
        let output = server_command(&self.release.program("pg_ctl"))
            .args(["start", "--wait", "--silent", "--timeout=60"])
            .arg(format!("--pgdata={}", data.display()))
            .arg(format!("--log={}", data.join("log.txt").display()))
            .arg(format!("--options=-p {port}"))
            .output()
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        Err(std::fs::read_to_string(data.join("log.txt"))
            .unwrap_or_else(|_| String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn stop_command(&self) -> Vec<String> {
        let mut words = as_server_user(&self.release.program("pg_ctl"));
        let data = format!("--pgdata={}", self.data().display());
        words.extend(["stop", "--wait", "--silent", "--mode=immediate", &data].map(str::to_owned));
        words
    }

    /// Stops the server, if it runs.
    fn stop(&self) {
        let words = self.stop_command();
        let _ = std::process::Command::new(&words[0]).args(&words[1..]).current_dir("/").output();
    }
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
