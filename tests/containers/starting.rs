//! `docker compose up`, and what one types afterwards.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use migrate_tests::testkit::Postgres;

use crate::compose::Compose;
use crate::image::read;
use crate::project::{Project, empty};
use crate::running::until;

/// The status and the body of an answer to `GET path`; `None` while nobody listens.
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

#[test]
fn the_server_is_healthy_when_its_own_program_says_so() {
    let server = Postgres::own().start();
    let compose = Compose::parse(&read("compose.yaml")).unwrap();
    let test = &compose.service("postgres").healthcheck.as_ref().unwrap().test;
    assert_eq!(test[0], "CMD", "without a shell");
    let healthy = || {
        let mut command = Command::new(&test[1]);
        command.args(&test[2..]).arg(format!("--port={}", server.port())).status().expect("it runs").success()
    };
    assert!(healthy());
    server.crash();
    assert!(!healthy());
}

#[test]
fn the_application_comes_after_its_migrations_and_migrate_is_there_to_type() {
    let server = Postgres::shared();
    let database = empty(server);
    let port = free_port();
    let project = Project::on(server, &database).listening_on(port);
    project.up("migrate").finish().with_code(0);

    let app = project.up("app");
    until("a healthy application", || get(port, "/health").is_some_and(|(status, _)| status == 200));
    let (_, body) = get(port, "/health").unwrap();
    let health: serde_json::Value = serde_json::from_str(&body).expect("a document");
    assert_eq!(health["status"], "ok");
    assert_eq!(health["schema"]["current"], health["schema"]["expected"]);
    assert_eq!(health["schema"]["pending"], 0);

    let current = project.exec("app", &["migrate", "current"]).finish().with_code(0);
    assert!(
        current.stdout.starts_with("3fa68b1d92e5 ") && current.stdout.contains("(head)"),
        "{}",
        current.stdout
    );
    let upgrade = project.exec("app", &["migrate", "upgrade", "heads"]).finish().with_code(0);
    assert!(upgrade.stderr.starts_with("Nothing to do"), "{}", upgrade.stderr);
    let status = project.exec("app", &["migrate", "status"]).finish().with_code(0);
    assert!(status.stdout.contains("3fa68b1d92e5"), "{}", status.stdout);

    app.terminate();
    app.finish().with_code(0);
}

#[test]
fn an_application_whose_migrations_did_not_run_does_not_start() {
    let server = Postgres::shared();
    let database = empty(server);
    let app = Project::on(server, &database).up("app").finish().with_code(1);
    assert!(!app.stdout.contains("listening") && !app.stderr.is_empty(), "{}{}", app.stdout, app.stderr);
    assert!(!database.has_table("migrate_ledger"), "it changed nothing");
}
