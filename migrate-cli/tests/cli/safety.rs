//! The safety rules on the command line.

use expect_test::expect;

use crate::project::Project;

#[test]
fn a_warning_is_told_and_does_not_fail() {
    let project = Project::new(crate::hazards::MANIFEST);
    expect![[r#"
        --- stdout
        ✓ safety
        --- stderr
        Using sqlite://DIR/app.db (from DATABASE_URL)
        DIR/app.db does not exist yet
        warning: rename-column in da0000000002 (rename column name to full_name of users)
          code that runs fails as soon as users has no name any more
          instead:
            // first a column full_name beside name
            // then a release that writes both, and a backfill of full_name
            // then, when no release uses name any more
            cx.drop_column("users", "name")?;
          https://github.com/diesel-revisions/migrate/blob/main/docs/safety.md#rename-column
        allowed: drop-column in da0000000003 (drop column old from users): no release has read it since 2.3
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["check", "--safety", "-v"]));
}

#[test]
fn a_denied_rule_fails_and_so_does_a_warning_where_that_is_asked() {
    let project = Project::new(crate::hazards::MANIFEST);
    expect![[r#"
        --- stdout
        ✗ safety   1 in which a safety rule finds something: da0000000002
        --- stderr
        denied: rename-column in da0000000002 (rename column name to full_name of users)
          code that runs fails as soon as users has no name any more
          instead:
            // first a column full_name beside name
            // then a release that writes both, and a backfill of full_name
            // then, when no release uses name any more
            cx.drop_column("users", "name")?;
          https://github.com/diesel-revisions/migrate/blob/main/docs/safety.md#rename-column
        error: 1 check failed: safety
        hint: where it is safe all the same, the migration says so: allow(rule, reason = "…")
        --- exit 1
    "#]]
    .assert_eq(&project.run(&["check", "--safety", "--rule", "rename-column=deny"]));
    let warnings = project.run(&["check", "--safety", "--deny-warnings"]);
    assert!(warnings.ends_with("--- exit 1\n"), "{warnings}");
    let allowed = project.with("MIGRATE_SAFETY", "rename-column=deny");
    let allowed = allowed.run(&["check", "--safety", "--rule", "all=allow"]);
    assert!(allowed.ends_with("--- exit 0\n"), "{allowed}");
}

#[test]
fn without_a_database_the_server_is_named_and_the_revisions_counted_from_one() {
    let project = Project::new(crate::hazards::MANIFEST);
    expect![[r#"
        --- stderr
        error: without a database the safety rules need to know the server
        hint: migrate-cli check --safety --no-db --dialect postgres
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["check", "--safety", "--no-db"]));
    let arguments = ["check", "--safety", "--no-db", "--dialect", "postgres", "--json", "--since"];
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "ok": true,
          "checks": [
            {
              "name": "safety",
              "ok": true,
              "message": "",
              "revisions": []
            }
          ],
          "findings": [
            {
              "revision": "da0000000003",
              "direction": "upgrade",
              "rule": "drop-column",
              "level": "allow",
              "excuse": "no release has read it since 2.3",
              "operation": {
                "index": 0,
                "text": "drop column old from users"
              },
              "danger": "code that runs and names old fails as soon as users is without it",
              "lock": null,
              "instead": "// first a release whose `table!` has no old\n// then this, with `allow(drop_column, reason = \"…\")` in the attribute",
              "docs": "https://github.com/diesel-revisions/migrate/blob/main/docs/safety.md#drop-column"
            }
          ]
        }
        --- exit 0
    "#]].assert_eq(&project.run(&[&arguments[..], &["da0000000002"]].concat()));
    let both = project.run(&[&arguments[..], &["da0000000001"]].concat());
    for word in ["rename-column", "index-not-concurrent", "\"mode\": \"SHARE\"", "drop-column"] {
        assert!(both.contains(word), "{word}: {both}");
    }
}

#[test]
fn a_plan_warns() {
    let project = Project::new(crate::hazards::MANIFEST);
    expect![[r#"
        --- stdout
        1  ↑ da0000000001  Create users
           CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, old TEXT)
        2  ↑ da0000000002  Rename name
           rename column name to full_name of users
             rename-column: code that runs fails as soon as users has no name any more
               instead:
                 // first a column full_name beside name
                 // then a release that writes both, and a backfill of full_name
                 // then, when no release uses name any more
                 cx.drop_column("users", "name")?;
           create index idx_users_full_name on users
        3  ↑ da0000000003  Drop old
           drop column old from users
             drop-column is allowed: no release has read it since 2.3
        --- stderr
        Each step keeps other writers out of the file until it ends
        3 steps to upgrade, then at da0000000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["plan"]));
}

#[test]
fn an_upgrade_refuses_what_is_denied_before_anything_runs() {
    let project = Project::new(crate::hazards::MANIFEST).with("MIGRATE_SAFETY", "rename-column=deny");
    expect![[r#"
        --- stderr
        error: a safety rule refused: rename-column in da0000000002 (rename column name to full_name of users)
        caused by: code that runs fails as soon as users has no name any more
        hint: nothing was changed; `migrate-cli check --safety` shows each with the code that does the same safely
        hint: where it is safe all the same, the migration says so: allow(rename_column, reason = "…")
        --- exit 7
    "#]].assert_eq(&project.run(&["upgrade"]));
    let status = project.run(&["current"]);
    assert!(status.contains("<base>") || !status.contains("da0000000001"), "{status}");
    let before = project.run(&["upgrade", "da0000000001"]);
    assert!(before.ends_with("--- exit 0\n"), "{before}");
}

#[test]
fn a_rule_that_does_not_exist_is_named() {
    let project = Project::new(crate::hazards::MANIFEST);
    expect![[r#"
        --- stderr
        error: invalid value 'rename-colum=deny' for '--rule <RULE=LEVEL>': there is no safety rule `rename-colum`

        For more information, try '--help'.
        --- exit 2
    "#]].assert_eq(&project.run(&["plan", "--rule", "rename-colum=deny"]));
    let variable = project.with("MIGRATE_SAFETY", "rename-column");
    expect![[r#"
        --- stderr
        error: MIGRATE_SAFETY cannot be read
        caused by: `rename-column` says no level: `rule=level`
        hint: rules and levels look like drop-column=deny,json-column=allow
        hint: the rules are in https://github.com/diesel-revisions/migrate/blob/main/docs/safety.md
        --- exit 2
    "#]]
    .assert_eq(&variable.run(&["plan"]));
}
