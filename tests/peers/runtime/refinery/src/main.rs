//! refinery, measured: the migrations are SQL files.
//!
//! `embed_migrations!` makes one function of all files, which takes LLVM minutes at 1,000 of them. So the files are
//! read before the clock starts, and what the embedded function does at run time, making a `Migration` of each name
//! and text, is done within the measured time.

use peers_harness::{Job, Server, Work};
use refinery::Migrate;
use refinery::{Migration, Runner};

fn main() {
    let job = Job::from_args();
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/history/refinery");
    let mut files: Vec<(String, String)> = std::fs::read_dir(directory)
        .expect("the history")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            (name, std::fs::read_to_string(path).expect("a text"))
        })
        .collect();
    files.sort_unstable();
    match job.server {
        Server::Postgres(_) => job.measure(
            |url| postgres::Client::connect(url, postgres::NoTls).expect("a connection"),
            |client| work(client, &files, job.work),
        ),
        Server::Sqlite(_) => job.measure(
            |path| rusqlite::Connection::open(path).expect("a connection"),
            |connection| work(connection, &files, job.work),
        ),
    }
}

fn work<C: Migrate>(connection: &mut C, files: &[(String, String)], work: Work) {
    let migrations: Vec<_> =
        files.iter().map(|(name, sql)| Migration::unapplied(name, sql).expect("a migration")).collect();
    let runner = Runner::new(&migrations).set_grouped(work == Work::MigrateAtOnce);
    runner.run(connection).expect("the newest version");
}
