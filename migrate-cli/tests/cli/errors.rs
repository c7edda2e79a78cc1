//! What the program says when something is wrong.

use expect_test::expect;

use crate::project::Project;

#[test]
fn an_unknown_revision_may_be_a_slip() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: cannot locate revision `c3d4e5f6a7b9`
        hint: did you mean `c3d4e5f6a7b8`?
        hint: `migrate-cli history` lists the revisions of this binary; after a pull, build again
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["upgrade", "c3d4e5f6a7b9"]));
    expect![[r#"
        --- stderr
        error: cannot locate revision `nothing_like_it`
        hint: `migrate-cli history` lists the revisions of this binary; after a pull, build again
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["upgrade", "nothing_like_it"]));
}

#[test]
fn a_target_with_several_heads_has_three_ways_out() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stderr
        error: target `head` matches 2 heads: 1ef700000002, 419470000003
        hint: `heads` for all, a revision id or `left@head` for one, or join them: migrate-cli merge 1ef700000002 419470000003 -m "…"
        --- exit 3
    "#]].assert_eq(&project.run(&["upgrade", "head"]));
}

#[test]
fn an_error_as_json_has_code_and_hints() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "error": {
            "code": "multiple_heads",
            "exit_code": 3,
            "message": "target `head` matches 2 heads: 1ef700000002, 419470000003",
            "causes": [],
            "hints": [
              "`heads` for all, a revision id or `left@head` for one, or join them: migrate-cli merge 1ef700000002 419470000003 -m \"…\""
            ],
            "steps_done": []
          }
        }
        --- stderr
        error: target `head` matches 2 heads: 1ef700000002, 419470000003
        hint: `heads` for all, a revision id or `left@head` for one, or join them: migrate-cli merge 1ef700000002 419470000003 -m "…"
        --- exit 3
    "#]].assert_eq(&project.run(&["upgrade", "head", "--json"]));
}

#[test]
fn a_failed_step_says_what_was_done_before() {
    let project = Project::new(crate::rough::MANIFEST);
    expect![[r#"
        --- stderr
        Running upgrade  -> fee100000001, Create accounts
        Running upgrade fee100000001 -> fee100000002, Drop the legacy JSON
        Running upgrade fee100000002 -> fee100000003, Copy from a table that is not there
        error: upgrade stopped at fee100000003 after 2 of 3 steps
        caused by: could not execute INSERT INTO accounts SELECT id FROM nowhere
        caused by: no such table: nowhere
        hint: the 2 steps before it are recorded; the same command continues
        --- exit 13
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "error": {
            "code": "stopped",
            "exit_code": 13,
            "message": "upgrade stopped at fee100000003 after 0 of 1 steps",
            "causes": [
              "could not execute INSERT INTO accounts SELECT id FROM nowhere",
              "no such table: nowhere"
            ],
            "hints": [
              "nothing was changed"
            ],
            "steps_done": []
          }
        }
        --- stderr
        error: upgrade stopped at fee100000003 after 0 of 1 steps
        caused by: could not execute INSERT INTO accounts SELECT id FROM nowhere
        caused by: no such table: nowhere
        hint: nothing was changed
        --- exit 13
    "#]]
    .assert_eq(&project.run(&["upgrade", "--json", "-q"]));
}

#[test]
fn a_downgrade_does_not_cross_an_irreversible_revision() {
    let project = Project::new(crate::rough::MANIFEST);
    expect![[r#"
        --- stderr
        error: revision fee100000002 is irreversible: the legacy JSON is gone
        hint: nothing was changed; `migrate-cli downgrade fee100000002` goes as far as it can
        --- exit 6
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+2"]], &["downgrade", "base", "--yes"]));
}

#[test]
fn rows_of_another_program_are_explained() {
    let project = Project::new(crate::forked::MANIFEST);
    assert!(project.run(&["upgrade"]).ends_with("exit 0\n"));
    let project = project.knowing(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: the ledger holds revisions 1ef700000002, 419470000003, ba5e00000001, which this program does not know
        caused by: 1ef700000002 (Go left) was applied TIME UTC by WHO, with migrate-cli 0.1.0
        caused by: 419470000003 (Go right) was applied TIME UTC by WHO, with migrate-cli 0.1.0
        caused by: ba5e00000001 (Start) was applied TIME UTC by WHO, with migrate-cli 0.1.0
        hint: this binary is older than the database: pull, and build again
        hint: or undo them with the binary that knows them: <that binary> downgrade <revision>
        hint: or, if they are gone for good, forget them: migrate-cli stamp --purge <current revision>
        --- exit 11
    "#]].assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   <base>
        Revisions 0 applied, 3 pending, 3 unknown

           Revision      Message                             Applied (UTC)  Took  By
        ○  a1b2c3d4e5f6  Create users                        pending
        ○  b2c3d4e5f6a7  Add email_verified column to users  pending
        ○  c3d4e5f6a7b8  Create messages                     pending
        ?  1ef700000002  Go left (unknown here)              TIME  N ms  WHO
        ?  419470000003  Go right (unknown here)             TIME  N ms  WHO
        ?  ba5e00000001  Start (unknown here)                TIME  N ms  WHO
        --- stderr

        hint: the database is ahead of this binary: pull, and build again
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stderr
        3 revisions forgotten: 1ef700000002, 419470000003, ba5e00000001
        1 revision recorded as applied: a1b2c3d4e5f6
        Done: now at a1b2c3d4e5f6
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["stamp", "--purge", "a1b2"]));
}

#[test]
fn a_count_that_leads_out_of_the_history() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: relative target `+4` needs 4 revisions, 3 exist
        hint: `heads` is as far as it goes
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["upgrade", "+4"]));
    expect![[r#"
        --- stderr
        error: relative target `-1` needs 1 revisions, 0 exist
        hint: nothing is applied: `migrate-cli status` shows it
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["downgrade", "-1"]));
    expect![[r#"
        --- stderr
        error: relative target `-1` does not lead upward
        hint: an upgrade counts with `+1`; to go down: `migrate-cli downgrade -1`
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["upgrade", "-1"]));
}

#[test]
fn a_range_is_no_target() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: a range is not a target: `a1b2:c3d4`
        hint: ranges belong to `migrate-cli history <from>:<to>` and to `--sql`
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["upgrade", "a1b2:c3d4"]));
    expect![[r#"
        --- stderr
        error: `c3d4` is not below `a1b2`
        hint: the older end comes first; is it `a1b2:c3d4`?
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["history", "c3d4:a1b2"]));
}

#[test]
fn a_program_without_migrations_says_so() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: service has no migrations: DIR/versions held none when it was compiled
        hint: write the first one: migrate-cli new "create users"
        hint: if it is there already, build again; where that does nothing: https://github.com/diesel-revisions/migrate/blob/main/docs/linking.md#the-traps
        --- exit 4
    "#]]
    .assert_eq(&project.run(&["status"]));
}

#[test]
fn a_directory_is_no_database() {
    let project = Project::new(crate::chain::MANIFEST).with("DATABASE_URL", "sqlite:///tmp");
    expect![[r#"
        --- stderr
        error: could not connect to sqlite:///tmp
        caused by: unable to open database file
        hint: /tmp is a directory: name a file in it, as in sqlite:///tmp/app.db
        hint: the database was named by DATABASE_URL
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn a_directory_that_does_not_exist_holds_no_database() {
    let project = Project::new(crate::chain::MANIFEST).with("DATABASE_URL", "sqlite:///nowhere/app.db");
    expect![[r#"
        --- stderr
        error: could not connect to sqlite:///nowhere/app.db
        caused by: unable to open database file
        hint: the directory /nowhere does not exist
        hint: the database was named by DATABASE_URL
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["status"]));
}

#[test]
fn a_url_of_another_kind_is_explained() {
    let project = Project::new(crate::chain::MANIFEST).with("DATABASE_URL", "mysql://app:hunter2@db/x");
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: `mysql` is not a database URL scheme this program knows
        hint: MySQL and MariaDB are not supported yet; PostgreSQL and SQLite are
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    let project = project.with("DATABASE_URL", "mongodb://x");
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: `mongodb` is not a database URL scheme this program knows
        hint: a URL looks like sqlite://app.db or postgres://user:password@host:5432/database
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn the_default_database_is_named() {
    let project = Project::new(crate::chain::MANIFEST).without("DATABASE_URL");
    expect![[r#"
        --- stdout
        Database  sqlite://migrate.db (does not exist yet)
        Current   <base>
        Revisions 0 applied, 3 pending

           Revision      Message                             Applied (UTC)  Took  By
        ○  a1b2c3d4e5f6  Create users                        pending
        ○  b2c3d4e5f6a7  Add email_verified column to users  pending
        ○  c3d4e5f6a7b8  Create messages                     pending
        --- stderr
        Using sqlite://migrate.db, as nothing names another database

        hint: `migrate-cli upgrade` applies the 3 pending revisions
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
}

#[test]
fn wrong_arguments_show_the_usage() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <TARGET>

        Usage: migrate-cli downgrade <TARGET>

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["downgrade"]));
    expect![[r#"
        --- stderr
        error: invalid value 'soon' for '--lock-timeout <TIME>': a time is a number with ms, s, m or h

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["upgrade", "--lock-timeout", "soon"]));
}

#[test]
fn an_edited_migration_is_noticed_and_does_not_stop_anything() {
    let project = Project::new(crate::chain::MANIFEST);
    assert!(project.run(&["upgrade", "+2"]).ends_with("exit 0\n"));
    project.sql("UPDATE migrate_ledger SET checksum = 'other' WHERE revision = 'a1b2c3d4e5f6'");
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   b2c3d4e5f6a7
        Revisions 2 applied, 1 pending, 1 edited

           Revision      Message                             Applied (UTC)  Took  By
        ✎  a1b2c3d4e5f6  Create users (edited)               TIME  N ms  WHO
        ✓  b2c3d4e5f6a7  Add email_verified column to users  TIME  N ms  WHO
        ○  c3d4e5f6a7b8  Create messages                     pending
        --- stderr

        warning: a revision was edited after it was applied: a change belongs into a new revision
        hint: `migrate-cli upgrade` applies the pending revision
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stderr
        warning: Revision a1b2c3d4e5f6 was edited after it was applied
        Running upgrade b2c3d4e5f6a7 -> c3d4e5f6a7b8, Create messages
        Done: 1 step in N ms, now at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stdout
        ✗ edited   1 edited after being applied: a1b2c3d4e5f6
        --- stderr
        error: 1 check failed: edited
        hint: undo the edit; the change belongs into a new revision
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check", "--only", "edited"]));
}

#[test]
fn a_ledger_from_the_future_is_left_alone() {
    let project = Project::new(crate::chain::MANIFEST);
    assert!(project.run(&["upgrade"]).ends_with("exit 0\n"));
    project.sql("UPDATE migrate_ledger SET format = 7, binary_version = 'service 9.0.0'");
    expect![[r#"
        --- stderr
        error: the ledger has format 7, and this program reads up to 1
        hint: it was written by service 9.0.0: use that version or a later one
        --- exit 11
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn a_ledger_with_a_hole_is_not_built_upon() {
    let project = Project::new(crate::chain::MANIFEST);
    assert!(project.run(&["upgrade"]).ends_with("exit 0\n"));
    project.sql("DELETE FROM migrate_ledger WHERE revision = 'a1b2c3d4e5f6'");
    expect![[r#"
        --- stderr
        error: revision b2c3d4e5f6a7 is recorded as applied, but the one it builds on is not: a1b2c3d4e5f6
        hint: a row was deleted by hand, or a `down_revision` changed after the revision was applied
        hint: if the database has what a1b2c3d4e5f6 does, record everything anew: migrate-cli stamp --purge <current revision>
        --- exit 11
    "#]]
    .assert_eq(&project.run(&["downgrade", "-1"]));
}

#[test]
fn an_unfinished_step_is_shown_and_explained() {
    let project = Project::new(crate::chain::MANIFEST);
    assert!(project.run(&["upgrade"]).ends_with("exit 0\n"));
    project.sql(
        "UPDATE migrate_ledger SET state = 'running', duration_ms = NULL WHERE revision = 'c3d4e5f6a7b8'",
    );
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   b2c3d4e5f6a7
        Revisions 2 applied, 1 unfinished

           Revision      Message                             Applied (UTC)  Took  By
        ✓  a1b2c3d4e5f6  Create users                        TIME  N ms  WHO
        ✓  b2c3d4e5f6a7  Add email_verified column to users  TIME  N ms  WHO
        ◐  c3d4e5f6a7b8  Create messages                     unfinished  WHO
        --- stderr

        hint: `migrate-cli upgrade` continues what was left unfinished
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stderr
        error: revision c3d4e5f6a7b8 was left in the middle of an upgrade
        caused by: WHO began it and did not finish
        hint: it runs outside a transaction; to continue it: migrate-cli upgrade c3d4e5f6a7b8
        hint: if that run is still at work, wait for it; if the work is done, record it: migrate-cli stamp c3d4e5f6a7b8
        --- exit 11
    "#]].assert_eq(&project.run(&["downgrade", "-1"]));
}

#[test]
fn a_file_that_takes_no_writes_is_recognised() {
    let project = Project::new(crate::chain::MANIFEST);
    assert!(project.run(&["upgrade", "+1"]).ends_with("exit 0\n"));
    let url = format!("file:{}?mode=ro", project.path().join("app.db").display());
    let project = project.with("DATABASE_URL", &url);
    expect![[r#"
        --- stderr
        error: upgrade stopped at b2c3d4e5f6a7 after 0 of 2 steps
        caused by: attempt to write a readonly database
        hint: nothing was changed
        hint: the database takes no writes: is it a replica, or is the file or its directory read-only?
        --- exit 13
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn a_person_is_told_what_was_written_and_not_built() {
    let project = Project::on_disk();
    assert!(project.run(&["new", "one", "--rev-id", "aaaa00000001"]).ends_with("exit 0\n"));
    let project = project.rebuilt_with(crate::chain::MANIFEST, &crate::chain::ENTRIES);
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

        warning: 1 revision is on disk and not in this binary, so build again: aaaa00000001
        hint: where a build does nothing: https://github.com/diesel-revisions/migrate/blob/main/docs/linking.md#the-traps
        hint: `migrate-cli upgrade` applies the 3 pending revisions
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    expect![[r#"
        --- stdout
        ✓ heads
        ✗ files    1 on disk and not in this binary: aaaa00000001
        ✓ unlisted
        ✓ todo
        --- stderr
        error: 1 check failed: files
        hint: build again; where that does nothing: https://github.com/diesel-revisions/migrate/blob/main/docs/linking.md#the-traps
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check", "--no-db"]));
}

#[test]
fn wrong_arguments_have_a_document_too() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "error": {
            "code": "usage",
            "exit_code": 2,
            "message": "the following required arguments were not provided: <TARGET>",
            "causes": [],
            "hints": [],
            "steps_done": []
          }
        }
        --- stderr
        error: the following required arguments were not provided:
          <TARGET>

        Usage: migrate-cli downgrade --json <TARGET>

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["downgrade", "--json"]));
}

#[test]
fn a_file_is_not_waited_for() {
    let project = Project::new(crate::chain::MANIFEST);
    let url = format!("sqlite://{}/missing/app.db", project.path().display());
    let project = project.with("DATABASE_URL", &url).with("MIGRATE_WAIT", "5m");
    expect![[r#"
        --- stderr
        error: could not connect to sqlite://DIR/missing/app.db
        caused by: unable to open database file
        hint: the directory DIR/missing does not exist
        hint: the database was named by DATABASE_URL
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn a_time_to_wait_that_is_none_is_named() {
    let project = Project::new(crate::chain::MANIFEST).with("MIGRATE_WAIT", "soon");
    expect![[r#"
        --- stderr
        error: MIGRATE_WAIT is `soon`, which is no time
        hint: a time looks like 30s, 2m or 90
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["current"]));
    // What the command line says comes first.
    assert!(project.run(&["current", "--wait", "5s"]).ends_with("--- exit 0\n"));
}
