//! `backfill run --dry-run`: what a backfill would do.

use expect_test::{Expect, expect};

use crate::project::Project;

/// A project in which the first backfill is the next to run.
fn ready() -> Project {
    let project = Project::new(crate::filling::MANIFEST);
    assert!(project.run(&["upgrade", "f0aa"]).ends_with("--- exit 0\n"));
    project
}

/// The same with names that `apply` has no initial for, and that a terminal must not be sent.
fn with_bad_rows() -> Project {
    let project = ready();
    project.sql("UPDATE people SET name = '' WHERE id IN (12, 20); UPDATE people SET name = char(27) || '[31m' WHERE id = 1");
    project
}

/// With what is measured replaced.
fn steady(shown: &str) -> String {
    let mut steady = String::new();
    for line in shown.lines() {
        let mut line = line.to_owned();
        for (before, after) in [("rolled back after ", ""), ("Takes      ", " for ")] {
            let Some(from) = line.find(before).map(|at| at + before.len()) else { continue };
            let to = if after.is_empty() { line.len() } else { line.find(after).unwrap_or(line.len()) };
            line.replace_range(from..to, "TIME");
        }
        for field in ["\"elapsed_ms\": ", "\"took_us\": ", "\"p50\": ", "\"p90\": "] {
            if let Some(from) = line.find(field).map(|at| at + field.len()) {
                let comma = if line.ends_with(',') { "," } else { "" };
                line.replace_range(from.., &format!("N{comma}"));
            }
        }
        steady.push_str(&line);
        steady.push('\n');
    }
    steady
}

#[track_caller]
fn check(project: &Project, arguments: &[&str], expected: &Expect) {
    expected.assert_eq(&steady(&project.run(arguments)));
}

#[track_caller]
fn check_on_terminal(project: &Project, columns: usize, arguments: &[&str], expected: &Expect) {
    let all: Vec<_> = arguments.iter().copied().chain(["--color", "never"]).collect();
    let shown = steady(&project.run_on_terminal(columns, &all));
    let screen = shown.split("--- stderr").next().unwrap();
    let too_wide: Vec<_> = screen.lines().filter(|line| line.chars().count() > columns).collect();
    assert!(too_wide.is_empty(), "{too_wide:#?}");
    // How the head is broken into lines depends on how long things took.
    let (_, changes) = screen.split_once("\n\n").unwrap();
    expected.assert_eq(changes);
}

#[test]
fn what_would_change_is_shown_and_nothing_of_it_stays() {
    let project = ready();
    check(
        &project,
        &["backfill", "run", "--dry-run", "--show", "3"],
        &expect![[r#"
            --- stdout
            Rehearsal  f1aa00000002 Fill people.initial
            Sample     25 rows from 5 places of the table, all there are; rolled back after TIME
            To do      25 rows
            Takes      TIME for 25 rows with one worker, without commits: median to slowest tenth
            Writes     the file would not grow by the sample

            people  25 updated
                 id  column   before  after
              ~  1   initial  NULL    'p'
              ~  5   initial  NULL    'p'
              ~  16  initial  NULL    'p'
            --- stderr

            Rolled back: the database is as it was
            hint: `migrate-cli backfill run f1aa00000002` does it
            --- exit 0
        "#]],
    );
    check(
        &project,
        &["backfill", "status", "f1aa"],
        &expect![[r#"
        --- stdout
        Backfill  f1aa00000002 Fill people.initial
        State     ○ pending, has not begun
        --- stderr
        hint: `migrate-cli backfill run f1aa00000002` begins it, and so does an upgrade
        --- exit 0
    "#]],
    );
}

#[test]
fn findings_are_told_with_advice_and_an_exit_code() {
    let project = with_bad_rows();
    check(
        &project,
        &["backfill", "run", "initials", "--dry-run", "--show", "1"],
        &expect![[r#"
            --- stdout
            Rehearsal  f1aa00000002 Fill people.initial
            Sample     23 rows from 5 places of the table, all there are but those that fail; rolled back after TIME
            To do      25 rows
            Takes      TIME for 25 rows with one worker, without commits: median to slowest tenth
            Writes     the file would not grow by the sample

            people  23 updated
                 id  column   before  after
              ~  1   initial  NULL    '\u{1b}'

            Findings
              ✗ the row 12 fails: person 12 has no name
              ✗ the row 20 fails: person 20 has no name
            --- stderr

            hint: repair such rows, have `apply` deal with them, or let `max_rejected` put them aside
            error: findings stand in the way of f1aa00000002; nothing was changed
            --- exit 1
        "#]],
    );
    project.sql("UPDATE people SET name = 'x' WHERE id = 20");
    check(
        &project,
        &["backfill", "run", "--dry-run", "--quiet", "--show", "0"],
        &expect![[r#"
            --- stdout
            Rehearsal  f1aa00000002 Fill people.initial
            Sample     24 rows from 5 places of the table, all there are but those that fail; rolled back after TIME
            To do      25 rows
            Takes      TIME for 25 rows with one worker, without commits: median to slowest tenth
            Writes     the file would not grow by the sample

            people  24 updated

            Findings
              ✗ the row 12 fails: person 12 has no name
            --- stderr
            error: a finding stands in the way of f1aa00000002; nothing was changed
            --- exit 1
        "#]],
    );
}

#[test]
fn one_that_has_begun_goes_on_from_there() {
    let project = with_bad_rows();
    project.sql("UPDATE people SET name = '' WHERE id IN (14, 15)");
    assert!(project.run(&["upgrade", "f1aa"]).ends_with("--- exit 13\n"));
    project.sql("UPDATE people SET name = 'Ann' WHERE name = ''");
    check(
        &project,
        &["backfill", "run", "--dry-run", "--sample", "4"],
        &expect![[r#"
            --- stdout
            Rehearsal  f1aa00000002 Fill people.initial
            Sample     4 rows from 4 places of the table, the first after 14; rolled back after TIME
            To do      13 rows
            Takes      TIME for 13 rows with one worker, without commits: median to slowest tenth
            Writes     the file would not grow by the sample

            people  4 updated
                 id  column   before  after
              ~  15  initial  NULL    'A'
              ~  18  initial  NULL    'p'
              ~  19  initial  NULL    'p'
              ~  20  initial  NULL    'A'
            --- stderr

            Rolled back: the database is as it was
            hint: `migrate-cli backfill run f1aa00000002` does it
            --- exit 0
        "#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "the text of documents")]
fn scripts_get_a_document() {
    let project = with_bad_rows();
    check(
        &project,
        &["backfill", "run", "f1aa", "--dry-run", "--sample", "2", "--json"],
        &expect![[r#"
        --- stdout
        {
          "version": 1,
          "revision": "f1aa00000002",
          "message": "Fill people.initial",
          "server": "SQLite",
          "after": null,
          "rows": 2,
          "places": 2,
          "ended": "full",
          "elapsed_ms": N,
          "remaining": 25,
          "to_do": 25,
          "batches": [
            {
              "rows": 1,
              "took_us": N,
              "log_bytes": null
            },
            {
              "rows": 1,
              "took_us": N,
              "log_bytes": null
            }
          ],
          "projection": {
            "rows": 25,
            "milliseconds": {
              "p50": N,
              "p90": N
            },
            "log_bytes": null
          },
          "growth_bytes": 0,
          "counted_rows": 2,
          "tables": [
            {
              "table": "people",
              "inserted": 0,
              "updated": 2,
              "deleted": 0,
              "unseen": null,
              "examples": [
                {
                  "kind": "updated",
                  "key": {
                    "id": "1"
                  },
                  "columns": {
                    "initial": {
                      "before": null,
                      "after": "\u001b"
                    }
                  }
                },
                {
                  "kind": "updated",
                  "key": {
                    "id": "6"
                  },
                  "columns": {
                    "initial": {
                      "before": null,
                      "after": "p"
                    }
                  }
                }
              ]
            }
          ],
          "unseen": null,
          "sequences": [],
          "findings": []
        }
        --- exit 0
    "#]],
    );
    project.sql("DELETE FROM people WHERE id BETWEEN 2 AND 19 OR id > 20");
    check(
        &project,
        &["backfill", "run", "f1aa", "--dry-run", "--json"],
        &expect![[r#"
            --- stdout
            {
              "version": 1,
              "revision": "f1aa00000002",
              "message": "Fill people.initial",
              "server": "SQLite",
              "after": null,
              "rows": 1,
              "places": 1,
              "ended": "all_rows",
              "elapsed_ms": N,
              "remaining": 2,
              "to_do": 2,
              "batches": [
                {
                  "rows": 1,
                  "took_us": N,
                  "log_bytes": null
                }
              ],
              "projection": {
                "rows": 2,
                "milliseconds": {
                  "p50": N,
                  "p90": N
                },
                "log_bytes": null
              },
              "growth_bytes": 0,
              "counted_rows": 1,
              "tables": [
                {
                  "table": "people",
                  "inserted": 0,
                  "updated": 1,
                  "deleted": 0,
                  "unseen": null,
                  "examples": [
                    {
                      "kind": "updated",
                      "key": {
                        "id": "1"
                      },
                      "columns": {
                        "initial": {
                          "before": null,
                          "after": "\u001b"
                        }
                      }
                    }
                  ]
                }
              ],
              "unseen": null,
              "sequences": [],
              "findings": [
                {
                  "code": "bad_row",
                  "key": "20",
                  "message": "the row 20 fails: person 20 has no name"
                }
              ]
            }
            --- stderr
            error: a finding stands in the way of f1aa00000002; nothing was changed
            --- exit 1
        "#]],
    );
}

#[test]
fn a_narrow_terminal_has_before_and_after_under_each_other() {
    let project = with_bad_rows();
    let arguments = ["backfill", "run", "--dry-run", "--show", "2"];
    check_on_terminal(
        &project,
        50,
        &arguments,
        &expect![[r#"
        people  23 updated
          ~ id 1
            initial
            - NULL
            + '\u{1b}'
          ~ id 9
            initial
            - NULL
            + 'p'

        Findings
          ✗ the row 12 fails: person 12 has no name
          ✗ the row 20 fails: person 20 has no name
    "#]],
    );
    check_on_terminal(
        &project,
        120,
        &arguments,
        &expect![[r#"
        people  23 updated
             id  column   before  after
          ~  1   initial  NULL    '\u{1b}'
          ~  9   initial  NULL    'p'

        Findings
          ✗ the row 12 fails: person 12 has no name
          ✗ the row 20 fails: person 20 has no name
    "#]],
    );
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    let project = ready();
    for arguments in [
        &["--dry-run", "--workers", "2"][..],
        &["--dry-run", "--rest", "1s"],
        &["--dry-run", "--duty-cycle", "50%"],
        &["--dry-run", "--max-lag", "1s"],
        &["--dry-run", "--single-transaction"],
        &["--dry-run", "--lock-timeout", "1s"],
        &["--dry-run", "--statement-timeout", "1s"],
        &["--dry-run", "--lock-wait", "1s"],
        &["--dry-run", "--retries", "1"],
        &["--sample", "10"],
        &["--sample-time", "10s"],
        &["--show", "10"],
        &["--dry-run", "--sample", "0"],
        &["--dry-run", "--sample-time", "soon"],
    ] {
        let shown = project.run(&[&["backfill", "run"], arguments].concat());
        let [.., option] = arguments.iter().filter(|text| text.starts_with("--")).collect::<Vec<_>>()[..]
        else {
            panic!("{arguments:?}")
        };
        assert!(shown.contains(option) && shown.ends_with("--- exit 2\n"), "{arguments:?}\n{shown}");
    }
    check(
        &project,
        &["backfill", "run", "--dry-run", "--workers", "2"],
        &expect![[r#"
            --- stderr
            error: the argument '--dry-run' cannot be used with '--workers <N>'

            Usage: migrate-cli backfill run --dry-run [REV]

            For more information, try '--help'.
            --- exit 2
        "#]],
    );
    check(
        &project,
        &["backfill", "run", "--sample", "2"],
        &expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          --dry-run

        Usage: migrate-cli backfill run --dry-run --sample <N> [REV]

        For more information, try '--help'.
        --- exit 2
    "#]],
    );
}

#[test]
fn what_cannot_be_rehearsed_is_an_error_with_advice() {
    let project = Project::new(crate::filling::MANIFEST);
    check(
        &project,
        &["backfill", "run", "--dry-run"],
        &expect![[r#"
            --- stderr
            error: there is no backfill that can be rehearsed now
            caused by: f1aa00000002 is blocked
            caused by: f2aa00000003 is blocked
            hint: `migrate-cli backfill status <revision>` says what each of them needs
            --- exit 3
        "#]],
    );
    assert!(project.run(&["upgrade", "f1aa"]).ends_with("--- exit 0\n"));
    let next = project.run(&["backfill", "run", "--dry-run"]);
    assert!(next.contains("Rehearsal  f2aa00000003 ") && next.ends_with("--- exit 0\n"), "{next}");
    check(
        &project,
        &["backfill", "run", "f1aa", "--dry-run"],
        &expect![[r#"
        --- stderr
        error: the backfill f1aa00000002 is applied: nothing of it comes next
        --- exit 3
    "#]],
    );
    check(
        &project,
        &["backfill", "run", "f0aa", "--dry-run"],
        &expect![[r#"
        --- stderr
        error: revision f0aa is not a backfill
        hint: `migrate-cli backfill list` shows those there are
        --- exit 3
    "#]],
    );
    let deferred = ready();
    check(
        &deferred,
        &["backfill", "run", "f2aa", "--dry-run"],
        &expect![[r#"
            --- stderr
            error: revision f2aa00000003 builds on f1aa00000002, which is not applied
            hint: its table, or a column of it, may not be there yet
            hint: `migrate-cli upgrade f1aa00000002` applies what it builds on
            --- exit 3
        "#]],
    );
}

#[test]
fn the_help_says_which_options_are_for_a_rehearsal() {
    let project = Project::new(crate::filling::MANIFEST);
    let shown = project.run(&["backfill", "run", "--help"]);
    let rehearsal: Vec<_> =
        shown.lines().skip_while(|line| *line != "Rehearsal:").take_while(|line| !line.is_empty()).collect();
    expect![[r#"
        Rehearsal:
              --sample <N>
                  Do so many rows, from several places of the table
    "#]]
    .assert_eq(&(rehearsal.join("\n") + "\n"));
    assert!(shown.contains("--dry-run"), "{shown}");
}
