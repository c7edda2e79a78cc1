//! `--wait`: a server that is not there yet.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use migrate_tests::testkit::Postgres;

use crate::image::Image;
use crate::project::{Project, empty};
use crate::running::{Running, until};

/// The lines that begin like this.
fn lines<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.starts_with(start)).collect()
}

#[test]
fn a_server_that_starts_late_is_waited_for() {
    let server = Postgres::own().start();
    let database = empty(&server);
    server.crash();
    let mut migrate = Project::on(&server, &database).up("migrate");
    thread::sleep(Duration::from_secs(2));
    assert!(migrate.is_running(), "it waits");
    server.start_again();
    let ended = migrate.finish().with_code(0);
    let begun = lines(&ended.stderr, "Waiting for postgres://postgres:***@postgres:");
    assert_eq!(begun.len(), 1, "{}", ended.stderr);
    assert!(begun[0].ends_with(", 1 min 00 s at most: Connection refused"), "{}", begun[0]);
    assert_eq!(lines(&ended.stderr, "The server is there, after ").len(), 1, "{}", ended.stderr);
    assert_eq!(lines(&ended.stderr, "Done: 13 steps in ").len(), 1, "{}", ended.stderr);
}

#[test]
fn a_server_in_its_start_up_is_waited_for() {
    let server = Postgres::own().start();
    let database = empty(&server);
    server.crash();
    thread::scope(|scope| {
        scope.spawn(|| server.start_again_slowly());
        until("the server's port", || TcpStream::connect(("127.0.0.1", server.port())).is_ok());
        let ended = Project::on(&server, &database).up("migrate").finish().with_code(0);
        let begun = lines(&ended.stderr, "Waiting for ");
        assert_eq!(begun.len(), 1, "{}", ended.stderr);
        assert!(begun[0].ends_with(": the database system is starting up"), "{}", begun[0]);
        assert_eq!(lines(&ended.stderr, "The server is there, after ").len(), 1, "{}", ended.stderr);
    });
}

#[test]
fn a_server_that_is_there_is_not_waited_for() {
    let server = Postgres::shared();
    let ended = Project::on(server, &empty(server)).up("migrate").finish().with_code(0);
    assert_eq!(lines(&ended.stderr, "Waiting"), [""; 0]);
    assert_eq!(lines(&ended.stderr, "The server"), [""; 0]);
}

#[test]
fn the_end_of_the_time_says_what_was_tried_and_for_how_long() {
    let server = Postgres::own().start();
    let database = empty(&server);
    server.crash();
    let project = Project::on(&server, &database);
    let ended = project.exec("app", &["migrate", "upgrade", "--wait", "2s", "--json"]).finish().with_code(10);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one document");
    assert_eq!(document["error"]["code"], "no_connection");
    assert_eq!(document["error"]["exit_code"], 10);
    let message = document["error"]["message"].as_str().expect("a message");
    assert!(message.starts_with("could not connect to postgres://postgres:***@postgres:"), "{message}");
    assert!(message.contains(" within ") && message.ends_with(" tries"), "{message}");
    assert!(
        document["error"]["causes"][0].as_str().expect("a cause").ends_with("failed: Connection refused")
    );
}

#[test]
fn a_name_that_is_not_known_yet_is_waited_for() {
    // Outside of the project's network, where every name leads to this machine.
    let words = ["current", "--wait", "1s", "--database-url", "postgres://nobody@nowhere.invalid/nothing"];
    let migrate =
        Running::start(Image::built().program("migrate"), &words.map(str::to_owned), &BTreeMap::new());
    let ended = migrate.finish().with_code(10);
    let cause = "caused by: could not translate host name \"nowhere.invalid\"";
    assert!(
        ended.stderr.contains(cause) || ended.stderr.contains("caused by: timeout expired"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains(" within "), "{}", ended.stderr);
}

#[test]
fn what_no_time_changes_ends_the_wait_at_once() {
    let server = Postgres::shared();
    let database = empty(server);
    let wrong = [
        ("POSTGRES_PASSWORD", "hunter2", "hint: user or password is wrong"),
        ("POSTGRES_DB", "nothing_there", "hint: create it first (createdb), or correct the name"),
    ];
    for (name, value, hint) in wrong {
        let began = Instant::now();
        let ended = Project::on(server, &database).with(name, value).up("migrate").finish().with_code(10);
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        assert!(ended.stderr.contains(hint), "{}", ended.stderr);
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[test]
fn a_signal_ends_the_wait() {
    let server = Postgres::own().start();
    let database = empty(&server);
    server.crash();
    for (command, is_terminated) in [("upgrade", true), ("upgrade", false), ("current", true)] {
        let project = Project::on(&server, &database);
        let migrate = project.exec("app", &["migrate", command, "--wait", "5m", "--json"]);
        migrate.until_it_heeds_signals();
        if is_terminated {
            migrate.terminate();
        } else {
            migrate.interrupt();
        }
        let ended = migrate.finish().with_code(16);
        let document: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one document");
        assert_eq!(document["error"]["code"], "halted");
        let message = document["error"]["message"].as_str().expect("a message");
        assert!(message.starts_with("asked to stop after waiting for postgres://postgres:***@"), "{message}");
    }
}
