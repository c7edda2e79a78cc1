//! `adopt alembic --from`: a directory of scripts in, Rust files out.

use expect_test::expect;

use crate::project::Project;

/// Puts scripts into the project's `alembic/versions`.
fn scripts(project: &Project, scripts: &[(&str, &str)]) {
    let versions = project.path().join("alembic/versions");
    std::fs::create_dir_all(&versions).unwrap();
    std::fs::write(project.path().join("alembic/env.py"), "").unwrap();
    for (name, text) in scripts {
        std::fs::write(versions.join(name), text).unwrap();
    }
}

const USERS: &str = "\"\"\"Create users

Revision ID: aaaa00000001
Revises:
Create Date: 2024-01-02 03:04:05
\"\"\"
import sqlalchemy as sa
from alembic import op

revision = 'aaaa00000001'
down_revision = None


def upgrade():
    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True))


def downgrade():
    op.drop_table('users')
";

const FILL: &str = "\"\"\"Fill names\"\"\"
from alembic import op

revision = 'aaaa00000002'
down_revision = 'aaaa00000001'


def upgrade():
    for name in ('a', 'b'):
        op.execute(f\"INSERT INTO users (name) VALUES ('{name}')\")


def downgrade():
    raise NotImplementedError('the names are gone')
";

const SQL: &str = "BEGIN;

-- Running upgrade aaaa00000001 -> aaaa00000002

INSERT INTO users (name) VALUES ('a');

INSERT INTO users (name) VALUES ('b');

UPDATE alembic_version SET version_num='aaaa00000002' WHERE alembic_version.version_num = 'aaaa00000001';

COMMIT;
";

fn project() -> Project {
    let project = Project::on_disk();
    scripts(&project, &[("1_users.py", USERS), ("2_fill.py", FILL), ("__init__.py", "")]);
    project
}

fn written(project: &Project, name: &str) -> String {
    std::fs::read_to_string(project.path().join("versions").join(name)).unwrap()
}

#[test]
fn a_dry_run_says_what_would_be_written_and_writes_nothing() {
    let project = project();
    expect![[r#""#]].assert_eq(&project.run(&["adopt", "alembic", "--from", "alembic", "--dry-run"]));
    assert_eq!(std::fs::read_dir(project.path().join("versions")).unwrap().count(), 0);
}

#[test]
fn what_is_not_plain_is_left_to_be_written_under_its_python() {
    let project = project();
    expect![[r#""#]].assert_eq(&project.run(&["adopt", "alembic", "--from", "alembic"]));
    expect![[r#""#]].assert_eq(&written(&project, "20240102_0304_aaaa00000002_fill_names.rs"));
    expect![[r#""#]].assert_eq(&project.run(&["check", "--only", "todo", "--no-db"]));
}

#[test]
fn sql_of_the_offline_mode_takes_the_place_of_what_is_not_plain() {
    let project = project();
    std::fs::write(project.path().join("upgrade.sql"), SQL).unwrap();
    expect![[r#""#]].assert_eq(&project.run(&[
        "adopt",
        "alembic",
        "--from",
        "alembic/versions",
        "--sql-from",
        "upgrade.sql",
    ]));
    expect![[r#""#]].assert_eq(&written(&project, "20240102_0304_aaaa00000002_fill_names.rs"));
}

#[test]
fn json_has_a_line_of_origin_for_each_body() {
    expect![[r#""#]].assert_eq(&project().run(&[
        "adopt",
        "alembic",
        "--from",
        "alembic",
        "--dry-run",
        "--json",
    ]));
}

#[test]
fn files_that_are_there_are_left_alone_unless_forced() {
    let project = project();
    let adopt = ["adopt", "alembic", "--from", "alembic"];
    project.after(&[&adopt], &adopt);
    let file = project.path().join("versions/20240102_0304_aaaa00000001_create_users.rs");
    let text = std::fs::read_to_string(&file).unwrap();
    let other = file.with_file_name("mine.rs");
    std::fs::rename(&file, &other).unwrap();
    expect![[r#""#]].assert_eq(&project.run(&adopt));
    let shown = project.run(&["adopt", "alembic", "--from", "alembic", "--force"]);
    assert!(shown.ends_with("--- exit 0\n"), "{shown}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    assert!(!other.exists());
}

#[test]
fn scripts_that_make_no_graph_are_reported_before_anything_is_written() {
    let project = project();
    scripts(
        &project,
        &[
            ("3_lost.py", "revision = 'aaaa00000003'\ndown_revision = 'zzzz'\n"),
            ("4_again.py", "revision = 'aaaa00000001'\n"),
        ],
    );
    expect![[r#""#]].assert_eq(&project.run(&["adopt", "alembic", "--from", "alembic"]));
    assert_eq!(std::fs::read_dir(project.path().join("versions")).unwrap().count(), 0);
}

#[test]
fn each_way_not_to_understand_a_script_has_its_words() {
    let project = Project::on_disk();
    scripts(&project, &[]);
    let adopt = ["adopt", "alembic", "--from", "alembic"];
    let mut shown = project.run(&adopt);
    for text in ["revision = (\n", "revision = make()\n", "x = 1\n"] {
        scripts(&project, &[("a.py", text)]);
        shown += &project.run(&adopt);
    }
    scripts(&project, &[("a.py", USERS)]);
    std::fs::write(project.path().join("notes.txt"), "SELECT 1;").unwrap();
    shown += &project.run(&["adopt", "alembic", "--from", "alembic", "--sql-from", "notes.txt"]);
    shown += &project.run(&["adopt", "alembic", "--from", "nowhere"]);
    expect![[r#""#]].assert_eq(&shown);
}
