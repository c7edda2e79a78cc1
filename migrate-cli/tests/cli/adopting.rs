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
    expect![[r#"
        --- stdout
        a1b2c3d4e5f6  TIME UTC  Create users
        b2c3d4e5f6a7  TIME UTC  Add email_verified column to users
        --- stderr
        2 revisions would be recorded as applied; then at b2c3d4e5f6a7
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sea-orm", "--dry-run"]));
    expect![[r#"
        --- stderr
        2 revisions recorded as applied: a1b2c3d4e5f6, b2c3d4e5f6a7
        Done: now at b2c3d4e5f6a7
        hint: seaql_migrations is left as it is; from now on migrate with `migrate-cli upgrade`, and no more with SeaORM
        --- exit 0
    "#]].assert_eq(&project.run(&["adopt", "sea-orm"]));
    expect![[r#"
        --- stderr
        Nothing to do: the ledger has what SeaORM has applied, and is at b2c3d4e5f6a7
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sea-orm"]));
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   b2c3d4e5f6a7
        Revisions 2 applied, 1 pending

           Revision      Message                             Applied (UTC)  Took  By
        ✓  a1b2c3d4e5f6  Create users                        TIME  stamped  WHO
        ✓  b2c3d4e5f6a7  Add email_verified column to users  TIME  stamped  WHO
        ○  c3d4e5f6a7b8  Create messages                     pending
        --- stderr

        hint: `migrate-cli upgrade` applies the pending revision
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
}

#[test]
fn json_says_what_was_taken_over() {
    let project = sea_orm(&["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "tool": "sea-orm",
          "table": "seaql_migrations",
          "dry_run": true,
          "adopted": [
            {
              "revision": "a1b2c3d4e5f6",
              "applied_at": "TIME"
            },
            {
              "revision": "b2c3d4e5f6a7",
              "applied_at": "TIME"
            }
          ],
          "agreeing": [],
          "current": [
            "b2c3d4e5f6a7"
          ]
        }
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sea-orm", "--dry-run", "--json", "-q"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "tool": "sea-orm",
          "table": "seaql_migrations",
          "dry_run": false,
          "adopted": [],
          "agreeing": [
            "a1b2c3d4e5f6",
            "b2c3d4e5f6a7"
          ],
          "current": [
            "b2c3d4e5f6a7"
          ]
        }
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["adopt", "sea-orm"]], &["adopt", "sea-orm", "--json", "-q"]));
}

#[test]
fn heads_of_alembic_bring_what_is_below_them() {
    let project = with("alembic_version", "version_num", &["b2c3d4e5f6a7"]);
    expect![[r#"
        --- stdout
        a1b2c3d4e5f6    Create users
        b2c3d4e5f6a7    Add email_verified column to users
        --- stderr
        2 revisions would be recorded as applied; then at b2c3d4e5f6a7
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "alembic", "--dry-run"]));
}

#[test]
fn a_tool_that_has_applied_nothing_is_told() {
    expect![[r#"
        --- stderr
        Nothing to do: SeaORM has applied nothing here, seaql_migrations is empty
        --- exit 0
    "#]]
    .assert_eq(&sea_orm(&[]).run(&["adopt", "sea-orm"]));
}

#[test]
fn each_refusal_has_its_way_on() {
    let table = Project::new(chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: there is no table __diesel_schema_migrations, where Diesel records what it applied
        hint: is this the database that was meant? `migrate-cli status` names it
        hint: if Diesel was told to use another table: --table <table>, or <schema>.<table>
        hint: nothing was changed
        --- exit 11
    "#]]
    .assert_eq(&table.run(&["adopt", "diesel"]));
    expect![[r#"
        --- stderr
        error: invalid value 'not a name' for '--table <TABLE>': `not a name` is not the name of an object

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&table.run(&["adopt", "sqlx", "--table", "not a name"]));
    let unmatched = sea_orm(&["a1b2c3d4e5f6", "m1", "m2", "m3", "m4", "m5", "m6"]);
    expect![[r#"
        --- stderr
        error: SeaORM has applied what is no revision of this program: m1, m2, m3, m4, m5 and 1 more
        caused by: m1, of TIME UTC
        caused by: m2, of TIME UTC
        caused by: m3, of TIME UTC
        caused by: m4, of TIME UTC
        caused by: m5, of TIME UTC
        caused by: and 1 more
        hint: to write revisions for SeaORM's own files: migrate-cli adopt sea-orm --from <directory>
        hint: if they are there already, this program is older than the database: pull, and build again
        hint: if what they did is in other revisions: `migrate-cli stamp --verify <revision>` compares, and records that
        hint: nothing was changed
        --- exit 11
    "#]].assert_eq(&unmatched.run(&["adopt", "sea-orm"]));
    let diesel = with("__diesel_schema_migrations", "version", &["00000000000000"]);
    expect![[r#"
        --- stderr
        error: Diesel has applied what is no revision of this program: 00000000000000
        caused by: 00000000000000, of TIME UTC
        hint: `migrations!("src/versions", diesel = "../migrations")` makes revisions of Diesel's own directory
        hint: if they are there already, this program is older than the database: pull, and build again
        hint: if what they did is in other revisions: `migrate-cli stamp --verify <revision>` compares, and records that
        hint: nothing was changed
        --- exit 11
    "#]].assert_eq(&diesel.run(&["adopt", "diesel"]));
    expect![[r#"
        --- stderr
        error: SeaORM has applied b2c3d4e5f6a7, but not a1b2c3d4e5f6
        hint: apply what is missing with SeaORM first, then adopt
        hint: if the database has it all the same, record everything: migrate-cli stamp b2c3d4e5f6a7
        hint: nothing was changed
        --- exit 11
    "#]]
    .assert_eq(&sea_orm(&["b2c3d4e5f6a7"]).run(&["adopt", "sea-orm"]));
    let overlap = with("alembic_version", "version_num", &["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    expect![[r#"
        --- stderr
        error: alembic_version holds a1b2c3d4e5f6, which is below b2c3d4e5f6a7, and b2c3d4e5f6a7 too
        hint: Alembic itself stops at that; if the database is at b2c3d4e5f6a7: alembic stamp --purge b2c3d4e5f6a7
        hint: nothing was changed
        --- exit 11
    "#]].assert_eq(&overlap.run(&["adopt", "alembic"]));
    let failed = Project::new(chain::MANIFEST);
    failed.sql(
        "CREATE TABLE _sqlx_migrations (version, description, installed_on, success);
         INSERT INTO _sqlx_migrations VALUES (1, 'create users', '2024-05-01 12:34:56', FALSE)",
    );
    expect![[r#"
        --- stderr
        error: sqlx records that 1 failed
        caused by: 1 (create users), of TIME UTC
        hint: put that right with sqlx first: only it knows what is half done
        hint: nothing was changed
        --- exit 11
    "#]]
    .assert_eq(&failed.run(&["adopt", "sqlx"]));
}

#[test]
fn a_ledger_of_ours_that_says_something_else_is_left() {
    let project = Project::new(crate::forked::MANIFEST);
    project.sql(
        "CREATE TABLE seaql_migrations (version, applied_at);
         INSERT INTO seaql_migrations VALUES ('ba5e00000001', 1), ('1ef700000002', 2)",
    );
    expect![[r#"
        --- stderr
        error: the ledger holds 419470000003 and not 1ef700000002, which SeaORM has applied
        hint: `migrate-cli status` shows what the ledger holds
        hint: if the database has both: migrate-cli stamp 1ef700000002 419470000003
        hint: nothing was changed
        --- exit 11
    "#]]
    .assert_eq(&project.after(&[&["stamp", "419470000003"]], &["adopt", "sea-orm"]));
}

#[test]
fn what_a_downgrade_undid_is_not_recorded_again() {
    let project = sea_orm(&["a1b2c3d4e5f6", "b2c3d4e5f6a7"]);
    project.sql("CREATE TABLE users (id INTEGER, email TEXT, email_verified BOOLEAN)");
    expect![[r#"
        --- stderr
        error: SeaORM records b2c3d4e5f6a7 as applied, but a downgrade undid it since
        hint: to apply them again: migrate-cli upgrade
        hint: if the database has them again: migrate-cli stamp b2c3d4e5f6a7
        hint: nothing was changed
        --- exit 11
    "#]]
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
    expect![[r#"
        --- stderr
        Running upgrade  -> 20240501120000, create users
        Running upgrade 20240501120000 -> 20240502130000, add email
        Running upgrade 20240502130000 -> 20240503140000, index email
        Done: 3 steps in N ms, now at 20240503140000 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stderr
        Running downgrade 20240503140000 -> 20240502130000, index email
        Done: 1 step in N ms, now at 20240502130000
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["downgrade", "-1"]));
    expect![[r#"
        --- stderr
        error: revision 20240502130000 is irreversible: sqlx had no way back
        hint: nothing was changed; `migrate-cli downgrade 20240502130000` goes as far as it can
        --- exit 6
    "#]]
    .assert_eq(&project.run(&["downgrade", "base", "--yes"]));
    let project = self::project(
        adopted_sqlx::MANIFEST,
        "CREATE TABLE users (id INTEGER PRIMARY KEY, \"name\" TEXT NOT NULL, email TEXT);
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
             checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
         INSERT INTO _sqlx_migrations VALUES (20240501120000, 'create users', '2024-05-01 12:34:56', TRUE, x'00', 1),
             (20240502130000, 'add email', '2024-05-02 13:34:56', TRUE, x'00', 1)",
    );
    expect![[r#"
        --- stderr
        Running upgrade 20240502130000 -> 20240503140000, index email
        Done: 1 step in N ms, now at 20240503140000 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["adopt", "sqlx"]], &["upgrade"]));
}

#[test]
fn a_body_that_is_left_to_be_written_stops_a_run_from_base() {
    expect![[r#"
        --- stderr
        Running upgrade  -> 1, create users
        Running upgrade 1 -> 2, add email
        error: upgrade stopped at 2 after 1 of 3 steps
        caused by: this body is not written yet: up() of theirs/V2__add_email.rs
        hint: the step before it is recorded; the same command continues
        --- exit 13
    "#]]
    .assert_eq(&Project::new(adopted_refinery::MANIFEST).run(&["upgrade"]));
    expect![[r#"
        --- stderr
        Running upgrade  -> m20240501_000001_create_users, create users
        error: upgrade stopped at m20240501_000001_create_users after 0 of 2 steps
        caused by: this body is not written yet: up() of theirs/m20240501_000001_create_users.rs
        hint: nothing was changed
        --- exit 13
    "#]]
    .assert_eq(&Project::new(adopted_sea_orm::MANIFEST).run(&["upgrade"]));
}

#[test]
fn written_files_are_listed_and_another_run_adds_what_is_new() {
    let project = from("sqlx", "sqlx");
    expect![[r#"
        --- stderr
        Nothing to do: the revisions of all files are there
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::write(project.path().join("theirs/20240504150000_later.sql"), "SELECT 1").unwrap();
    expect![[r#"
        --- stdout
        versions/20240504150000_later.rs
        --- stderr
        Wrote 1 revision from sqlx, up to 20240504150000
        hint: build, then take over what a database has: migrate-cli adopt sqlx --dry-run
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::write(project.path().join("theirs/20240505150000_later_still.sql"), "SELECT 1").unwrap();
    expect![[r#"
        --- stdout
        versions/20240505150000_later_still.rs
        --- stderr
        Would write 1 revision from sqlx, up to 20240505150000
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs", "--dry-run"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "tool": "sqlx",
          "dry_run": false,
          "written": [
            {
              "revision": "20240505150000",
              "down_revisions": [
                "20240504150000"
              ],
              "path": "DIR/versions/20240505150000_later_still.rs",
              "source": "theirs/20240505150000_later_still.sql",
              "irreversible": true,
              "unwritten": false
            }
          ]
        }
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs", "--json", "-q"]));
    fs::write(project.path().join("theirs/20240506150000_taken.sql"), "SELECT 1").unwrap();
    fs::write(project.path().join("versions/20240506150000_taken.rs"), "// mine").unwrap();
    expect![[r#"
        --- stderr
        error: could not write to DIR/versions/20240506150000_taken.rs
        caused by: entity already exists
        hint: the file is there already and was left alone
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
}

#[test]
fn what_sea_orm_does_not_list_is_left_out_and_told() {
    let project = from("sea-orm", "sea_orm");
    let forgotten = "theirs/m20240503_000003_forgotten.rs";
    fs::write(project.path().join(forgotten), "pub struct Migration;").unwrap();
    expect![[r#"
        --- stderr
        warning: theirs/m20240503_000003_forgotten.rs is left out: `migrations()` does not list it
        Nothing to do: the revisions of all files are there
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sea-orm", "--from", "theirs"]));
    let other = project.path().join("other");
    fs::create_dir(&other).unwrap();
    expect![[r#"
        --- stderr
        warning: theirs/m20240503_000003_forgotten.rs is left out: `migrations()` does not list it
        Nothing to do: the revisions of all files are there
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "sea-orm", "--from", "theirs", "--into", "other"]));
    expect![[r#"
        --- stderr
        error: service has no migrations: DIR/versions held none when it was compiled
        hint: write the first one: migrate-cli new "create users"
        hint: if it is there already, build again; where that does nothing: https://github.com/diesel-revisions/migrate/blob/main/docs/linking.md#the-traps
        --- exit 4
    "#]]
    .assert_eq(&project.run(&["check"]));
}

#[test]
fn files_that_are_none_of_the_tools_are_refused() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: could not read DIR/nowhere
        caused by: No such file or directory (os error 2)
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "nowhere"]));
    fs::create_dir(project.path().join("theirs")).unwrap();
    expect![[r#"
        --- stderr
        error: there are no migrations of sqlx in DIR/theirs
        hint: sqlx takes <version>_<description>.sql, or .up.sql and .down.sql
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs", "-q"]));
    expect![[r#"
        --- stderr
        error: there are no migrations of refinery in DIR/theirs
        hint: refinery takes V<version>__<name>.sql and .rs
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "refinery", "--from", "theirs", "-q"]));
    expect![[r#"
        --- stderr
        error: there are no migrations of SeaORM in DIR/theirs
        hint: SeaORM's are m<date>_<time>_<name>.rs, in the `src` of its migration crate
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "sea-orm", "--from", "theirs", "-q"]));
    fs::write(project.path().join("theirs/V1_a.sql"), "").unwrap();
    expect![[r#"
        --- stderr
        error: DIR/theirs/V1_a.sql has no version that sqlx takes: `V1`
        hint: the tool itself stops at that file
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::rename(project.path().join("theirs/V1_a.sql"), project.path().join("theirs/1_a.down.sql")).unwrap();
    expect![[r#"
        --- stderr
        error: DIR/theirs/1_a.down.sql undoes what no file does
        hint: write the file that it undoes, or remove it
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--from", "theirs"]));
    fs::write(project.path().join("theirs/V1__a.sql"), "").unwrap();
    fs::write(project.path().join("theirs/U1__b.sql"), "").unwrap();
    expect![[r#"
        --- stderr
        error: DIR/theirs/U1__b.sql and DIR/theirs/V1__a.sql are both 1
        hint: a number is one migration: give one of them another, or remove it
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["adopt", "refinery", "--from", "theirs"]));
    expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          --from <DIR>

        Usage: migrate-cli adopt sqlx --from <DIR> --into <DIR>

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["adopt", "sqlx", "--into", "theirs"]));
    let help = project.run(&["adopt"]);
    assert!(help.contains("  sea-orm   Take over from SeaORM\n") && help.ends_with("--- exit 2\n"), "{help}");
}
