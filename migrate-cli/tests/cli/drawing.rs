//! `graph`.

use expect_test::expect;

use crate::project::Project;

#[test]
fn graph_draws_what_is_applied_and_what_is_not() {
    let project = Project::new(crate::forked::MANIFEST);
    expect![[r#"
        --- stdout
        ○  419470000003 (head, right) Go right
        │ ○  1ef700000002 (head, left) Go left
        ├─╯
        ●  ba5e00000001 (current) Start

        ● 1 applied   ○ 2 pending
        --- exit 0
    "#]]
    .assert_eq(&project.after(&[&["upgrade", "+1"]], &["graph"]));
}

#[test]
fn graph_without_a_database_opens_none() {
    let project = Project::new(crate::forked::MANIFEST).with("DATABASE_URL", "nonsense://");
    expect![[r#"
        --- stdout
        o  419470000003 (head, right) Go right
        | o  1ef700000002 (head, left) Go left
        |/
        o  ba5e00000001 Start
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["graph", "--no-db", "--ascii"]));
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: `nonsense` is not a database URL scheme this program knows
        hint: a URL looks like sqlite://app.db or postgres://user:password@host:5432/database
        hint: `graph --no-db` draws without a database
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["graph"]));
}

#[test]
fn graph_fits_a_terminal_and_is_whole_in_a_pipe() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        ●  c3d4e5f6a7b8 (head, messages) Create…
        ●  b2c3d4e5f6a7 Add email_verified colum…
        ●  a1b2c3d4e5f6 Create users
        --- exit 0
    "#]]
    .assert_eq(&project.run_on_terminal(42, &["--color", "never", "graph", "--no-db"]));
    expect![[r#"
        --- stdout
        ●  c3d4e5f6a7b8 (head, messages) Create messages
        ●  b2c3d4e5f6a7 Add email_verified column to users
        ●  a1b2c3d4e5f6 Create users
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["graph", "--no-db"]));
}

#[test]
fn graph_writes_an_image_to_a_file() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        Wrote graph.svg
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["graph", "--format", "svg", "--output", "graph.svg"]));
    let image = std::fs::read_to_string(project.path().join("graph.svg")).unwrap();
    assert!(image.starts_with("<svg ") && image.ends_with("</svg>\n"));
    assert!(!project.path().join("app.db").exists());
}

#[test]
fn graph_says_when_its_file_cannot_be_written() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: no/such/directory could not be written
        caused by: No such file or directory (os error 2)
        --- exit 15
    "#]]
    .assert_eq(&project.run(&["graph", "--no-db", "-f", "dot", "-o", "no/such/directory"]));
}
