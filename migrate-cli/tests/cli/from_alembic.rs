//! `adopt alembic --from`: a directory of scripts in, Rust files out.

use expect_test::expect;
use migrate_cli::scaffold::reader::read_directory;

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
    for name in read_names():
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
    expect![[r#"
        --- stdout
        versions/20240102_0304_aaaa00000001_create_users.rs
        versions/20240102_0304_aaaa00000002_fill_names.rs
        --- stderr
        aaaa00000002 upgrade: line 9 has a `for` loop
        Would write 2 revisions, of 4 bodies 2 as operations, 1 irreversible, 1 to be written
        hint: the scripts leave 1 constraint unnamed; if your metadata has a `naming_convention`, give it with --naming
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["adopt", "alembic", "--from", "alembic", "--dry-run"]));
    assert_eq!(std::fs::read_dir(project.path().join("versions")).unwrap().count(), 0);
}

#[test]
fn what_is_not_plain_is_left_to_be_written_under_its_python() {
    let project = project();
    expect![[r#"
        --- stdout
        versions/20240102_0304_aaaa00000001_create_users.rs
        versions/20240102_0304_aaaa00000002_fill_names.rs
        --- stderr
        aaaa00000002 upgrade: line 9 has a `for` loop
        Wrote 2 revisions, of 4 bodies 2 as operations, 1 irreversible, 1 to be written
        hint: the scripts leave 1 constraint unnamed; if your metadata has a `naming_convention`, give it with --naming
        hint: for their SQL: alembic upgrade base:heads --sql > upgrade.sql, and --sql-from upgrade.sql --force
        hint: build, then for what is to be written: migrate-cli check --only todo --no-db
        --- exit 0
    "#]].assert_eq(&project.run(&["adopt", "alembic", "--from", "alembic"]));
    expect![[r#"
        use migrate_core::prelude::*;

        /// Fill names
        #[migration(
            revision = "aaaa00000002",
            down_revision = "aaaa00000001",
            irreversible = "the names are gone"
        )]
        pub struct FillNames;

        impl IrreversibleMigration for FillNames {
            type Connection = crate::Connection;

            // To be written: upgrade() of 2_fill.py,
            // line 9 has a `for` loop.
            //
            // def upgrade():
            //     for name in read_names():
            //         op.execute(f"INSERT INTO users (name) VALUES ('{name}')")
            fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
                Err(unwritten("upgrade() of 2_fill.py: line 9 has a `for` loop"))
            }
        }
    "#]]
    .assert_eq(&written(&project, "20240102_0304_aaaa00000002_fill_names.rs"));
    let found = read_directory(&project.path().join("versions")).unwrap();
    let to_do: Vec<_> = found.iter().map(|source| source.placeholders.as_slice()).collect();
    assert_eq!(to_do, [&[][..], &[21]]);
}

#[test]
fn sql_of_the_offline_mode_takes_the_place_of_what_is_not_plain() {
    let project = project();
    std::fs::write(project.path().join("upgrade.sql"), SQL).unwrap();
    expect![[r#"
        --- stdout
        versions/20240102_0304_aaaa00000001_create_users.rs
        versions/20240102_0304_aaaa00000002_fill_names.rs
        --- stderr
        Wrote 2 revisions, of 4 bodies 2 as operations, 1 as SQL, 1 irreversible
        hint: the scripts leave 1 constraint unnamed; if your metadata has a `naming_convention`, give it with --naming
        hint: build, then on a database of Alembic's: migrate-cli adopt alembic
        --- exit 0
    "#]]
    .assert_eq(&project.run(&[
        "adopt",
        "alembic",
        "--from",
        "alembic/versions",
        "--sql-from",
        "upgrade.sql",
    ]));
    expect![[r#"
        use migrate_core::prelude::*;

        /// Fill names
        #[migration(
            revision = "aaaa00000002",
            down_revision = "aaaa00000001",
            irreversible = "the names are gone"
        )]
        pub struct FillNames;

        impl IrreversibleMigration for FillNames {
            type Connection = crate::Connection;

            // What Alembic's offline mode prints for upgrade() of 2_fill.py: line 9 has a `for` loop.
            //
            // def upgrade():
            //     for name in read_names():
            //         op.execute(f"INSERT INTO users (name) VALUES ('{name}')")
            fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
                cx.execute("INSERT INTO users (name) VALUES ('a')")?;
                cx.execute("INSERT INTO users (name) VALUES ('b')")
            }
        }
    "#]]
    .assert_eq(&written(&project, "20240102_0304_aaaa00000002_fill_names.rs"));
}

#[test]
fn json_has_a_line_of_origin_for_each_body() {
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "dry_run": true,
          "revisions": [
            {
              "revision": "aaaa00000001",
              "path": "DIR/versions/20240102_0304_aaaa00000001_create_users.rs",
              "up": {
                "source": "operations"
              },
              "down": {
                "source": "operations"
              }
            },
            {
              "revision": "aaaa00000002",
              "path": "DIR/versions/20240102_0304_aaaa00000002_fill_names.rs",
              "up": {
                "source": "unwritten",
                "why": "line 9 has a `for` loop"
              },
              "down": {
                "source": "irreversible"
              }
            }
          ]
        }
        --- stderr
        aaaa00000002 upgrade: line 9 has a `for` loop
        Would write 2 revisions, of 4 bodies 2 as operations, 1 irreversible, 1 to be written
        hint: the scripts leave 1 constraint unnamed; if your metadata has a `naming_convention`, give it with --naming
        --- exit 0
    "#]]
    .assert_eq(&project().run(&["adopt", "alembic", "--from", "alembic", "--dry-run", "--json"]));
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
    expect![[r#"
        --- stderr
        error: 2 of the files to be written are there already: DIR/versions/20240102_0304_aaaa00000002_fill_names.rs, DIR/versions/mine.rs
        hint: --force writes over them
        hint: nothing was written
        --- exit 5
    "#]].assert_eq(&project.run(&adopt));
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
    expect![[r#"
        --- stderr
        error: the migrations do not form a graph: 2 faults
        caused by: revision aaaa00000001 is declared 2 times: "", "Create users"
        caused by: revision aaaa00000003 names parent zzzz, which does not exist
        hint: one of the two needs another id; the one that is applied nowhere yet can change
        hint: a file is missing (not committed, not pulled), or a `down_revision` has a slip in it
        hint: aaaa00000001 stands in DIR/alembic/versions/1_users.py and DIR/alembic/versions/4_again.py
        hint: nothing was written
        --- exit 4
    "#]]
    .assert_eq(&project.run(&["adopt", "alembic", "--from", "alembic"]));
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
    expect![[r#"
        --- stderr
        error: no Alembic script in DIR/alembic/versions
        hint: name the directory with `env.py`, or the one with the scripts: its `versions`
        --- exit 5
        --- stderr
        error: DIR/alembic/versions/a.py:1 is not Python
        hint: does `python -m py_compile` take it? Python 2 is not read
        --- exit 5
        --- stderr
        error: DIR/alembic/versions/a.py: `revision` is a call of `make`, not a string
        hint: `revision`, `down_revision` and the like have to be plain strings; put them in by hand, in a copy
        hint: a name that is imported can be told: --let app.db.BRANCH="'main'"
        --- exit 5
        --- stderr
        error: DIR/alembic/versions/a.py: it sets no `revision`
        hint: `revision`, `down_revision` and the like have to be plain strings; put them in by hand, in a copy
        hint: a name that is imported can be told: --let app.db.BRANCH="'main'"
        --- exit 5
        --- stderr
        error: DIR/notes.txt has no `-- Running upgrade …` or `-- Running downgrade …` in it
        hint: it is made by: alembic upgrade base:heads --sql > upgrade.sql
        hint: and for the way down: alembic downgrade heads:base --sql > downgrade.sql
        --- exit 5
        --- stderr
        error: could not read DIR/nowhere
        caused by: No such file or directory (os error 2)
        --- exit 5
    "#]].assert_eq(&shown);
}
