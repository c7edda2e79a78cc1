//! Words and habits of those who come from another tool, and slips of everybody's.

use expect_test::expect;

use crate::project::Project;

fn project() -> Project {
    Project::new(crate::chain::MANIFEST)
}

/// What is said to somebody whose database is named like this.
fn with_url(url: &str) -> String {
    project().with("DATABASE_URL", url).run(&["current"])
}

#[test]
fn a_word_of_another_tool_is_told_what_it_is_called_here() {
    expect![[r#"
        --- stderr
        error: unrecognized subcommand 'revert'

          tip: here it is `migrate-cli downgrade -1`, and `base` in the place of `-1` for all

        Usage: migrate-cli [OPTIONS] <COMMAND>

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project().run(&["revert"]));
    for (word, here) in [
        ("run", "`migrate-cli upgrade`"),
        ("rollback", "`migrate-cli downgrade -1`"),
        ("generate", "`migrate-cli new \"create users\"`"),
        ("list", "`migrate-cli status`"),
        ("migration", "`migrate-cli upgrade`"),
        ("edit", "`migrate-cli show <revision>`"),
        ("help", "`migrate-cli --help`"),
    ] {
        let shown = project().run(&[word, "x"]);
        assert!(shown.contains(here) && shown.ends_with("--- exit 2\n"), "{word}\n{shown}");
    }
    let slip = project().run(&["upgrad"]);
    assert!(slip.contains("'downgrade', 'upgrade'"), "clap's own advice stays\n{slip}");
}

#[test]
fn an_option_of_alembic_that_means_nothing_here_says_why() {
    expect![[r#"
        --- stderr
        error: unexpected argument '--autogenerate' found

          tip: nothing is compared with models here: https://github.com/diesel-revisions/migrate/blob/main/docs/coming-from/alembic.md#autogenerate

        Usage: migrate-cli new [OPTIONS] [MESSAGE]...

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project().run(&["revision", "--autogenerate", "-m", "x"]));
    let shown = project().run(&["upgrade", "--tag", "x"]);
    assert!(shown.contains("there is no `env.py`"), "{shown}");
}

#[test]
fn a_command_without_its_target_shows_one() {
    expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <TARGET>

          tip: `migrate-cli downgrade -1` undoes the last revision, `base` all of them

        Usage: migrate-cli downgrade <TARGET>

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project().run(&["downgrade"]));
    let in_cargo = project().with("CARGO", "cargo").with("CARGO_PKG_NAME", "migrations");
    expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <REV>...

          tip: the revisions to join, or all heads: `cargo run -p migrations -- merge heads -m "…"`

        Usage: migrate-cli merge <REV>...

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&in_cargo.run(&["merge"]));
}

#[test]
fn a_url_of_sqlalchemy_loses_its_driver() {
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: `postgresql+asyncpg` is not a database URL scheme this program knows
        hint: leave the driver out, which is SQLAlchemy's: postgresql://…
        --- exit 10
    "#]]
    .assert_eq(&with_url("postgresql+asyncpg://app:hunter2@db/service"));
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: `sqlite+aiosqlite` is not a database URL scheme this program knows
        hint: leave the driver out, which is SQLAlchemy's: sqlite://app.db
        hint: two slashes and a path: three begin an absolute one, which SQLAlchemy writes with four
        --- exit 10
    "#]]
    .assert_eq(&with_url("sqlite+aiosqlite:///app.db"));
}

#[test]
fn a_path_is_no_url() {
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: the database URL does not begin with a scheme
        hint: a URL looks like sqlite://app.db or postgres://user:password@host:5432/database
        --- exit 10
    "#]]
    .assert_eq(&with_url("/var/lib/app.db"));
}

#[test]
fn a_password_that_is_not_escaped_goes_nowhere() {
    let shown = with_url("postgres://app:hunter@2/x@db/service");
    assert!(!shown.contains("hunter"), "{shown}");
    expect![[r#"
        --- stderr
        error: the database URL from DATABASE_URL cannot be used
        caused by: the database URL does not say where its password ends
        hint: in a URL `@` is written %40, `/` %2F, `:` %3A, `?` %3F and `%` %25
        hint: or the variable POSTGRES_PASSWORD, beside POSTGRES_HOST, takes it as it is
        --- exit 10
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_file_of_something_else_is_no_database() {
    let project = project();
    std::fs::write(project.path().join("app.db"), "no database, but long enough to be one ".repeat(9))
        .unwrap();
    expect![[r#"
        --- stderr
        error: the file is not an SQLite database
        hint: `migrate-cli -v status` says which file it is, and who named it
        hint: an encrypted database looks like that, too
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["status"]));
}

#[test]
fn an_env_file_that_is_not_text_says_so() {
    let project = project().without("DATABASE_URL");
    std::fs::write(project.path().join(".env"), b"DATABASE_URL=\xff\xfe").unwrap();
    expect![[r#"
        --- stderr
        error: DIR/.env cannot be read
        caused by: stream did not contain valid UTF-8
        hint: save it as UTF-8
        --- exit 10
    "#]]
    .assert_eq(&project.run(&["current"]));
}

#[test]
fn status_does_not_promise_an_upgrade_that_would_be_refused() {
    let project = project();
    assert!(project.run(&["upgrade"]).ends_with("exit 0\n"));
    project.sql("DELETE FROM migrate_ledger WHERE revision = 'a1b2c3d4e5f6'");
    expect![[r#"
        --- stdout
        Database  sqlite://DIR/app.db
        Current   c3d4e5f6a7b8 (head)
        Revisions 2 applied, 1 pending

           Revision      Message                             Applied (UTC)  Took  By
        ○  a1b2c3d4e5f6  Create users                        pending
        ✓  b2c3d4e5f6a7  Add email_verified column to users  TIME  N ms  WHO
        ✓  c3d4e5f6a7b8  Create messages                     TIME  N ms  WHO
        --- stderr

        warning: b2c3d4e5f6a7 is recorded as applied, and what it builds on is not: a1b2c3d4e5f6
        hint: `migrate-cli upgrade` refuses that, and says what it may come from
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["status"]));
    assert!(project.run(&["upgrade"]).ends_with("exit 11\n"));
}
