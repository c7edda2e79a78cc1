//! A database that was there before these revisions were.

use expect_test::expect;

use crate::project::Project;

/// A database with two tables and no ledger.
fn project() -> Project {
    let project = Project::new(crate::chain::MANIFEST);
    project.sql(
        "CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL); CREATE TABLE notes (id BIGINT)",
    );
    project
}

#[test]
fn an_upgrade_of_tables_without_a_ledger_names_the_ways_on() {
    let project = project();
    expect![[r#"
        --- stderr
        error: the database holds 2 tables and no ledger: notes, users
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        hint: nothing was changed; step by step: https://github.com/diesel-revisions/migrate/blob/main/docs/guide/baseline.md
        --- exit 11
    "#]].assert_eq(&project.run(&["upgrade"]));
    // Nothing was written: it says the same again.
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "error": {
            "code": "tables_without_ledger",
            "exit_code": 11,
            "message": "the database holds 2 tables and no ledger: notes, users",
            "causes": [],
            "hints": [
              "if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it",
              "if they are none of these revisions': `migrate-cli upgrade --allow-tables`",
              "nothing was changed; step by step: https://github.com/diesel-revisions/migrate/blob/main/docs/guide/baseline.md"
            ],
            "steps_done": []
          }
        }
        --- stderr
        error: the database holds 2 tables and no ledger: notes, users
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        hint: nothing was changed; step by step: https://github.com/diesel-revisions/migrate/blob/main/docs/guide/baseline.md
        --- exit 11
    "#]].assert_eq(&project.run(&["upgrade", "+1", "--json"]));
}

#[test]
fn the_ledger_of_another_tool_is_pointed_at() {
    let project = project();
    project.sql(
        "CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE schema_migrations (version TEXT)",
    );
    expect![[r#"
        --- stderr
        error: the database holds 4 tables and no ledger: alembic_version, notes, schema_migrations, users
        hint: alembic_version is Alembic's ledger: `migrate-cli adopt alembic` takes over what it records
        hint: schema_migrations is the ledger of another tool, which may know what was done to these tables
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        hint: nothing was changed; step by step: https://github.com/diesel-revisions/migrate/blob/main/docs/guide/baseline.md
        --- exit 11
    "#]].assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn who_knows_better_says_so() {
    let project = Project::new(crate::chain::MANIFEST);
    project.sql("CREATE TABLE notes (id BIGINT)");
    expect![[r#"
        --- stderr
        Running upgrade  -> a1b2c3d4e5f6, Create users
        Done: 1 step in N ms, now at a1b2c3d4e5f6
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "+1", "--allow-tables"]));
    // From now on there is a ledger.
    expect![[r#"
        --- stderr
        Running upgrade a1b2c3d4e5f6 -> b2c3d4e5f6a7, Add email_verified column to users
        Running upgrade b2c3d4e5f6a7 -> c3d4e5f6a7b8, Create messages
        Done: 2 steps in N ms, now at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));

    let project = Project::new(crate::chain::MANIFEST).with("MIGRATE_ALLOW_TABLES", "1");
    project.sql("CREATE TABLE notes (id BIGINT)");
    expect![[r#"
        --- stderr
        error: the database holds a table and no ledger: notes
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        hint: nothing was changed; step by step: https://github.com/diesel-revisions/migrate/blob/main/docs/guide/baseline.md
        --- exit 11
    "#]].assert_eq(&project.run(&["upgrade", "+1", "--allow-tables=false"]));
    expect![[r#"
        --- stderr
        Running upgrade  -> a1b2c3d4e5f6, Create users
        Done: 1 step in N ms, now at a1b2c3d4e5f6
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "+1"]));

    let project = project.with("MIGRATE_ALLOW_TABLES", "perhaps");
    expect![[r#"
        --- stderr
        error: MIGRATE_ALLOW_TABLES is `perhaps`, which is neither on nor off
        hint: a switch is 1 or 0
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn status_says_it_too() {
    let project = project();
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db (no ledger yet)
        Current   <base>
        Revisions 0 applied, 3 pending

           Revision      Message                             Applied (UTC)  Took  By
        ○  a1b2c3d4e5f6  Create users                        pending
        ○  b2c3d4e5f6a7  Add email_verified column to users  pending
        ○  c3d4e5f6a7b8  Create messages                     pending
        --- stderr

        warning: the database holds 2 tables and no ledger: notes, users
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        --- exit 0
    "#]].assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "database": {
            "url": "sqlite://DIR/app.db",
            "server": "SQLite",
            "named_by": "DATABASE_URL"
          },
          "ledger": false,
          "tables_without_ledger": [
            "notes",
            "users"
          ],
          "up_to_date": false,
          "current": [],
          "heads": [
            "c3d4e5f6a7b8"
          ],
          "not_built": [],
          "counts": {
            "applied": 0,
            "pending": 3,
            "unfinished": 0,
            "edited": 0,
            "unknown": 0,
            "filling": 0,
            "waiting": 0
          },
          "revisions": [
            {
              "revision": "a1b2c3d4e5f6",
              "state": "pending",
              "edited": false,
              "message": "Create users",
              "applied_at": null,
              "duration_ms": null,
              "applied_by": null,
              "binary_version": null,
              "backfill": false,
              "due": false,
              "filled": null,
              "waits_for": []
            },
            {
              "revision": "b2c3d4e5f6a7",
              "state": "pending",
              "edited": false,
              "message": "Add email_verified column to users",
              "applied_at": null,
              "duration_ms": null,
              "applied_by": null,
              "binary_version": null,
              "backfill": false,
              "due": false,
              "filled": null,
              "waits_for": []
            },
            {
              "revision": "c3d4e5f6a7b8",
              "state": "pending",
              "edited": false,
              "message": "Create messages",
              "applied_at": null,
              "duration_ms": null,
              "applied_by": null,
              "binary_version": null,
              "backfill": false,
              "due": false,
              "filled": null,
              "waits_for": []
            }
          ]
        }
        --- stderr
        warning: the database holds 2 tables and no ledger: notes, users
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        --- exit 0
    "#]].assert_eq(&project.run(&["status", "--json"]));
}

#[test]
fn check_and_plan_say_it_too() {
    let project = project();
    expect![[r#"
        --- stdout
        ✗ ledger   2 tables and no ledger: notes, users
        ✗ pending  3 not applied: a1b2c3d4e5f6, b2c3d4e5f6a7, c3d4e5f6a7b8
        --- stderr
        error: 2 checks failed: ledger, pending
        hint: is this schema one of these revisions'? `migrate-cli status` says how to go on
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check", "--only", "ledger,pending"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "ok": false,
          "checks": [
            {
              "name": "ledger",
              "ok": false,
              "message": "2 tables and no ledger: notes, users",
              "revisions": [
                "notes",
                "users"
              ]
            }
          ]
        }
        --- stderr
        error: 1 check failed: ledger
        hint: is this schema one of these revisions'? `migrate-cli status` says how to go on
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check", "--only", "ledger", "--json"]));
    expect![[r#"
        --- stdout
        1  ↑ a1b2c3d4e5f6  Create users
           CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL)
        --- stderr
        warning: refused as it is: the database holds 2 tables and no ledger: notes, users
        Each step keeps other writers out of the file until it ends
        1 step to upgrade, then at a1b2c3d4e5f6
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan", "+1"]));
    let project = project.with("MIGRATE_ALLOW_TABLES", "1");
    expect![[r#"
        --- stdout
        ✓ ledger
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["check", "--only", "ledger"]));
}

#[test]
fn a_downgrade_does_not_call_it_base() {
    expect![[r#"
        --- stderr
        error: the database holds 2 tables and no ledger: notes, users
        hint: if they are the schema as some revision leaves it: `migrate-cli stamp --verify <revision>` compares, and records it
        hint: if they are none of these revisions': `migrate-cli upgrade --allow-tables`
        hint: nothing was changed; step by step: https://github.com/diesel-revisions/migrate/blob/main/docs/guide/baseline.md
        --- exit 11
    "#]].assert_eq(&project().run(&["downgrade", "base", "--yes"]));
}

/// A database with what the first two revisions make, made by hand.
fn by_hand() -> Project {
    let project = Project::new(crate::chain::MANIFEST);
    project.sql(
        "CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL, email_verified BOOLEAN NOT NULL DEFAULT FALSE)",
    );
    project
}

#[test]
fn a_stamp_that_is_verified_is_recorded_or_refused() {
    let project = by_hand();
    expect![[r#"
        --- stdout
        - table messages
        --- stderr
        error: the database is not what c3d4e5f6a7b8 (head) makes it: 1 object differs
        hint: `-` is missing in the database, `+` is only there, `~` is as the revisions make it -> as it is there
        hint: nothing was changed: is the database at another revision, or was it changed by hand?
        hint: what is none of these revisions' is passed over with --ignore <table>
        --- exit 11
    "#]].assert_eq(&project.run(&["stamp", "--verify", "heads"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "same": false,
          "heads": [
            "c3d4e5f6a7b8"
          ],
          "tables": 2,
          "prepared": [],
          "difference": [
            {
              "kind": "table",
              "name": "messages",
              "what": {
                "removed": {
                  "summary": ""
                }
              }
            }
          ]
        }
        --- stderr
        error: the database is not what c3d4e5f6a7b8 (head) makes it: 1 object differs
        hint: `-` is missing in the database, `+` is only there, `~` is as the revisions make it -> as it is there
        hint: nothing was changed: is the database at another revision, or was it changed by hand?
        hint: what is none of these revisions' is passed over with --ignore <table>
        --- exit 11
    "#]].assert_eq(&project.run(&["stamp", "--verify", "head", "--json"]));
    expect![[r#"
        --- stderr
        Verified: the database is what b2c3d4e5f6a7 makes it (1 table)
        2 revisions recorded as applied: a1b2c3d4e5f6, b2c3d4e5f6a7
        Done: now at b2c3d4e5f6a7
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["stamp", "--verify", "b2c3d4e5f6a7"]));
    expect![[r#"
        --- stderr
        Running upgrade b2c3d4e5f6a7 -> c3d4e5f6a7b8, Create messages
        Done: 1 step in N ms, now at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stderr
        Verified: the database is what c3d4e5f6a7b8 (head) makes it (2 tables)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["verify"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "same": true,
          "heads": [
            "c3d4e5f6a7b8"
          ],
          "tables": 2,
          "prepared": [],
          "difference": []
        }
        --- stderr
        Verified: the database is what c3d4e5f6a7b8 (head) makes it (2 tables)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["verify", "--json"]));
}

#[test]
fn drift_is_found_and_may_be_passed_over() {
    let project = Project::new(crate::chain::MANIFEST);
    project.run(&["upgrade"]);
    project.sql("CREATE TABLE hotfix (id INTEGER); ALTER TABLE users ADD COLUMN phone TEXT");
    expect![[r#"
        --- stdout
        + table hotfix
        table users
          + column phone TEXT
        --- stderr
        error: the database is not what c3d4e5f6a7b8 (head) makes it: 2 objects differ
        hint: `-` is missing in the database, `+` is only there, `~` is as the revisions make it -> as it is there
        hint: nothing was changed: is the database at another revision, or was it changed by hand?
        hint: what is none of these revisions' is passed over with --ignore <table>
        --- exit 11
    "#]].assert_eq(&project.run(&["verify"]));
    expect![[r#"
        --- stdout
        table users
          + column phone TEXT
        --- stderr
        error: the database is not what c3d4e5f6a7b8 (head) makes it: 1 object differs
        hint: `-` is missing in the database, `+` is only there, `~` is as the revisions make it -> as it is there
        hint: nothing was changed: is the database at another revision, or was it changed by hand?
        hint: what is none of these revisions' is passed over with --ignore <table>
        --- exit 11
    "#]].assert_eq(&project.run(&["verify", "--ignore", "hotfix"]));
    project.sql("ALTER TABLE users DROP COLUMN phone");
    expect![[r#"
        --- stderr
        Verified: the database is what c3d4e5f6a7b8 (head) makes it (2 tables)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["verify", "--ignore", "hotfix"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "inserted": [],
          "deleted": [],
          "current": [
            "c3d4e5f6a7b8"
          ],
          "verified": true
        }
        --- stderr
        Verified: the database is what c3d4e5f6a7b8 (head) makes it (2 tables)
        Nothing to do: the database is at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["stamp", "--verify", "--ignore", "hotfix", "heads", "--json"]));
}

#[test]
fn a_history_that_does_not_run_on_an_empty_database_is_told_with_its_fault() {
    let project = Project::new(crate::rough::MANIFEST);
    expect![[r#"
        --- stderr
        error: the revisions cannot be applied to an empty database
        caused by: upgrade stopped at fee100000003 after 2 of 3 steps
        caused by: could not execute INSERT INTO accounts SELECT id FROM nowhere
        caused by: no such table: nowhere
        hint: the history lacks what it builds on: the first revision has to make all that the later ones change
        hint: nothing was changed
        --- exit 13
    "#]].assert_eq(&project.run(&["stamp", "--verify", "heads"]));
}

#[test]
fn a_scratch_database_is_for_a_server() {
    let project = by_hand();
    expect![[r#"
        --- stderr
        error: SQLite needs no --scratch: the revisions are applied in memory
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["stamp", "heads", "--scratch", "sqlite://other.db"]));
    expect![[r#"
        --- stderr
        error: no scratch database could be made
        caused by: `nonsense` is not a database URL scheme this program knows
        hint: pass --scratch with the URL of an empty database on a server of the same version; it is emptied again
        --- exit 10
    "#]].assert_eq(&project.run(&["verify", "--scratch", "nonsense"]));
}
