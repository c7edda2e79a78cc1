//! What `.env` says and what the environment says.

use crate::project::{Project, run};

/// The variables that the program sees.
fn variables(dot_env: &str, environment: &[(&str, &str)]) -> String {
    let project = Project::new(dot_env, &["tool"]);
    let told =
        run(project.script().env("MIGRATE_BIN", "tool").envs(environment.iter().copied()).arg("status"));
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""));
    told.stdout.lines().skip(2).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_value_may_hold_spaces_quotes_and_signs() {
    for (written, value) in [
        ("plain", "plain"),
        ("  two words  ", "two words"),
        ("a#b # a comment", "a#b"),
        ("# a comment", ""),
        ("p$HOME`id`$(id)!%", "p$HOME`id`$(id)!%"),
        ("'single \"x\" # $y \\n'", "single \"x\" # $y \\n"),
        ("\"double 'x' # $y\" # a comment", "double 'x' # $y"),
        (r#""a \"quoted\" \\ word""#, r#"a "quoted" \ word"#),
        ("it's", "it's"),
        ("k=v=w", "k=v=w"),
        ("\"ends in two lines\\n\"", "ends in two lines\n"),
    ] {
        let seen = variables(&format!("NOTE={written}\n"), &[]);
        assert_eq!(seen, format!("NOTE={value}").trim_end_matches('\n'), "{written}");
    }
}

#[test]
fn a_file_may_have_comments_exports_carriage_returns_and_no_last_line_end() {
    let file =
        "\u{feff}# a comment\r\n\r\nexport POSTGRES_HOST = db\r\n   POSTGRES_PORT=5433\r\nPOSTGRES_DB=app";
    assert_eq!(variables(file, &[]), "POSTGRES_DB=app\nPOSTGRES_HOST=db\nPOSTGRES_PORT=5433");
}

#[test]
fn what_the_environment_says_wins() {
    let file = "DATABASE_URL=postgres://file/db\nPOSTGRES_PASSWORD=written\n";
    assert_eq!(
        variables(file, &[("DATABASE_URL", "sqlite://real.db")]),
        "DATABASE_URL=sqlite://real.db\nPOSTGRES_PASSWORD=written"
    );
    assert_eq!(
        variables(file, &[("DATABASE_URL", "")]),
        "DATABASE_URL=postgres://file/db\nPOSTGRES_PASSWORD=written"
    );
}

#[test]
fn a_host_in_the_environment_is_not_overruled_by_a_url_in_the_file() {
    let file = "DATABASE_URL=postgres://file/db\nPOSTGRES_PASSWORD=written\n";
    assert_eq!(
        variables(file, &[("POSTGRES_HOST", "real")]),
        "POSTGRES_HOST=real\nPOSTGRES_PASSWORD=written"
    );
}

#[test]
fn a_line_that_is_no_assignment_is_named_without_its_text() {
    let project = Project::new("NOTE=1\nhunter2\n", &["tool"]);
    let told = run(project.script().env("MIGRATE_BIN", "tool").arg("status"));
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), "warning: .env:2 is not NAME=value\n"));
    assert!(told.stdout.ends_with("NOTE=1\n"));
}
