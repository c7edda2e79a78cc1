//! Commands that write source files.

use expect_test::expect;
use migrate_core::Manifest;

use crate::project::Project;

#[test]
fn new_writes_a_chain_and_prints_each_path() {
    let project = Project::on_disk();
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000001_create_users.rs
        --- stderr
        Wrote revision aaaa00000001, a new base
        hint: fill in `up` and `down`, then: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "Create", "users", "--rev-id", "aaaa00000001"]));
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000002_add_email_verified_column_to_users.rs
        --- stderr
        Wrote revision aaaa00000002, on top of aaaa00000001
        hint: fill in `up` and `down`, then: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&[
        "create",
        "--rev-id",
        "aaaa00000002",
        "Add",
        "email_verified",
        "column",
        "to",
        "users",
    ]));
    let written = std::fs::read_to_string(
        project.path().join("versions/20251011_1430_aaaa00000002_add_email_verified_column_to_users.rs"),
    )
    .unwrap();
    expect![[r#"
        use migrate_core::prelude::*;

        /// Add email_verified column to users
        #[migration(revision = "aaaa00000002", down_revision = "aaaa00000001")]
        pub struct AddEmailVerifiedColumnToUsers;

        impl Migration for AddEmailVerifiedColumnToUsers {
            type Connection = crate::Connection;

            fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
                Ok(())
            }

            fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
                Ok(())
            }
        }
    "#]]
    .assert_eq(&written);
}

#[test]
fn several_heads_have_three_ways_out() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: target `head` matches 2 heads: aaaa00000002, aaaa00000003
        hint: continue one of them: --head aaaa00000002
        hint: or join them first: migrate-cli merge aaaa00000002 aaaa00000003 -m "…"
        hint: or start a history of its own: --head base
        --- exit 3
    "#]]
    .assert_eq(&project.after(
        &[
            &["new", "one", "--rev-id", "aaaa00000001"],
            &["new", "two", "--rev-id", "aaaa00000002"],
            &[
                "new",
                "three",
                "--rev-id",
                "aaaa00000003",
                "--head",
                "aaaa00000001",
                "--splice",
                "--branch-label",
                "side",
            ],
        ],
        &["new", "four"],
    ));
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000004_four.rs
        --- stderr
        Wrote revision aaaa00000004, on top of aaaa00000003
        hint: fill in `up` and `down`, then: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "four", "--rev-id", "aaaa00000004", "--head", "side@head"]));
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000005_merge_aaaa00000002_and_aaaa00000004.rs
        --- stderr
        Wrote revision aaaa00000005, joining aaaa00000002, aaaa00000004
        hint: a merge may stay empty; to apply it: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["merge", "heads", "--rev-id", "aaaa00000005"]));
    expect![[r#"
        --- stderr
        error: a merge needs at least two revisions, not only aaaa00000005
        hint: there is one head, so nothing is open
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["merge", "heads"]));
}

#[test]
fn a_parent_that_is_no_head_needs_splice() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: revision aaaa00000001 is not a head: aaaa00000002 is based on it
        hint: --splice starts a second branch there; without --head the new revision goes on top
        --- exit 3
    "#]]
    .assert_eq(&project.after(
        &[&["new", "one", "--rev-id", "aaaa00000001"], &["new", "two", "--rev-id", "aaaa00000002"]],
        &["new", "three", "--head", "aaaa00000001"],
    ));
}

#[test]
fn an_id_is_taken_once() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: revision aaaa00000001 exists already
        hint: leave --rev-id out for a random one
        --- exit 3
    "#]]
    .assert_eq(
        &project.after(
            &[&["new", "one", "--rev-id", "aaaa00000001"]],
            &["new", "two", "--rev-id", "aaaa00000001"],
        ),
    );
    expect![[r#"
        --- stderr
        error: revision id `a/b` must not contain '/': it becomes part of a file name
        hint: letters, digits, `_` and `.` are fine
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["new", "two", "--rev-id", "a/b"]));
    expect![[r#"
        --- stderr
        error: revision id `head` is a word that targets are made of
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["new", "two", "--rev-id", "head"]));
}

#[test]
fn a_random_id_has_twelve_digits() {
    let project = Project::on_disk();
    let shown = project.run(&["new", "-m", "x", "-q"]);
    let path = shown.lines().nth(1).unwrap();
    assert!(path.starts_with("versions/20251011_1430_") && path.ends_with("_x.rs"), "{path}");
    assert_eq!(path.len(), "versions/20251011_1430_0123456789ab_x.rs".len());
}

#[test]
fn new_as_json_names_the_file() {
    let project = Project::on_disk();
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "revision": "aaaa00000001",
          "down_revisions": [],
          "depends_on": [],
          "branch_labels": [],
          "path": "DIR/versions/20251011_1430_aaaa00000001_one.rs"
        }
        --- stderr
        Wrote revision aaaa00000001, a new base
        hint: fill in `up` and `down`, then: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "one", "--rev-id", "aaaa00000001", "--json"]));
}

#[test]
fn a_file_with_a_mistake_is_named() {
    let project = Project::on_disk();
    std::fs::write(project.path().join("versions/broken.rs"), "fn a() {\n(").unwrap();
    expect![[r#"
        --- stderr
        error: could not understand DIR/versions/broken.rs:2: cannot parse string into token stream
        hint: `cargo check` shows the place
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["new", "one"]));
}

#[test]
fn files_that_make_no_graph_are_all_reported() {
    let project = Project::on_disk();
    let write = |name: &str, attribute: &str| {
        let text = format!("#[migration({attribute})]\nstruct A;");
        std::fs::write(project.path().join("versions").join(name), text).unwrap();
    };
    write("a.rs", "revision = \"aaaa\", down_revision = \"zzzz\"");
    write("b.rs", "revision = \"bbbb\"");
    write("c.rs", "revision = \"bbbb\"");
    expect![[r#"
        --- stderr
        error: the migrations do not form a graph: 2 faults
        caused by: revision bbbb is declared 2 times: "", ""
        caused by: revision aaaa names parent zzzz, which does not exist
        hint: one of the two needs another id; the one that is applied nowhere yet can change
        hint: a file is missing (not committed, not pulled), or a `down_revision` has a slip in it
        hint: bbbb stands in DIR/versions/b.rs and DIR/versions/c.rs
        --- exit 4
    "#]]
    .assert_eq(&project.run(&["new", "one"]));
}

#[test]
fn an_empty_message_is_refused() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: the message is empty
        hint: say what the migration does: migrate-cli new "add email_verified to users"
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["new", "-m", "  "]));
    expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          <MESSAGE>...

          tip: what the migration does: `migrate-cli new "create users"`

        Usage: migrate-cli new <MESSAGE>...

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["new"]));
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let project = Project::on_disk();
    expect![[r#"
        --- stderr
        error: the migrations directory DIR/elsewhere does not exist
        hint: this binary was compiled on another machine or the sources moved: name the directory with --directory, or build here
        --- exit 5
    "#]].assert_eq(&project.run(&["new", "one", "--directory", "elsewhere"]));
}

#[test]
fn a_revision_may_go_on_top_of_a_crate_whose_sources_are_elsewhere() {
    const ARCHIVE: Manifest =
        Manifest::new("archive", "1.0.0", "/nowhere", crate::chain::MANIFEST.revisions(), &[]);
    const CARRYING: Manifest = ARCHIVE.with_entries(&crate::chain::ENTRIES);
    let project = Project::on_disk().following(&[CARRYING]);
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000001_next.rs
        --- stderr
        Wrote revision aaaa00000001, on top of c3d4e5f6a7b8
        hint: fill in `up` and `down`, then: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "next", "--rev-id", "aaaa00000001"]));
    let project = Project::on_disk().following(&[ARCHIVE]);
    expect![[r#"
        --- stderr
        error: the migrations of archive are neither in /nowhere nor in this binary
        hint: its `MANIFEST` carries them when `migrations!` made it; a copy of it does not
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["new", "next"]));
}

#[test]
fn cargo_users_are_told_commands_that_they_can_type() {
    let project = Project::on_disk().with("CARGO", "/bin/cargo").with("CARGO_PKG_NAME", "service");
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000001_one.rs
        --- stderr
        Wrote revision aaaa00000001, a new base
        hint: fill in `up` and `down`, then: cargo run -p service -- upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "one", "--rev-id", "aaaa00000001"]));
    expect![[r#"
        --- stderr
        error: revision aaaa00000001 exists already
        hint: leave --rev-id out for a random one
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["new", "two", "--rev-id", "aaaa00000001"]));
}
