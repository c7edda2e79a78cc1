//! Backfills in the commands that are not about them alone.

use std::path::Path;

use expect_test::expect;

use crate::project::Project;

/// A database at which only a backfill and what waits for it are pending.
fn waiting() -> Project {
    let project = Project::new(crate::backfilled::MANIFEST);
    assert!(project.run(&["upgrade", "--defer-backfills", "-q"]).ends_with("--- exit 0\n"));
    project
}

/// The same with a backfill that stopped in the middle.
fn half_done() -> Project {
    let project = waiting();
    project.sql("INSERT INTO users (email) VALUES ('ada@example.org')");
    project.sql("CREATE TRIGGER bad BEFORE UPDATE ON users BEGIN SELECT RAISE(ABORT, 'not this one'); END");
    project.run(&["upgrade"]);
    project
}

#[test]
fn an_upgrade_leaves_backfills_for_later_and_says_what_does_them() {
    let project = Project::new(crate::backfilled::MANIFEST);
    expect![[r#"
        --- stderr
        Running upgrade  -> bf0000000001, Create users
        Done: 1 step in N ms, now at bf0000000001
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        hint: `migrate-cli backfill run bf0000000002` does it beside the application
        hint: `migrate-cli upgrade` then goes on with what waits for it
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "--defer-backfills"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "steps": [],
          "current": [
            "bf0000000001"
          ],
          "deferred": [
            {
              "revision": "bf0000000002",
              "waits_for": []
            },
            {
              "revision": "bf0000000003",
              "waits_for": [
                "bf0000000002"
              ]
            }
          ]
        }
        --- stderr
        Nothing to do: the database is at bf0000000001
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        hint: `migrate-cli backfill run bf0000000002` does it beside the application
        hint: `migrate-cli upgrade` then goes on with what waits for it
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "--defer-backfills", "--json"]));
    expect![[r#"
        --- stderr
        Running upgrade bf0000000001 -> bf0000000002, Fill users.email_copy
        Running upgrade bf0000000002 -> bf0000000003, Require users.email_copy
        Done: 2 steps in N ms, now at bf0000000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn the_environment_says_so_too_and_the_command_line_has_the_last_word() {
    let project = Project::new(crate::backfilled::MANIFEST).with("MIGRATE_DEFER_BACKFILLS", "1");
    expect![[r#"
        --- stderr
        Running upgrade  -> bf0000000001, Create users
        Done: 1 step in N ms, now at bf0000000001
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        hint: `migrate-cli backfill run bf0000000002` does it beside the application
        hint: `migrate-cli upgrade` then goes on with what waits for it
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stderr
        Running upgrade bf0000000001 -> bf0000000002, Fill users.email_copy
        Running upgrade bf0000000002 -> bf0000000003, Require users.email_copy
        Done: 2 steps in N ms, now at bf0000000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "--defer-backfills=false"]));
    let project = project.with("MIGRATE_DEFER_BACKFILLS", "later");
    expect![[r#"
        --- stderr
        error: MIGRATE_DEFER_BACKFILLS is `later`, which is neither on nor off
        hint: a switch is 1 or 0
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn a_revision_that_is_left_is_no_target() {
    let project = waiting();
    expect![[r#"
        --- stderr
        error: revision bf0000000003 is deferred: it waits for bf0000000002
        hint: the backfill first: migrate-cli backfill run bf0000000002
        hint: or all in its place: leave --defer-backfills out, or set it to false where the environment says it
        --- exit 3
    "#]].assert_eq(&project.run(&["upgrade", "bf0000000003", "--defer-backfills"]));
    expect![[r#"
        --- stderr
        error: revision bf0000000002 is deferred
        hint: the backfill first: migrate-cli backfill run bf0000000002
        hint: or all in its place: leave --defer-backfills out, or set it to false where the environment says it
        --- exit 3
    "#]].assert_eq(&project.run(&["upgrade", "+1", "--defer-backfills"]));
}

#[test]
fn a_status_says_what_waits_for_a_backfill() {
    let project = waiting();
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   bf0000000001
        Revisions 1 applied, 2 pending, 1 waiting for a backfill

           Revision      Message                   Applied (UTC)  Took  By
        ✓  bf0000000001  Create users              TIME  N ms  WHO
        ○  bf0000000002  Fill users.email_copy     pending, backfill
        ○  bf0000000003  Require users.email_copy  waits for bf0000000002
        --- stderr

        hint: `migrate-cli upgrade` applies the 2 pending revisions
        hint: `migrate-cli backfill run bf0000000002` does the backfill beside the application
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "database": {
            "url": "sqlite://DIR/app.db",
            "server": "SQLite",
            "named_by": "DATABASE_URL"
          },
          "ledger": true,
          "up_to_date": false,
          "current": [
            "bf0000000001"
          ],
          "heads": [
            "bf0000000003"
          ],
          "not_built": [],
          "counts": {
            "applied": 1,
            "pending": 2,
            "unfinished": 0,
            "edited": 0,
            "unknown": 0,
            "filling": 0,
            "waiting": 1
          },
          "revisions": [
            {
              "revision": "bf0000000001",
              "state": "applied",
              "edited": false,
              "message": "Create users",
              "applied_at": "TIME",
              "duration_ms": N,
              "applied_by": "WHO",
              "binary_version": "migrate-cli 0.1.0",
              "backfill": false,
              "due": false,
              "filled": null,
              "waits_for": []
            },
            {
              "revision": "bf0000000002",
              "state": "pending",
              "edited": false,
              "message": "Fill users.email_copy",
              "applied_at": null,
              "duration_ms": null,
              "applied_by": null,
              "binary_version": null,
              "backfill": true,
              "due": true,
              "filled": null,
              "waits_for": []
            },
            {
              "revision": "bf0000000003",
              "state": "pending",
              "edited": false,
              "message": "Require users.email_copy",
              "applied_at": null,
              "duration_ms": null,
              "applied_by": null,
              "binary_version": null,
              "backfill": false,
              "due": false,
              "filled": null,
              "waits_for": [
                "bf0000000002"
              ]
            }
          ]
        }
        --- stderr
        hint: `migrate-cli upgrade` applies the 2 pending revisions
        hint: `migrate-cli backfill run bf0000000002` does the backfill beside the application
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status", "--json"]));
}

#[test]
fn a_status_says_how_far_a_backfill_is() {
    let project = half_done();
    project.sql("UPDATE migrate_checkpoint SET row_total = 1");
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   bf0000000001
        Revisions 1 applied, 1 pending, 1 filling, 1 waiting for a backfill

           Revision      Message                   Applied (UTC)  Took  By
        ✓  bf0000000001  Create users              TIME  N ms  WHO
        ◐  bf0000000002  Fill users.email_copy     filling, 0 of 1 rows          WHO
        ○  bf0000000003  Require users.email_copy  waits for bf0000000002
        --- stderr

        hint: `migrate-cli upgrade` applies the pending revision
        hint: `migrate-cli backfill status bf0000000002` says who works on it
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stdout
        1  ↑ bf0000000002  Fill users.email_copy     backfill
           rows in batches of 1,000 at first, 10 to 20,000 so that one takes N ms, each a transaction of its own
           visits all rows again while some remain
           so far: 0 of 1 rows
             keeps other writers out of the file during each batch
        2  ↑ bf0000000003  Require users.email_copy
           alter column email_copy of users
           ! copies users (≈ 1 row, 4.0 kB)
        --- stderr
        Others wait for long during step 2
        Each step keeps other writers out of the file until it ends
        2 steps to upgrade, then at bf0000000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan"]));
}

#[test]
fn current_check_and_history_know_what_waits() {
    let project = waiting();
    expect![[r#"
        --- stdout
        bf0000000001, Create users
        --- stderr
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["current"]));
    expect![[r#"
        --- stdout
        bf0000000001, Create users
        --- stderr
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        error: the database is at bf0000000001, not at bf0000000003
        hint: migrate-cli upgrade
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["current", "--check-heads"]));
    expect![[r#"
        --- stdout
        bf0000000001, Create users
        --- stderr
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["current", "--check-heads", "--defer-backfills"]));
    expect![[r#"
        --- stdout
        ✓ heads
        ✓ files
        ✓ unlisted
        ✓ todo
        ✓ ledger
        ✓ unknown
        ✓ edited
        ✗ pending  2 not applied: bf0000000002, bf0000000003
        ✓ safety
        --- stderr
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        error: 1 check failed: pending
        hint: migrate-cli upgrade
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check"]));
    expect![[r#"
        --- stdout
        ✓ heads
        ✓ files
        ✓ unlisted
        ✓ todo
        ✓ ledger
        ✓ unknown
        ✓ edited
        ✓ pending
        ✓ safety
        --- stderr
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["check", "--defer-backfills"]));
    expect![[r#"
        --- stdout
        bf0000000002 -> bf0000000003 (head), Require users.email_copy
        bf0000000001 -> bf0000000002 (backfill), Fill users.email_copy
        <base> -> bf0000000001, Create users
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["history"]));
    expect![[r#"
        --- stdout
        bf0000000002 -> bf0000000003 (head) (waits for bf0000000002), Require users.email_copy
        bf0000000001 -> bf0000000002 (backfill), Fill users.email_copy
        <base> -> bf0000000001 (current), Create users
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["history", "-i"]));
}

#[test]
#[expect(clippy::too_many_lines, reason = "the text of documents")]
fn a_plan_shows_how_a_backfill_would_run() {
    let project = Project::new(crate::backfilled::MANIFEST);
    expect![[r#"
        --- stdout
        1  ↑ bf0000000001  Create users
           CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_copy TEXT)
             CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_copy TEXT)
        2  ↑ bf0000000002  Fill users.email_copy     backfill
           rows in batches of 1,000 at first, 10 to 20,000 so that one takes N ms, each a transaction of its own
           visits all rows again while some remain
           how many rows there are is not asked here: `backfill run bf0000000002 --dry-run` counts them
             keeps other writers out of the file during each batch
        3  ↑ bf0000000003  Require users.email_copy
           alter column email_copy of users
             CREATE TABLE main."migrate_rebuild" (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_copy TEXT NOT NULL)
             INSERT OR ABORT INTO main."migrate_rebuild" ("id", "email", "email_copy") SELECT "id", "email", "email_copy" FROM main."users"
           ! copies users
             DROP TABLE main."users"
             PRAGMA legacy_alter_table = ON
             ALTER TABLE main."migrate_rebuild" RENAME TO "users"
             PRAGMA legacy_alter_table = OFF
        --- stderr
        Others wait for long during step 3
        Each step keeps other writers out of the file until it ends
        3 steps to upgrade, then at bf0000000003 (head)
        --- exit 0
    "#]].assert_eq(&project.run(&["plan", "--sql"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "server": "SQLite",
          "direction": "upgrade",
          "target": "bf0000000002",
          "steps": [
            {
              "revision": "bf0000000001",
              "from": [],
              "to": [
                "bf0000000001"
              ],
              "message": "Create users",
              "transaction": true,
              "irreversible": null,
              "operations": [
                {
                  "operation": "execute SQL",
                  "rust": false,
                  "statements": [
                    {
                      "sql": "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_copy TEXT)",
                      "unknown": true,
                      "waits_for_transactions": false,
                      "tables": []
                    }
                  ]
                }
              ],
              "backfill": null,
              "opaque": false,
              "fault": null,
              "findings": []
            },
            {
              "revision": "bf0000000002",
              "from": [
                "bf0000000001"
              ],
              "to": [
                "bf0000000002"
              ],
              "message": "Fill users.email_copy",
              "transaction": false,
              "irreversible": null,
              "operations": [],
              "backfill": {
                "rows_at_first": 1000,
                "rows_at_least": 10,
                "rows_at_most": 20000,
                "target_ms": 300,
                "rest_ms": 0,
                "max_rejected": 0,
                "rescans": true,
                "filled": null
              },
              "opaque": false,
              "fault": null,
              "findings": []
            }
          ],
          "tables": [],
          "current_after": [
            "bf0000000002"
          ],
          "deferred": []
        }
        --- exit 0
    "#]].assert_eq(&project.run(&["plan", "bf0000000002", "--json"]));
    expect![[r#"
        --- stdout
        1  ↑ bf0000000001  Create users
           CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_copy TEXT)
        --- stderr
        Each step keeps other writers out of the file until it ends
        1 step to upgrade, then at bf0000000001
        Left for later: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        hint: `migrate-cli backfill run bf0000000002` does it beside the application
        hint: `migrate-cli upgrade` then goes on with what waits for it
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan", "--defer-backfills"]));
}

#[test]
fn a_script_stops_at_a_backfill_or_leaves_it_out() {
    let project = Project::new(crate::backfilled::MANIFEST);
    let range = ["upgrade", "--sql", "--dialect", "postgres", "bf0000000001:heads"];
    expect![[r#"
        --- stdout
        -- upgrade bf0000000001:heads for PostgreSQL, then at bf0000000003
        -- Written by migrate-cli 0.1.0. To be run once: psql -X -f <this file>
        \set ON_ERROR_STOP on
        \encoding UTF8

        -- 1 of 2: upgrade bf0000000001 -> bf0000000002, Fill users.email_copy
        -- This step is a backfill: Rust changes rows in batches.
        -- The script stops here. Run the program that holds it: backfill run bf0000000002
        -- Then run what stands below, or print it anew: upgrade --sql bf0000000002:<target>
        DO $migrate$ BEGIN
            IF NOT EXISTS (SELECT 1 FROM "migrate_ledger" WHERE revision = 'bf0000000002' AND state = 'applied') THEN
                RAISE EXCEPTION USING MESSAGE = 'not in this script: backfill run bf0000000002';
            END IF;
        END $migrate$;

        -- 2 of 2: upgrade bf0000000002 -> bf0000000003, Require users.email_copy
        BEGIN;
        INSERT INTO "migrate_ledger" (revision, state, checksum, message, applied_by, binary_version, format)
        SELECT 'bf0000000003',
            CASE WHEN (SELECT count(*) FROM (SELECT 1 FROM "migrate_ledger" WHERE state = 'applied' AND revision IN ('bf0000000002') FOR KEY SHARE) AS parents) = 1
            THEN 'running' ELSE 'not applied: bf0000000002' END,
            '2592a2ce21273284669da3a4f1febbdcfadba1168205e3a4ae4f304e779ecc38',
            'Require users.email_copy',
            'WHO (script)', 'migrate-cli 0.1.0', 1;

        ALTER TABLE "users" ALTER COLUMN "email_copy" SET NOT NULL;

        UPDATE "migrate_ledger" SET state = 'applied',
            duration_ms = CAST(1000 * extract(epoch FROM clock_timestamp() - applied_at) AS bigint),
            applied_at = clock_timestamp()
        WHERE revision = 'bf0000000003' AND state = 'running';
        INSERT INTO "migrate_event" (kind, revision, duration_ms, applied_by, binary_version)
        SELECT 'upgrade', revision, duration_ms, applied_by, binary_version
        FROM "migrate_ledger" WHERE revision = 'bf0000000003' AND state = 'applied';
        COMMIT;
        --- stderr
        warning: the script stops at bf0000000002, which is a backfill: Rust changes rows in batches; the script says how to go on
        --- exit 0
    "#]].assert_eq(&project.run(&range));
    let deferred = [range.as_slice(), &["--defer-backfills"]].concat();
    expect![[r#"
        --- stdout
        -- upgrade bf0000000001:heads for PostgreSQL, then at bf0000000001
        -- Written by migrate-cli 0.1.0. To be run once: psql -X -f <this file>
        \set ON_ERROR_STOP on
        \encoding UTF8

        -- Left for later: bf0000000002, a backfill
        -- Left for later: bf0000000003, after bf0000000002
        --- stderr
        Left out of the script: backfill bf0000000002, and 1 revision that waits for it: bf0000000003
        --- exit 0
    "#]]
    .assert_eq(&project.run(&deferred));
}

#[test]
fn a_backfill_that_is_half_done_is_undone_and_done_again() {
    let project = half_done();
    project.sql("DROP TRIGGER bad");
    expect![[r#"
        --- stderr
        Running downgrade bf0000000002 -> bf0000000001, Fill users.email_copy
        Running upgrade bf0000000001 -> bf0000000002, Fill users.email_copy
        Backfill bf0000000002: 1 row in N ms, 1 batch
        Done: 2 steps in N ms, now at bf0000000002
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["redo"]));
    expect![[r#"
        --- stderr
        Running downgrade bf0000000002 -> bf0000000001, Fill users.email_copy
        Done: 1 step in N ms, now at bf0000000001
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["downgrade", "-1"]));
}

#[test]
fn safety_rules_have_nothing_to_say_of_a_typed_backfill() {
    let project = Project::new(crate::backfilled::MANIFEST);
    for dialect in ["postgres", "sqlite"] {
        let shown = project.run(&[
            "check",
            "--safety",
            "--no-db",
            "--dialect",
            dialect,
            "--json",
            "--rule",
            "all=deny",
        ]);
        assert!(!shown.contains("bf0000000002"), "{shown}");
    }
}

#[test]
fn a_scaffolded_backfill_is_what_is_compiled_here_but_for_the_names() {
    let project = Project::on_disk();
    project.run(&["new", "Create users", "--rev-id", "bf0000000001"]);
    expect![[r#"
        --- stdout
        versions/20251011_1430_bf0000000002_fill_users_email_copy.rs
        --- stderr
        Wrote revision bf0000000002, on top of bf0000000001
        hint: fill in the names of the table and its columns; `migrate-cli check` finds those that are left
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "--backfill", "Fill users.email_copy", "--rev-id", "bf0000000002"]));
    let path = project.path().join("versions/20251011_1430_bf0000000002_fill_users_email_copy.rs");
    let written = std::fs::read_to_string(&path).unwrap();
    let names = [("todo_table", "users"), ("todo_old", "email"), ("todo_new", "email_copy")];
    let filled = names.iter().fold(written, |text, (todo, name)| text.replace(todo, name));
    let compiled = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/backfilled/20250502_0900_bf0000000002_fill_users_email_copy.rs");
    let without_blanks = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(without_blanks(&filled), without_blanks(&std::fs::read_to_string(compiled).unwrap()));

    let project = project.rebuilt_with(crate::backfilled::MANIFEST, &crate::backfilled::ENTRIES);
    expect![[r#"
        --- stdout
        ✗ todo     1 to be filled in: bf0000000002 at versions/20251011_1430_bf0000000002_fill_users_email_copy.rs:6
        --- stderr
        error: 1 check failed: todo
        hint: put the names of your table and its columns in the place of `todo_…`, and a body in the place of `unwritten(…)`
        --- exit 1
    "#]].assert_eq(&project.run(&["check", "--only", "todo"]));
    std::fs::write(path, filled).unwrap();
    expect![[r#"
        --- stdout
        ✓ todo
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["check", "--only", "todo"]));
}
