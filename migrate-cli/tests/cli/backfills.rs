//! Backfills as they are watched and controlled.

use expect_test::{Expect, expect};

use crate::project::Project;

/// A project in which the first backfill was begun and stopped at a row that was repaired meanwhile.
fn begun() -> Project {
    let project = Project::new(crate::filling::MANIFEST);
    assert!(project.run(&["upgrade", "f0aa"]).ends_with("--- exit 0\n"));
    project.sql("UPDATE people SET name = '' WHERE id IN (12, 13, 14)");
    assert!(project.run(&["upgrade", "f1aa"]).ends_with("--- exit 13\n"));
    project
}

fn check(project: &Project, arguments: &[&str], expected: &Expect) {
    expected.assert_eq(&project.run(arguments));
}

#[test]
fn backfills_are_listed_also_where_there_is_no_database() {
    let project = Project::new(crate::filling::MANIFEST);
    check(
        &project,
        &["backfill", "list"],
        &expect![[r#"
        --- stdout
           Revision      Message              State    Done  Rows  Rejected  Workers
        ○  f1aa00000002  Fill people.initial  blocked
        ○  f2aa00000003  Fill people.length   blocked
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "status", "f1aa"],
        &expect![[r#"
        --- stdout
        Backfill  f1aa00000002 Fill people.initial
        State     ○ blocked, waits for f0aa00000001
        --- stderr
        hint: `migrate-cli upgrade` applies what is below it, and runs it
        --- exit 0
    "#]],
    );
    assert!(!project.path().join("app.db").exists());
}

#[test]
fn a_run_says_how_much_it_did() {
    let project = Project::new(crate::filling::MANIFEST);
    assert!(project.run(&["upgrade", "f0aa"]).ends_with("--- exit 0\n"));
    check(
        &project,
        &["backfill", "run"],
        &expect![[r#"
        --- stderr
        Running upgrade f0aa00000001 -> f1aa00000002, Fill people.initial
        Backfill f1aa00000002: 25 rows in N ms, 3 batches
        Done: 1 step in N ms, now at f1aa00000002
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "run", "f1aa"],
        &expect![[r#"
        --- stderr
        Nothing to do: the database is at f1aa00000002
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "run", "f2aa", "--json"],
        &expect![[r#"
            --- stdout
            {
              "version": 1,
              "run": {
                "duration_ms": N,
                "rows_per_second": N
              },
              "backfill": {
                "revision": "f2aa00000003",
                "message": "Fill people.length",
                "state": "done",
                "waits_for": [],
                "rows": 25,
                "batches": 3,
                "rejected": 0,
                "blocking": 0,
                "total": 25,
                "started_at": "TIME",
                "updated_at": "TIME",
                "finished_at": "TIME",
                "workers": []
              },
              "current": [
                "f2aa00000003"
              ]
            }
            --- stderr
            Running upgrade f1aa00000002 -> f2aa00000003, Fill people.length
            --- exit 0
        "#]],
    );
    check(
        &project,
        &["backfill", "list"],
        &expect![[r#"
        --- stdout
           Revision      Message              State  Done  Rows  Rejected  Workers
        ✓  f1aa00000002  Fill people.initial  done           25
        ✓  f2aa00000003  Fill people.length   done           25
        --- exit 0
    "#]],
    );
}

#[test]
fn a_run_shows_its_numbers_on_a_terminal_until_it_is_done() {
    let project = Project::new(crate::filling::MANIFEST);
    expect![[r#"
        --- stderr
        [1/3] Running upgrade  -> f0aa00000001, Create people
        [2/3] Running upgrade f0aa00000001 -> f1aa00000002, Fill people.initial
        Backfill f1aa00000002: 25 rows in N ms, 3 batches
        [3/3] Running upgrade f1aa00000002 -> f2aa00000003, Fill people.length
        Backfill f2aa00000003: 25 rows in N ms, 3 batches
        Done: 3 steps in N ms, now at f2aa00000003 (head)
        --- exit 0
    "#]]
    .assert_eq(&left_on_screen(&project.run_on_terminal(80, &["upgrade", "--color", "never"])));
}

/// What is left on the screen at the end: a busy machine takes long enough for the bar to be drawn.
fn left_on_screen(said: &str) -> String {
    let lines = said.lines().map(|line| line.rsplit("\u{1b}[K").next().unwrap_or(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn one_that_stopped_at_a_row_shows_the_row_and_what_to_do() {
    let project = begun();
    check(
        &project,
        &["backfill", "status"],
        &expect![[r#"
            --- stdout
            Backfill  f1aa00000002 Fill people.initial
            State     ◐ stopped, nobody works on it
            Rows      52 %, 11 of 25 rows in 4 batches
            Rejected  2 rows
            Blocked   by 1 row
            Began     TIME UTC
            Latest    TIME UTC

            Row  Tries            Error
            14       1  blocking  person 14 has no name
            12       1  rejected  person 12 has no name
            13       1  rejected  person 13 has no name
            --- stderr
            hint: `migrate-cli backfill run f1aa00000002` goes on with the row that it stopped at, once that is repaired or gone, or `apply` deals with it
            hint: `migrate-cli backfill retry-rejected f1aa00000002` tries the rejected rows again
            --- exit 0
        "#]],
    );
    check(
        &project,
        &["backfill", "status", "initials", "--json"],
        &expect![[r#"
            --- stdout
            {
              "version": 1,
              "backfill": {
                "revision": "f1aa00000002",
                "message": "Fill people.initial",
                "state": "stopped",
                "waits_for": [],
                "rows": 11,
                "batches": 4,
                "rejected": 2,
                "blocking": 1,
                "total": 25,
                "started_at": "TIME",
                "updated_at": "TIME",
                "finished_at": null,
                "workers": []
              },
              "rejected_rows": [
                {
                  "key": 14,
                  "blocking": true,
                  "error": "person 14 has no name",
                  "attempts": 1,
                  "worker": "WHO",
                  "rejected_at": "TIME"
                },
                {
                  "key": 12,
                  "blocking": false,
                  "error": "person 12 has no name",
                  "attempts": 1,
                  "worker": "WHO",
                  "rejected_at": "TIME"
                },
                {
                  "key": 13,
                  "blocking": false,
                  "error": "person 13 has no name",
                  "attempts": 1,
                  "worker": "WHO",
                  "rejected_at": "TIME"
                }
              ]
            }
            --- exit 0
        "#]],
    );
}

#[test]
fn rejected_rows_are_tried_again_and_the_rest_is_for_the_next_run() {
    let project = begun();
    check(
        &project,
        &["backfill", "retry-rejected"],
        &expect![[r#"
        --- stderr
        Backfill f1aa00000002 fails at the row 12: person 12 has no name
        Backfill f1aa00000002 fails at the row 13: person 13 has no name
        1 row that the backfill stopped at: the next run begins with it
        error: 2 of 2 rows failed again
        hint: `migrate-cli backfill status f1aa00000002` shows them with their errors; once they are repaired, the same command tries them again
        --- exit 13
    "#]],
    );
    project.sql("UPDATE people SET name = 'Anna' WHERE id = 12; DELETE FROM people WHERE id = 13");
    check(
        &project,
        &["backfill", "retry-rejected", "--json"],
        &expect![[r#"
        --- stdout
        {
          "version": 1,
          "revision": "f1aa00000002",
          "changed": 1,
          "gone": 1,
          "failed": 0,
          "blocking": 1,
          "halted": false,
          "rows": [
            {
              "key": 12,
              "outcome": "changed",
              "error": null
            },
            {
              "key": 13,
              "outcome": "gone",
              "error": null
            }
          ]
        }
        --- stderr
        Backfill f1aa00000002 has no row 13 to change any more
        1 row that the backfill stopped at: the next run begins with it
        Done: 1 row changed, 1 no longer there
        --- exit 0
    "#]],
    );
    project.sql("UPDATE people SET name = 'Ben' WHERE id = 14");
    check(
        &project,
        &["backfill", "run"],
        &expect![[r#"
        --- stderr
        Resuming f1aa00000002, which WHO began and did not finish
        Running upgrade f0aa00000001 -> f1aa00000002, Fill people.initial
        Backfill f1aa00000002: 12 rows in N ms, 24 in all, 6 batches
        Done: 1 step in N ms, now at f1aa00000002
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "status", "f1"],
        &expect![[r#"
        --- stdout
        Backfill  f1aa00000002 Fill people.initial
        State     ✓ done
        Rows      24 rows in 6 batches
        Began     TIME UTC
        Finished  TIME UTC
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "retry-rejected", "f1"],
        &expect![[r#"
        --- stderr
        Nothing to do: no row of the backfill f1aa00000002 was rejected
        --- exit 0
    "#]],
    );
}

#[test]
fn pause_resume_and_cancel_are_heeded_by_the_next_run() {
    let project = begun();
    check(
        &project,
        &["backfill", "pause"],
        &expect![[r#"
        --- stderr
        The backfill f1aa00000002 is paused; nobody works on it
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "resume"],
        &expect![[r#"
            --- stderr
            The backfill f1aa00000002 is resumed
            hint: where nobody waits for that, `migrate-cli backfill run f1aa00000002` goes on with it
            --- exit 0
        "#]],
    );
    check(
        &project,
        &["backfill", "cancel", "--json"],
        &expect![[r#"
            --- stdout
            {
              "version": 1,
              "backfill": {
                "revision": "f1aa00000002",
                "message": "Fill people.initial",
                "state": "cancelled",
                "waits_for": [],
                "rows": 11,
                "batches": 4,
                "rejected": 2,
                "blocking": 1,
                "total": 25,
                "started_at": "TIME",
                "updated_at": "TIME",
                "finished_at": null,
                "workers": []
              },
              "rejected_rows": []
            }
            --- stderr
            The backfill f1aa00000002 is cancelled; nobody works on it
            hint: `migrate-cli backfill resume f1aa00000002` lifts it
            --- exit 0
        "#]],
    );
    check(
        &project,
        &["backfill", "run", "f1aa"],
        &expect![[r#"
            --- stderr
            Resuming f1aa00000002, which WHO began and did not finish
            error: upgrade stopped at f1aa00000002 after 0 of 1 steps
            caused by: the backfill is cancelled
            hint: what is done stays; to lift it: `migrate-cli backfill resume f1aa00000002`, then run it again
            --- exit 13
        "#]],
    );
    check(
        &project,
        &["backfill", "list"],
        &expect![[r#"
            --- stdout
               Revision      Message              State      Done  Rows  Rejected  Workers
            ✗  f1aa00000002  Fill people.initial  cancelled  52 %    11         3
            ○  f2aa00000003  Fill people.length   blocked
            --- exit 0
        "#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "the text of documents")]
fn what_makes_no_sense_is_an_error_with_advice() {
    let project = begun();
    for (arguments, expected) in [
        (
            ["backfill", "resume", "f1aa"],
            expect![[r#"
                --- stderr
                error: the backfill f1aa00000002 cannot be resumed: nobody works on it, and nothing holds it back
                hint: to go on with it: `migrate-cli backfill run f1aa00000002`
                --- exit 6
            "#]],
        ),
        (
            ["backfill", "cancel", "f2aa"],
            expect![[r#"
                --- stderr
                error: the backfill f2aa00000003 cannot be cancelled: it has not begun, and waits for f1aa00000002
                hint: `migrate-cli upgrade` applies what is below it, and runs it
                --- exit 6
            "#]],
        ),
        (
            ["backfill", "retry-rejected", "f2aa"],
            expect![[r#"
                --- stderr
                error: the backfill f2aa00000003 cannot be retried: it has not begun, and waits for f1aa00000002
                hint: `migrate-cli upgrade` applies what is below it, and runs it
                --- exit 6
            "#]],
        ),
        (
            ["backfill", "status", "nowhere"],
            expect![[r#"
            --- stderr
            error: cannot locate revision `nowhere`
            hint: `migrate-cli history` lists the revisions of this binary; after a pull, build again
            --- exit 3
        "#]],
        ),
        (
            ["backfill", "pause", "f0aa"],
            expect![[r#"
                --- stderr
                error: revision f0aa is not a backfill
                hint: `migrate-cli backfill list` shows those there are
                --- exit 3
            "#]],
        ),
        (
            ["backfill", "run", "heads"],
            expect![[r#"
                --- stderr
                error: backfill f2aa00000003 builds on a revision that is not applied: f1aa00000002
                hint: `migrate-cli upgrade f1aa00000002` applies what is below it
                --- exit 3
            "#]],
        ),
    ] {
        check(&project, &arguments, &expected);
    }
    check(
        &project,
        &["backfill", "resume"],
        &expect![[r#"
            --- stderr
            error: there is no backfill that can be resumed now
            caused by: f1aa00000002 is stopped
            caused by: f2aa00000003 is blocked
            hint: `migrate-cli backfill status <revision>` says what each of them needs
            --- exit 3
        "#]],
    );
    assert!(project.run(&["backfill", "cancel"]).ends_with("--- exit 0\n"));
    check(
        &project,
        &["backfill", "pause", "f1aa"],
        &expect![[r#"
            --- stderr
            error: the backfill f1aa00000002 cannot be paused: it is cancelled
            hint: to let it go on: `migrate-cli backfill resume f1aa00000002`
            --- exit 6
        "#]],
    );
    let none = Project::new(crate::chain::MANIFEST);
    check(
        &none,
        &["backfill", "list"],
        &expect![[r#"
        --- stderr
        No revision is a backfill
        --- exit 0
    "#]],
    );
    check(
        &none,
        &["backfill", "status"],
        &expect![[r#"
        --- stderr
        error: there are no backfills
        hint: `migrate-cli new --backfill` makes the file of one
        hint: how one is written: https://github.com/diesel-revisions/migrate/blob/main/docs/backfills.md
        --- exit 3
    "#]],
    );
}

#[test]
fn one_that_is_done_takes_no_more_commands() {
    let project = Project::new(crate::filling::MANIFEST);
    assert!(project.run(&["upgrade"]).ends_with("--- exit 0\n"));
    check(
        &project,
        &["backfill", "pause", "f2aa"],
        &expect![[r#"
            --- stderr
            error: the backfill f2aa00000003 cannot be paused: it is done
            hint: `migrate-cli backfill status f2aa00000003` shows what was done; to undo it, downgrade below it
            --- exit 6
        "#]],
    );
    check(
        &project,
        &["backfill", "run", "f2aa"],
        &expect![[r#"
        --- stderr
        Nothing to do: the database is at f2aa00000003 (head)
        --- exit 0
    "#]],
    );
    check(
        &project,
        &["backfill", "run"],
        &expect![[r#"
            --- stderr
            error: there is no backfill that can be run now
            caused by: f1aa00000002 is done
            caused by: f2aa00000003 is done
            hint: `migrate-cli backfill status <revision>` says what each of them needs
            --- exit 3
        "#]],
    );
}

#[test]
fn shares_of_time_and_numbers_of_workers_have_their_limits() {
    let project = Project::new(crate::filling::MANIFEST);
    check(
        &project,
        &["backfill", "run", "--duty-cycle", "half"],
        &expect![[r#"
        --- stderr
        error: invalid value 'half' for '--duty-cycle <PERCENT>': a share is a number of percent: 50%

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
    check(
        &project,
        &["upgrade", "--workers", "0"],
        &expect![[r#"
        --- stderr
        error: invalid value '0' for '--workers <N>': 0 is not in 1..=128

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}
