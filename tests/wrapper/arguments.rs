use std::process::Command;

use crate::project::{Project, original, run};

#[test]
fn commands_and_their_arguments_pass_through() {
    let project = Project::new("", &["tool"]);
    for (arguments, expected) in [
        (vec!["status"], "tool: [status]"),
        (vec!["history", "-v"], "tool: [history] [-v]"),
        (vec!["create", "Add a", "column"], "tool: [create] [Add a] [column]"),
        (vec!["create", "It's \"$HOME\" * "], "tool: [create] [It's \"$HOME\" * ]"),
        (vec!["upgrade"], "tool: [upgrade]"),
        (vec!["upgrade", "+1"], "tool: [upgrade] [+1]"),
        (vec!["merge", "a", "b", "-m", "Merge a and b"], "tool: [merge] [a] [b] [-m] [Merge a and b]"),
        (vec!["frobnicate", ""], "tool: [frobnicate] []"),
    ] {
        assert_eq!(project.told(&arguments), expected);
    }
}

#[test]
fn a_downgrade_without_a_target_undoes_one_step() {
    let project = Project::new("", &["tool"]);
    for (arguments, expected) in [
        (vec!["downgrade"], "tool: [downgrade] [-1]"),
        (vec!["downgrade", "--yes"], "tool: [downgrade] [-1] [--yes]"),
        (vec!["downgrade", "-2"], "tool: [downgrade] [-2]"),
        (vec!["downgrade", "--yes", "base"], "tool: [downgrade] [--yes] [base]"),
    ] {
        assert_eq!(project.told(&arguments), expected);
    }
}

#[test]
fn a_stamp_without_a_revision_is_one_of_the_head() {
    let project = Project::new("", &["tool"]);
    assert_eq!(project.told(&["stamp"]), "tool: [stamp] [head]");
    assert_eq!(project.told(&["stamp", "--purge"]), "tool: [stamp] [head] [--purge]");
    assert_eq!(project.told(&["stamp", "abc123"]), "tool: [stamp] [abc123]");
}

#[test]
fn help_and_nothing_at_all_explain_and_run_nothing() {
    let project = Project::new("", &["tool"]);
    for arguments in [&[][..], &["help"], &["-h"], &["--help"]] {
        let told = run(project.script().env("MIGRATE_BIN", "tool").args(arguments));
        assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
        assert!(told.stdout.starts_with("Usage: db-migrate.sh"), "{}", told.stdout);
    }
}

#[test]
fn the_exit_code_is_the_programs_own() {
    let project = Project::new("", &["tool"]);
    for code in [0, 1, 2, 6, 13] {
        let told = run(project
            .script()
            .env("MIGRATE_BIN", "tool")
            .env("TELL_CODE", code.to_string())
            .arg("upgrade"));
        assert_eq!(told.code, Some(code));
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    match Command::new("shellcheck").arg(original()).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound),
    }
}
