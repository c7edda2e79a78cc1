//! Commands that look.

use expect_test::expect;

use crate::project::Project;

#[test]
fn status_of_a_database_that_is_not_there_creates_nothing() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db (does not exist yet)
        Current   <base>
        Revisions 0 applied, 3 pending

           Revision      Message                             Applied (UTC)  Took  By
        ○  a1b2c3d4e5f6  Create users                        pending
        ○  b2c3d4e5f6a7  Add email_verified column to users  pending
        ○  c3d4e5f6a7b8  Create messages                     pending
        --- stderr

        hint: `migrate-cli upgrade` applies the 3 pending revisions
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    assert!(!project.path().join("app.db").exists());
}

#[test]
fn status_shows_what_is_applied_by_whom_and_what_comes_next() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   b2c3d4e5f6a7
        Revisions 2 applied, 1 pending

           Revision      Message                             Applied (UTC)  Took  By
        ✓  a1b2c3d4e5f6  Create users                        TIME  N ms  WHO
        ✓  b2c3d4e5f6a7  Add email_verified column to users  TIME  N ms  WHO
        ○  c3d4e5f6a7b8  Create messages                     pending
        --- stderr

        hint: `migrate-cli upgrade` applies the pending revision
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+2"]], &["status"]));
}

#[test]
fn status_says_that_stamped_revisions_never_ran_here() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   c3d4e5f6a7b8 (head)
        Revisions 3 applied

           Revision      Message                             Applied (UTC)  Took  By
        ✓  a1b2c3d4e5f6  Create users                        TIME  stamped  WHO
        ✓  b2c3d4e5f6a7  Add email_verified column to users  TIME  stamped  WHO
        ✓  c3d4e5f6a7b8  Create messages                     TIME  stamped  WHO
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["stamp", "head"]], &["status"]));
}

#[test]
fn status_as_json_has_everything_the_screen_has() {
    let project = Project::new(crate::chain::MANIFEST);
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
            "a1b2c3d4e5f6"
          ],
          "heads": [
            "c3d4e5f6a7b8"
          ],
          "not_built": [],
          "counts": {
            "applied": 1,
            "pending": 2,
            "unfinished": 0,
            "edited": 0,
            "unknown": 0,
            "filling": 0,
            "waiting": 0
          },
          "revisions": [
            {
              "revision": "a1b2c3d4e5f6",
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
        hint: `migrate-cli upgrade` applies the 2 pending revisions
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+1"]], &["status", "--json"]));
}

#[test]
fn history_reads_as_alembics() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        b2c3d4e5f6a7 -> c3d4e5f6a7b8 (messages) (head), Create messages
        a1b2c3d4e5f6 -> b2c3d4e5f6a7 (messages), Add email_verified column to users
        <base> -> a1b2c3d4e5f6 (messages), Create users
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["history"]));
}

#[test]
fn history_marks_what_is_current() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        b2c3d4e5f6a7 -> c3d4e5f6a7b8 (messages) (head), Create messages
        a1b2c3d4e5f6 -> b2c3d4e5f6a7 (messages) (current), Add email_verified column to users
        <base> -> a1b2c3d4e5f6 (messages), Create users
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+2"]], &["history", "-i"]));
}

#[test]
fn history_takes_ranges_that_start_with_a_minus() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        a1b2c3d4e5f6 -> b2c3d4e5f6a7 (messages), Add email_verified column to users
        <base> -> a1b2c3d4e5f6 (messages), Create users
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+2"]], &["history", "-r", "-1:current"]));
    expect![[r#"
        --- stdout
        b2c3d4e5f6a7 -> c3d4e5f6a7b8 (messages) (head), Create messages
        a1b2c3d4e5f6 -> b2c3d4e5f6a7 (messages), Add email_verified column to users
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["history", "b2c3:"]));
    expect![[r#"
        --- stdout
        Rev: a1b2c3d4e5f6
        Parent: <base>
        Branch names: messages
        Path: CRATE/tests/cli/chain/20250101_0900_a1b2c3d4e5f6_create_users.rs:4

            Create users

        --- exit 0
    "#]]
    .assert_eq(&project.run(&["history", "-v", ":a1b2"]));
}

#[test]
fn a_fork_shows_in_history_heads_and_branches() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stdout
        ba5e00000001 -> 419470000003 (right) (head), Go right
        ba5e00000001 -> 1ef700000002 (left) (head), Go left
        <base> -> ba5e00000001 (branchpoint), Start
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["history"]));
    expect![[r#"
        --- stdout
        1ef700000002 (left) (head), Go left
        419470000003 (right) (head), Go right
        --- stderr
        hint: to make one of them: migrate-cli merge 1ef700000002 419470000003 -m "…"
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["heads"]));
    expect![[r#"
        --- stdout
        ba5e00000001 (branchpoint), Start
          -> 1ef700000002 (left) (head), Go left
          -> 419470000003 (right) (head), Go right
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["branches"]));
}

#[test]
fn show_tells_all_about_a_revision() {
    let project = Project::new(crate::rough::MANIFEST);
    expect![[r#"
        --- stdout
        Rev: fee100000002
        Parent: fee100000001
        Irreversible: the legacy JSON is gone
        Path: CRATE/tests/cli/rough/20250302_0900_fee100000002_gone.rs:4

            Drop the legacy JSON

        --- exit 0
    "#]]
    .assert_eq(&project.run(&["show", "fee100000002"]));
}

#[test]
fn show_as_json() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "revisions": [
            {
              "revision": "419470000003",
              "down_revisions": [
                "ba5e00000001"
              ],
              "depends_on": [],
              "children": [],
              "branch_labels": [
                "right"
              ],
              "message": "Go right",
              "head": true,
              "current": null,
              "transaction": true,
              "irreversible": null,
              "file": "CRATE/tests/cli/forked/20250203_0900_419470000003_right.rs",
              "line": 4
            }
          ]
        }
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["show", "right", "--json"]));
}

#[test]
fn current_names_each_current_head() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stderr
        Nothing is applied
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["current"]));
    expect![[r#"
        --- stdout
        1ef700000002 (left) (head), Go left
        419470000003 (right) (head), Go right
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "heads"]], &["current"]));
}

#[test]
fn current_can_insist_on_the_heads() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        a1b2c3d4e5f6 (messages), Create users
        --- stderr
        error: the database is at a1b2c3d4e5f6, not at c3d4e5f6a7b8
        hint: migrate-cli upgrade
        --- exit 1
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+1"]], &["current", "--check-heads"]));
    expect![[r#"
        --- stdout
        c3d4e5f6a7b8 (messages) (head), Create messages
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["current", "--check-heads"]));
}

#[test]
fn plan_lists_the_steps_in_order() {
    let project = Project::new(crate::rough::MANIFEST);
    expect![[r#"
        --- stdout
        1  ↑ fee100000001  Create accounts
           CREATE TABLE accounts (id BIGINT)
        2  ↑ fee100000002  Drop the legacy JSON                 irreversible
           CREATE TABLE gone (id BIGINT)
        3  ↑ fee100000003  Copy from a table that is not there
           INSERT INTO accounts SELECT id FROM nowhere
        --- stderr
        Each step keeps other writers out of the file until it ends
        3 steps to upgrade, then at fee100000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan"]));
    expect![[r#"
        --- stdout
        1  ↓ fee100000001  Create accounts
           DROP TABLE accounts
        --- stderr
        Each step keeps other writers out of the file until it ends
        1 step to downgrade, then at <base>
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+1"]], &["plan", "downgrade", "base"]));
    expect![[r#"
        --- stdout
        1  ↑ fee100000002  Drop the legacy JSON  irreversible
           CREATE TABLE gone (id BIGINT)
        --- stderr
        Each step keeps other writers out of the file until it ends
        1 step to upgrade, then at fee100000002
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan", "+1"]));
}

#[test]
fn plan_says_when_there_is_nothing_to_do() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        Nothing to do: the database is at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["plan", "upgrade", "heads"]));
}

#[test]
fn plan_as_json() {
    let project = Project::new(crate::rough::MANIFEST);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "server": "SQLite",
          "direction": "upgrade",
          "target": "+2",
          "steps": [
            {
              "revision": "fee100000001",
              "from": [],
              "to": [
                "fee100000001"
              ],
              "message": "Create accounts",
              "transaction": true,
              "irreversible": null,
              "operations": [
                {
                  "operation": "execute SQL",
                  "rust": false,
                  "statements": [
                    {
                      "sql": "CREATE TABLE accounts (id BIGINT)",
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
              "revision": "fee100000002",
              "from": [
                "fee100000001"
              ],
              "to": [
                "fee100000002"
              ],
              "message": "Drop the legacy JSON",
              "transaction": true,
              "irreversible": "the legacy JSON is gone",
              "operations": [
                {
                  "operation": "execute SQL",
                  "rust": false,
                  "statements": [
                    {
                      "sql": "CREATE TABLE gone (id BIGINT)",
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
            }
          ],
          "tables": [],
          "current_after": [
            "fee100000002"
          ],
          "deferred": []
        }
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan", "upgrade", "+2", "--json"]));
}

#[test]
fn check_passes_when_all_is_well() {
    let project = Project::new(crate::chain::MANIFEST);
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
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["check"]));
}

#[test]
fn check_fails_and_says_what_to_do() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stdout
        ✗ heads    2 heads, where there should be one: 1ef700000002, 419470000003
        ✓ files
        ✓ unlisted
        ✓ todo
        ✓ ledger
        ✓ unknown
        ✓ edited
        ✗ pending  3 not applied: ba5e00000001, 1ef700000002, 419470000003
        ✓ safety
        --- stderr
        error: 2 checks failed: heads, pending
        hint: join the heads: migrate-cli merge 1ef700000002 419470000003 -m "…"
        hint: migrate-cli upgrade
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check"]));
    expect![[r#"
        --- stdout
        ✓ files
        ✓ unlisted
        ✓ todo
        ✓ ledger
        ✓ unknown
        ✓ edited
        ✓ safety
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["check", "--skip", "pending,heads"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "ok": false,
          "checks": [
            {
              "name": "heads",
              "ok": false,
              "message": "2 heads, where there should be one: 1ef700000002, 419470000003",
              "revisions": [
                "1ef700000002",
                "419470000003"
              ]
            },
            {
              "name": "files",
              "ok": true,
              "message": "",
              "revisions": []
            },
            {
              "name": "unlisted",
              "ok": true,
              "message": "",
              "revisions": []
            },
            {
              "name": "todo",
              "ok": true,
              "message": "",
              "revisions": []
            }
          ]
        }
        --- stderr
        error: 1 check failed: heads
        hint: join the heads: migrate-cli merge 1ef700000002 419470000003 -m "…"
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check", "--no-db", "--json"]));
}

#[test]
fn a_terminal_has_colours_unless_somebody_objects() {
    let project = Project::new(crate::chain::MANIFEST);
    let coloured = |shown: &str| shown.contains('\u{1b}');
    assert!(coloured(&project.run_on_terminal(80, &["history"])));
    assert!(!coloured(&project.run_on_terminal(80, &["history", "--color", "never"])));
    assert!(!coloured(&project.run(&["history"])));
    assert!(coloured(&project.run(&["history", "--color", "always"])));
    let project = project.with("NO_COLOR", "1");
    assert!(!coloured(&project.run_on_terminal(80, &["history"])));
    assert!(coloured(&project.run_on_terminal(80, &["history", "--color", "always"])));
    let project = project.without("NO_COLOR").with("TERM", "dumb");
    assert!(!coloured(&project.run_on_terminal(80, &["history"])));
}

#[test]
fn status_fits_into_a_narrow_terminal() {
    let project = Project::new(crate::chain::MANIFEST).with("NO_COLOR", "1");
    project.after(&[&["stamp", "b2c3"]], &["heads"]);
    let shown = project.run_on_terminal(64, &["status"]);
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   b2c3d4e5f6a7
        Revisions 2 applied, 1 pending

           Revision      Message               Applied (UTC)  Took
        ✓  a1b2c3d4e5f6  Create users          TIME  stamped
        ✓  b2c3d4e5f6a7  Add email_verified…   TIME  stamped
        ○  c3d4e5f6a7b8  Create messages       pending
        --- stderr

        hint: `migrate-cli upgrade` applies the pending revision
        --- exit 0
    "#]]
    .assert_eq(&shown);
}

#[test]
fn the_version_names_the_migrations_too() {
    let project = Project::on_disk();
    let own = env!("CARGO_PKG_VERSION");
    let expected = format!("--- stdout\nmigrate-cli {own} (service 1.0.0)\n--- exit 0\n");
    assert_eq!(project.run(&["--version"]), expected);
}

#[test]
fn completions_are_for_the_program_that_prints_them() {
    let project = Project::on_disk();
    for shell in ["bash", "zsh", "fish"] {
        let shown = project.run(&["completions", shell]);
        assert!(shown.contains("migrate-cli") && shown.contains("downgrade"), "{shell}");
    }
}
