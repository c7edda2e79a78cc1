//! What the measured programs share: the arguments, the clock and the output.
//!
//! A program is called as `<program> <work> <server> <address> <repeats>` and prints one line for each repeat: the
//! nanoseconds spent connecting and the nanoseconds spent working, with a space between. The driver does the
//! statistics.

use std::time::Instant;

/// What to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Whatever the tool does at start-up to bring a database to the newest revision.
    Migrate,
    /// The same with all migrations in one transaction.
    MigrateAtOnce,
    /// Only the check that nothing is to be done.
    Check,
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// A PostgreSQL URL.
    Postgres(String),
    /// The path of an SQLite file.
    Sqlite(String),
}

/// The command line of a measured program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What to measure.
    pub work: Work,
    /// Against which server.
    pub server: Server,
    /// How often, each on a fresh connection.
    pub repeats: u32,
}

impl Job {
    /// Reads the command line.
    ///
    /// # Panics
    ///
    /// When it is not of the form above.
    #[must_use]
    pub fn from_args() -> Self {
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        let [work, server, address, repeats] = &arguments[..] else {
            panic!("usage: <migrate|migrate-at-once|check> <postgres|sqlite> <address> <repeats>");
        };
        let work = match work.as_str() {
            "migrate" => Work::Migrate,
            "migrate-at-once" => Work::MigrateAtOnce,
            "check" => Work::Check,
            other => panic!("unknown work `{other}`"),
        };
        let server = match server.as_str() {
            "postgres" => Server::Postgres(address.clone()),
            "sqlite" => Server::Sqlite(address.clone()),
            other => panic!("unknown server `{other}`"),
        };
        Self { work, server, repeats: repeats.parse().expect("a number of repeats") }
    }

    /// Connects and works as often as asked for, and prints how long each took.
    pub fn measure<C>(&self, connect: impl Fn(&str) -> C, work: impl Fn(&mut C)) {
        let (Server::Postgres(address) | Server::Sqlite(address)) = &self.server;
        for _ in 0..self.repeats {
            let start = Instant::now();
            let mut connection = connect(address);
            let connected = Instant::now();
            work(&mut connection);
            let done = Instant::now();
            println!("{} {}", (connected - start).as_nanos(), (done - connected).as_nanos());
        }
    }
}
