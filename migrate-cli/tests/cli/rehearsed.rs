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
    let wide: Vec<_> = shown.lines().filter(|line| line.chars().count() > columns).collect();
    assert!(wide.iter().all(|line| line.starts_with("hint: ")), "{wide:#?}");
    expected.assert_eq(&shown);
}

#[test]
fn what_would_change_is_shown_and_nothing_of_it_stays() {
    let project = ready();
    check(&project, &["backfill", "run", "--dry-run", "--show", "3"], &expect![[r#""#]]);
    check(&project, &["backfill", "status", "f1aa"], &expect![[r#""#]]);
}

#[test]
fn findings_are_told_with_advice_and_an_exit_code() {
    let project = with_bad_rows();
    check(&project, &["backfill", "run", "initials", "--dry-run", "--show", "1"], &expect![[r#""#]]);
    project.sql("UPDATE people SET name = 'x' WHERE id = 20");
    check(&project, &["backfill", "run", "--dry-run", "--quiet", "--show", "0"], &expect![[r#""#]]);
}

#[test]
fn one_that_has_begun_goes_on_from_there() {
    let project = with_bad_rows();
    project.sql("UPDATE people SET name = '' WHERE id IN (14, 15)");
    assert!(project.run(&["upgrade", "f1aa"]).ends_with("--- exit 13\n"));
    project.sql("UPDATE people SET name = 'Ann' WHERE name = ''");
    check(&project, &["backfill", "run", "--dry-run", "--sample", "4"], &expect![[r#""#]]);
}

#[test]
fn scripts_get_a_document() {
    let project = with_bad_rows();
    check(&project, &["backfill", "run", "f1aa", "--dry-run", "--sample", "2", "--json"], &expect![[r#""#]]);
    project.sql("DELETE FROM people WHERE id BETWEEN 2 AND 19 OR id > 20");
    check(&project, &["backfill", "run", "f1aa", "--dry-run", "--json"], &expect![[r#""#]]);
}

#[test]
fn a_narrow_terminal_has_before_and_after_under_each_other() {
    let project = with_bad_rows();
    let arguments = ["backfill", "run", "--dry-run", "--show", "2"];
    check_on_terminal(&project, 50, &arguments, &expect![[r#""#]]);
    check_on_terminal(&project, 120, &arguments, &expect![[r#""#]]);
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
    check(&project, &["backfill", "run", "--dry-run", "--workers", "2"], &expect![[r#""#]]);
    check(&project, &["backfill", "run", "--sample", "2"], &expect![[r#""#]]);
}

#[test]
fn what_cannot_be_rehearsed_is_an_error_with_advice() {
    let project = Project::new(crate::filling::MANIFEST);
    check(&project, &["backfill", "run", "--dry-run"], &expect![[r#""#]]);
    assert!(project.run(&["upgrade", "f1aa"]).ends_with("--- exit 0\n"));
    project
        .run(&["backfill", "run", "--dry-run"])
        .lines()
        .find(|line| line.contains("f2aa00000003"))
        .unwrap();
    check(&project, &["backfill", "run", "f1aa", "--dry-run"], &expect![[r#""#]]);
    check(&project, &["backfill", "run", "f0aa", "--dry-run"], &expect![[r#""#]]);
    let deferred = ready();
    check(&deferred, &["backfill", "run", "f2aa", "--dry-run"], &expect![[r#""#]]);
}

#[test]
fn the_help_says_which_options_are_for_a_rehearsal() {
    let project = Project::new(crate::filling::MANIFEST);
    let shown = project.run(&["backfill", "run", "--help"]);
    let rehearsal: Vec<_> =
        shown.lines().skip_while(|line| *line != "Rehearsal:").take_while(|line| !line.is_empty()).collect();
    expect![[r#""#]].assert_eq(&(rehearsal.join("\n") + "\n"));
    assert!(shown.contains("--dry-run"), "{shown}");
}
