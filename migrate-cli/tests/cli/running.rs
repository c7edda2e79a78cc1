//! Commands that change the database.

use expect_test::expect;

use crate::project::Project;

#[test]
fn an_upgrade_logs_as_alembic_does() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        Running upgrade  -> a1b2c3d4e5f6, Create users
        Running upgrade a1b2c3d4e5f6 -> b2c3d4e5f6a7, Add email_verified column to users
        Running upgrade b2c3d4e5f6a7 -> c3d4e5f6a7b8, Create messages
        Done: 3 steps in N ms, now at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stderr
        Nothing to do: the database is at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
}

#[test]
fn a_run_as_json_reports_its_steps() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "steps": [
            {
              "revision": "a1b2c3d4e5f6",
              "direction": "upgrade",
              "duration_ms": N
            }
          ],
          "current": [
            "a1b2c3d4e5f6"
          ],
          "deferred": []
        }
        --- stderr
        Running upgrade  -> a1b2c3d4e5f6, Create users
        Done: 1 step in N ms, now at a1b2c3d4e5f6
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "+1", "--json"]));
}

#[test]
fn a_quiet_run_says_nothing() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade", "-q"]));
}

#[test]
fn one_step_down_does_not_ask() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        Running downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
        Done: 1 step in N ms, now at b2c3d4e5f6a7
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["downgrade", "-1"]));
}

#[test]
fn several_steps_down_need_a_yes() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
          downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
          downgrade b2c3d4e5f6a7 -> a1b2c3d4e5f6, Add email_verified column to users
          downgrade a1b2c3d4e5f6 -> , Create users
        error: undoing 3 revisions, down to <base>, needs a confirmation
        hint: there is no terminal to ask on: pass --yes
        --- exit 6
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["downgrade", "base"]));
    expect![[r#"
        --- stderr
        Running downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
        Running downgrade b2c3d4e5f6a7 -> a1b2c3d4e5f6, Add email_verified column to users
        Running downgrade a1b2c3d4e5f6 -> , Create users
        Done: 3 steps in N ms, now at <base>
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["downgrade", "base", "--yes"]));
}

#[test]
fn a_person_is_asked_and_may_refuse() {
    let project = Project::new(crate::chain::MANIFEST).answering("");
    expect![[r#"
        --- stderr
          downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
          downgrade b2c3d4e5f6a7 -> a1b2c3d4e5f6, Add email_verified column to users
          downgrade a1b2c3d4e5f6 -> , Create users
        Undo 3 revisions in sqlite://DIR/app.db, down to <base>? Data may be lost. [y/N] error: not confirmed; nothing was changed
        --- exit 6
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["downgrade", "base"]));
    let project = project.answering("y");
    expect![[r#"
        --- stderr
          downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
          downgrade b2c3d4e5f6a7 -> a1b2c3d4e5f6, Add email_verified column to users
        Undo 2 revisions in sqlite://DIR/app.db, down to a1b2c3d4e5f6? Data may be lost. [y/N] Running downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
        Running downgrade b2c3d4e5f6a7 -> a1b2c3d4e5f6, Add email_verified column to users
        Done: 2 steps in N ms, now at a1b2c3d4e5f6
        --- exit 0
    "#]].assert_eq(&project.run(&["downgrade", "a1b2"]));
}

#[test]
fn redo_undoes_and_applies_again() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        Running downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
        Running upgrade b2c3d4e5f6a7 -> c3d4e5f6a7b8, Create messages
        Done: 2 steps in N ms, now at c3d4e5f6a7b8 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade"]], &["redo"]));
}

#[test]
fn a_stamp_records_without_running() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        2 revisions recorded as applied: a1b2c3d4e5f6, b2c3d4e5f6a7
        Done: now at b2c3d4e5f6a7
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["stamp", "b2c3"]));
    expect![[r#"
        --- stderr
        2 revisions forgotten: a1b2c3d4e5f6, b2c3d4e5f6a7
        Done: now at <base>
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["stamp", "base"]));
    expect![[r#"
        --- stderr
        Nothing to do: the database is at <base>
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["stamp", "base"]));
}

#[test]
fn both_branches_are_applied_and_one_is_undone() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stderr
        Running upgrade  -> ba5e00000001, Start
        Running upgrade ba5e00000001 -> 1ef700000002, Go left
        Running upgrade ba5e00000001 -> 419470000003, Go right
        Done: 3 steps in N ms, now at 1ef700000002 (head), 419470000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["upgrade"]));
    expect![[r#"
        --- stderr
        Running downgrade 1ef700000002 -> ba5e00000001, Go left
        Done: 1 step in N ms, now at 419470000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["downgrade", "left@-1"]));
}

#[test]
fn a_file_that_dot_env_names_is_the_same_from_every_folder() {
    for url in ["sqlite://app.db", "file:app.db"] {
        let project = Project::new(crate::chain::MANIFEST).without("DATABASE_URL").run_in("a # b/c");
        std::fs::write(project.path().join(".env"), format!("DATABASE_URL={url}\n")).unwrap();
        let shown = project.run(&["upgrade"]);
        assert!(shown.ends_with("--- exit 0\n"), "{shown}");
        assert!(project.path().join("app.db").is_file(), "{url}");
    }
}
