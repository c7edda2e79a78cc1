//! The testkit leaves nothing running.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use migrate_tests::testkit::Postgres;

use crate::worker::{PROGRAM, wait_until};

fn answers(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn a_server_ends_with_its_owner() {
    let server = Postgres::own().setting("fsync", "off").start();
    let port = server.port();
    assert!(answers(port));
    drop(server);
    wait_until("the server is gone", || !answers(port));
}

#[test]
fn a_server_ends_even_if_its_owner_is_killed() {
    let mut owner = Command::new(PROGRAM).arg("own-server").stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(owner.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().parse().unwrap();
    assert!(answers(port));
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_until("the server is gone", || !answers(port));
}

#[test]
fn the_shared_server_keeps_what_it_commits() {
    let database = Postgres::shared().database();
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        assert_eq!(database.one(&format!("SELECT current_setting('{setting}')")), "on", "{setting}");
    }
}

#[test]
fn two_releases_run_side_by_side() {
    let major = |server: &Postgres| server.database().one("SELECT current_setting('server_version_num')");
    let (shared, eighteen) = (major(Postgres::shared()), major(Postgres::eighteen()));
    assert_eq!(eighteen[..2].parse(), Ok(18), "{eighteen}");
    assert!(shared[..2].parse::<u32>().unwrap() >= 15, "{shared}");
    assert_ne!(Postgres::shared().port(), Postgres::eighteen().port());
}
