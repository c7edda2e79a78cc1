//! Which program runs, and where.

use std::os::unix::fs::symlink;

use crate::project::{Project, run};

/// What cargo is told.
fn cargo(dot_env: &str, environment: &[(&str, &str)], arguments: &[&str]) -> String {
    let project = Project::new(dot_env, &["cargo"]);
    let told = run(project.script().envs(environment.iter().copied()).args(arguments));
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    told.stdout.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn cargo_runs_with_the_features_of_the_database() {
    let plain = "cargo: [run] [-q] [-p] [migrate-cli] [--] [status]";
    let postgres = "cargo: [run] [-q] [-p] [migrate-cli] [--features] [postgres] [--] [status]";
    for (dot_env, environment, expected) in [
        ("", vec![], plain),
        ("DATABASE_URL=sqlite://x.db", vec![], plain),
        ("DATABASE_URL=postgres://db/x", vec![], postgres),
        ("DATABASE_URL='postgresql://db/x'", vec![], postgres),
        ("", vec![("DATABASE_URL", "postgres://db/x")], postgres),
        ("POSTGRES_HOST=db", vec![], postgres),
        ("POSTGRES_PASSWORD=only", vec![], plain),
        ("POSTGRES_HOST=db", vec![("DATABASE_URL", "sqlite://x.db")], plain),
        ("DATABASE_URL=sqlite://x.db", vec![("POSTGRES_HOST", "db")], postgres),
    ] {
        assert_eq!(cargo(dot_env, &environment, &["status"]), expected, "{dot_env} {environment:?}");
    }
}

#[test]
fn the_flag_names_the_database_before_all_else() {
    for arguments in
        [&["status", "--database-url", "postgres://db/x"][..], &["--database-url=postgres://db/x", "status"]]
    {
        let told = cargo("DATABASE_URL=sqlite://x.db", &[], arguments);
        assert!(told.contains("[--features] [postgres] [--]"), "{told}");
    }
}

#[test]
fn a_named_binary_comes_first_and_one_on_the_path_where_there_is_no_cargo() {
    let project = Project::new("", &["cargo", "migrate-cli", "tool"]);
    let told = run(project.script().env("MIGRATE_BIN", "tool").arg("status"));
    assert!(told.stdout.starts_with("tool: [status]\n"), "{}", told.stdout);

    let project = Project::new("", &["migrate-cli"]);
    let told = run(project.script().arg("status"));
    assert!(told.stdout.starts_with("migrate-cli: [status]\n"), "{}", told.stdout);

    let project = Project::new("", &["cargo", "migrate-cli"]);
    let told = run(project.script().env("KUBERNETES_SERVICE_HOST", "10.0.0.1").arg("status"));
    assert!(told.stdout.starts_with("migrate-cli: [status]\n"), "{}", told.stdout);
}

#[test]
fn without_any_program_the_error_says_what_was_looked_for() {
    let project = Project::new("", &[]);
    let told = run(project.script().arg("status"));
    let expected = "error: neither MIGRATE_BIN nor migrate-cli nor cargo is there to run\n";
    assert_eq!((told.code, told.stderr.as_str()), (Some(127), expected));

    let told = run(project.script().env("MIGRATE_BIN", "/nowhere/migrate").arg("status"));
    let expected = "error: MIGRATE_BIN=/nowhere/migrate cannot be run\n";
    assert_eq!((told.code, told.stderr.as_str()), (Some(127), expected));
}

#[test]
fn it_runs_in_the_projects_root_wherever_and_by_whatever_link_it_is_called() {
    let project = Project::new("NOTE=found\n", &["tool"]);
    let (root, elsewhere) = (project.root(), tempfile::tempdir().unwrap());
    let (first, second) = (elsewhere.path().join("first"), elsewhere.path().join("second"));
    symlink(root.join("scripts/migrations/db-migrate.sh"), &first).unwrap();
    symlink("first", &second).unwrap();
    let told = run(project.call(&second).env("MIGRATE_BIN", "tool").arg("status"));
    assert_eq!(told.stdout, format!("tool: [status]\n{}\nNOTE=found\n", root.display()));
}
