use std::fs;
use std::path::Path;

use expect_test::expect;
use migrate_core::Manifest;

use crate::project::Project;
use crate::{adopted_refinery, adopted_sea_orm, adopted_sqlx, chain};

/// A project with the ledger of a tool whose versions are texts.
fn with(table: &str, version: &str, versions: &[&str]) -> Project {
    let project = Project::new(chain::MANIFEST);
    let column = if table == "__diesel_schema_migrations" {
        "run_on TIMESTAMP DEFAULT '2024-05-01 12:34:56'"
    } else {
        "applied_at BIGINT DEFAULT 1714566896"
    };
    project.sql(&format!("CREATE TABLE {table} ({version} VARCHAR(50) PRIMARY KEY NOT NULL, {column})"));
    for id in versions {
        project.sql(&format!("INSERT INTO {table} ({version}) VALUES ('{id}')"));
    }
    project
}

fn sea_orm(versions: &[&str]) -> Project {
    with("seaql_migrations", "version", versions)
}

#[test]
fn a_ledger_is_taken_over_and_left_as_it_is() {
    let project = sea_orm(&["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    expect![[""]].assert_eq(&project.run(&["adopt", "sea-orm", "--dry-run"]));
    expect![[""]].assert_eq(&project.run(&["adopt", "sea-orm"]));
    expect![[""]].assert_eq(&project.run(&["adopt", "sea-orm"]));
    expect![[""]].assert_eq(&project.run(&["status"]));
}

#[test]
fn json_says_what_was_taken_over() {
    let project = sea_orm(&["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    expect![[""]].assert_eq(&project.run(&["adopt", "sea-orm", "--dry-run", "--json", "-q"]));
    expect![[""]].assert_eq(&project.after(&[&["adopt", "sea-orm"]], &["adopt", "sea-orm", "--json", "-q"]));
}

#[test]
fn heads_of_alembic_bring_what_is_below_them() {
    let project = with("alembic_version", "version_num", &["b2c3d4e5f6a7"]);
    expect![[""]].assert_eq(&project.run(&["adopt", "alembic", "--dry-run"]));
}

#[test]
fn a_tool_that_has_applied_nothing_is_told() {
    expect![[""]].assert_eq(&sea_orm(&[]).run(&["adopt", "sea-orm"]));
}

#[test]
fn each_refusal_has_its_way_on() {
    let table = Project::new(chain::MANIFEST);
    expect![[""]].assert_eq(&table.run(&["adopt", "diesel"]));
    expect![[""]].assert_eq(&table.run(&["adopt", "sqlx", "--table", "not a name"]));
    let unmatched = sea_orm(&["a1b2c3d4e5f6", "m1", "m2", "m3", "m4", "m5", "m6"]);
    expect![[""]].assert_eq(&unmatched.run(&["adopt", "sea-orm"]));
    let diesel = with("__diesel_schema_migrations", "version", &["00000000000000"]);
    expect![[""]].assert_eq(&diesel.run(&["adopt", "diesel"]));
    expect![[""]].assert_eq(&sea_orm(&["b2c3d4e5f6a7"]).run(&["adopt", "sea-orm"]));
    let overlap = with("alembic_version", "version_num", &["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    expect![[""]].assert_eq(&overlap.run(&["adopt", "alembic"]));
    let failed = Project::new(chain::MANIFEST);
    failed.sql(
        "CREATE TABLE _sqlx_migrations (version, description, installed_on, success);
         INSERT INTO _sqlx_migrations VALUES (1, 'create users', '2024-05-01 12:34:56', FALSE)",
    );
    expect![[""]].assert_eq(&failed.run(&["adopt", "sqlx"]));
}

#[test]
fn a_ledger_of_ours_that_says_something_else_is_left() {
    let project = Project::new(crate::forked::MANIFEST);
    project.sql(
        "CREATE TABLE seaql_migrations (version, applied_at);
         INSERT INTO seaql_migrations VALUES ('ba5e00000001', 1), ('1ef700000002', 2)",
    );
    expect![[""]].assert_eq(&project.after(&[&["stamp", "419470000003"]], &["adopt", "sea-orm"]));
}

#[test]
fn what_a_downgrade_undid_is_not_recorded_again() {
    let project = sea_orm(&["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    project.sql("CREATE TABLE users (id INTEGER, email TEXT, email_verified BOOLEAN)");
    expect![[""]]
        .assert_eq(&project.after(&[&["adopt", "sea-orm"], &["downgrade", "-1"]], &["adopt", "sea-orm"]));
}

/// Writes revisions of the files in `from/<tool>`.
fn from(tool: &str, folder: &str) -> Project {
    let project = Project::on_disk();
    let source = project.path().join("theirs");
    fs::create_dir(&source).unwrap();
    for file in
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/from").join(folder)).unwrap()
    {
        let path = file.unwrap().path();
        fs::copy(&path, source.join(path.file_name().unwrap())).unwrap();
    }
    assert!(project.run(&["adopt", tool, "--from", "theirs", "-q"]).ends_with("--- exit 0\n"));
    project
}

/// The files that are compiled into this test are those that `adopt --from` writes.
///
/// `UPDATE_EXPECT=1` writes them anew.
#[test]
fn the_written_files_are_the_ones_that_are_compiled_here() {
    for (tool, folder) in [("sqlx", "sqlx"), ("refinery", "refinery"), ("sea-orm", "sea_orm")] {
        let project = from(tool, folder);
        let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/adopted").join(folder);
        let mut names = Vec::new();
        for file in fs::read_dir(project.path().join("versions")).unwrap() {
            let path = file.unwrap().path();
            let written = fs::read_to_string(&path).unwrap();
            let name = path.file_name().unwrap().to_owned();
            expect_test::expect_file![compiled.join(&name)].assert_eq(&written);
            names.push(name);
        }
        let expected = fs::read_dir(&compiled).unwrap().count();
        assert_eq!(names.len(), expected, "{folder}: {names:?}");
    }
}

fn project(manifest: Manifest, sql: &str) -> Project {
    let project = Project::new(manifest);
    project.sql(sql);
    project
}

#[test]
fn revisions_of_sqlx_run_from_base_and_where_sqlx_ran_before() {
    let project = Project::new(adopted_sqlx::MANIFEST);
    expect![[""]].assert_eq(&project.run(&["upgrade"]));
    expect![[""]].assert_eq(&project.run(&["downgrade", "-1"]));
    expect![[""]].assert_eq(&project.run(&["downgrade", "base", "--yes"]));
    let project = self::project(
        adopted_sqlx::MANIFEST,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, \"name\" TEXT NOT NULL, email TEXT);
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
             checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
         INSERT INTO _sqlx_migrations VALUES (20240501120000, 'create users', '2024-05-01 12:34:56', TRUE, x'00', 1),
             (20240502130000, 'add email', '2024-05-02 13:34:56', TRUE, x'00', 1)",
    );
    expect![[""]].assert_eq(&project.after(&[&["adopt", "sqlx"]], &["upgrade"]));
}

#[test]
fn a_body_that_is_left_to_be_written_stops_a_run_from_base() {
    expect![[""]].assert_eq(&Project::new(adopted_refinery::MANIFEST).run(&["upgrade"]));
    expect![[""]].assert_eq(&Project::new(adopted_sea_orm::MANIFEST).run(&["upgrade"]));
}

#[test]
fn written_files_are_listed_and_another_run_adds_what_is_new() {
    let project = from("sqlx", "sqlx");
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::write(project.path().join("theirs/20240504150000_later.sql"), "SELECT 1").unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::write(project.path().join("theirs/20240505150000_later_still.sql"), "SELECT 1").unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs", "--json", "-q"]));
    fs::write(project.path().join("theirs/20240506150000_taken.sql"), "SELECT 1").unwrap();
    fs::write(project.path().join("versions/20240506150000_taken.rs"), "// mine").unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
}

#[test]
fn what_sea_orm_does_not_list_is_left_out_and_told() {
    let project = from("sea-orm", "sea_orm");
    let forgotten = "theirs/m20240503_000003_forgotten.rs";
    fs::write(project.path().join(forgotten), "pub struct Migration;").unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sea-orm", "--from", "theirs"]));
    let other = project.path().join("other");
    fs::create_dir(&other).unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sea-orm", "--from", "theirs", "--into", "other"]));
    expect![[""]].assert_eq(&project.run(&["check"]));
}

#[test]
fn files_that_are_none_of_the_tools_are_refused() {
    let project = Project::on_disk();
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "nowhere"]));
    fs::create_dir(project.path().join("theirs")).unwrap();
    for tool in ["sqlx", "refinery", "sea-orm"] {
        expect![[""]].assert_eq(&project.run(&["adopt", tool, "--from", "theirs", "-q"]));
    }
    fs::write(project.path().join("theirs/V1_a.sql"), "").unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::rename(project.path().join("theirs/V1_a.sql"), project.path().join("theirs/1_a.down.sql")).unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::write(project.path().join("theirs/V1__a.sql"), "").unwrap();
    fs::write(project.path().join("theirs/U1__b.sql"), "").unwrap();
    expect![[""]].assert_eq(&project.run(&["adopt", "refinery", "--from", "theirs"]));
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs", "--dry-run"]));
    expect![[""]].assert_eq(&project.run(&["adopt", "sqlx", "--into", "theirs"]));
    expect![[""]].assert_eq(&project.run(&["adopt"]));
}
