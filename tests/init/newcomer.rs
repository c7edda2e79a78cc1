//! From `init` to a migration of one's own, applied and undone.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use migrate_core::connection::Dialect;
use migrate_tests::testkit::{Database, Postgres, SqliteFile};
use serde_json::Value;

use super::project::{Away, Told};

/// What is written into the file that `new` makes, in place of its two empty bodies.
const UP: &str = "cx.create_table(
            table(\"users\")
                .column(column(\"id\", BigInt).primary_key())
                .column(column(\"email\", Text).not_null()),
        )";
const DOWN: &str = "cx.drop_table(\"users\")";

/// An application's workspace, with its author's own hand in it.
const WORKSPACE: &str = "\
# The shop.
[workspace]
resolver = \"3\"
members = [
    \"app\", # serves
]
";

const APP: &str = "\
[package]
name = \"app\"
version = \"0.1.0\"
edition = \"2024\"

[dependencies]
diesel = { version = \"2.3\", default-features = false }
migrate-core = { version = \"0.1\", default-features = false }
";

/// The line that the crate's own manifest recommends to an application.
const LIBRARY: &str = "\
migrations = { path = \"../migrations\", default-features = false, features = [\"sqlite\", \"postgres\"] }
";

const APP_MAIN: &str = "\
use diesel::Connection as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var(\"DATABASE_URL\")?;
    let mut connection = migrate_core::AnyConnection::establish(&url)?;
    let migrator = migrate_core::Migrator::new(migrations::MANIFEST)?;
    migrator.upgrade(&mut connection, \"heads\")?;
    migrator.ensure_current(&mut connection)?;
    Ok(())
}
";

/// One test, as all of it is built in one directory.
#[test]
fn a_newcomer_gets_from_the_packages_to_an_applied_migration() {
    let away = Away::new();
    for (name, database) in
        [("on-sqlite", SqliteFile::new().into_database()), ("on-postgres", Postgres::shared().database())]
    {
        // A database of the testkit is not quite empty.
        database.execute("DROP TABLE applied_log");
        begins_with_nothing(&away, &away.path(name), &database);
    }
    let database = SqliteFile::new().into_database();
    database.execute("DROP TABLE applied_log");
    has_an_application(&away, &away.path("shop"), &database);
}

fn begins_with_nothing(away: &Away, project: &Path, database: &Database) {
    // `init` is the first.
    let commands = Cell::new(1);
    let run = |arguments: &[&str]| {
        commands.set(commands.get() + 1);
        Away::run(project, database.url(), arguments)
    };
    away.init(project, &["--server", "sqlite,postgres"]);
    let file = write_users(project, &run(&["new", "create users"]));
    run(&["upgrade"]);
    assert!(has_users(database), "{file}");
    assert!(commands.get() <= 5, "{} commands until the first migration was applied", commands.get());

    let status = status(&run(&["status", "--json"]));
    assert_eq!(status["counts"]["pending"], 0, "{status}");
    assert_eq!(database.ledger().len(), 1);
    run(&["downgrade", "-1"]);
    assert!(!has_users(database));
    // A second file, too, is noticed by the build that follows.
    run(&["upgrade"]);
    run(&["new", "add nothing"]);
    run(&["upgrade"]);
    assert_eq!(database.ledger().len(), 2);
    run(&["downgrade", "base", "--yes"]);
    assert!(!has_users(database) && database.ledger().is_empty());
}

fn has_an_application(away: &Away, project: &Path, database: &Database) {
    away.write("shop/Cargo.toml", WORKSPACE);
    away.write("shop/app/Cargo.toml", APP);
    away.write("shop/app/src/main.rs", APP_MAIN);
    away.init(project, &["--server", "sqlite,postgres"]);
    let manifest = fs::read_to_string(project.join("Cargo.toml")).expect("Cargo.toml");
    assert_eq!(manifest, WORKSPACE.replace("# serves\n", "# serves\n    \"migrations\",\n"));

    away.write("shop/app/Cargo.toml", &format!("{APP}{LIBRARY}"));
    write_users(project, &Away::run(project, database.url(), &["new", "create users"]));
    away.run_program(project, "app", database.url());
    assert!(has_users(database));
    let status = status(&Away::run(project, database.url(), &["status", "--json"]));
    assert_eq!(status["counts"]["pending"], 0, "{status}");
}

/// Fills in the file that `new` has named, and returns its name.
fn write_users(project: &Path, new: &Told) -> String {
    let name = new.stdout.trim();
    let path = project.join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}\n{}", new.stderr));
    let text = text.replacen("Ok(())", UP, 1).replacen("Ok(())", DOWN, 1).replace("_cx:", "cx:");
    assert!(text.contains(UP) && text.contains(DOWN), "{text}");
    fs::write(path, text).expect("the migration's file");
    name.to_owned()
}

fn status(told: &Told) -> Value {
    serde_json::from_str(&told.stdout).unwrap_or_else(|error| panic!("{error}: {}", told.stdout))
}

fn has_users(database: &Database) -> bool {
    let catalog = match database.dialect() {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE name = 'users'",
        _ => "SELECT tablename::text FROM pg_tables WHERE tablename = 'users'",
    };
    database.column(catalog) == ["users"]
}
