//! Migrations through diesel-async's blocking wrapper.

use migrate_tests::testkit::Postgres;

use crate::connections::{empty, run};

const REVISIONS: [&str; 4] = ["1d5b0e94c7a2", "7e20c4d8b163", "b94f63a1d05e", "c3a8e51f7d90"];

#[test]
fn the_wrapper_runs_every_kind_of_step() {
    let database = Postgres::shared().database();
    empty(&database);
    let said = run(env!("CARGO_BIN_EXE_wrapper"), database.url());
    assert!(said.starts_with("Running upgrade -> 1d5b0e94c7a2, Create planets\n"), "{said}");
    assert!(
        said.ends_with(
            "4 steps taken, now at c3a8e51f7d90\n\
             Mercury has 0 moons\nVenus has 0 moons\nEarth has 1 moons\nMars has 2 moons\n"
        ),
        "{said}"
    );
    let mut applied = REVISIONS.map(|revision| format!("{revision} applied"));
    applied.sort();
    assert_eq!(database.ledger(), applied);
    assert_eq!(database.events(), REVISIONS.map(|revision| format!("upgrade {revision}")));

    let said = run(env!("CARGO_BIN_EXE_wrapper"), database.url());
    assert!(said.starts_with("0 steps taken, now at c3a8e51f7d90\nMercury"), "{said}");
}

#[test]
fn the_wrapper_tells_what_the_server_said() {
    let database = Postgres::shared().database();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wrapper"))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("applied_log"), "{said}");
    assert!(!database.has_table("migrate_ledger") && !database.has_table("planets"));
}
