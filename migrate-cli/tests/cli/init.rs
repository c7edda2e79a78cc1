//! A crate of migrations for a project that has none.

use expect_test::expect;

use crate::project::Project;

fn project() -> Project {
    Project::new(crate::chain::MANIFEST).without("DATABASE_URL")
}

#[test]
fn init_lists_what_it_made_and_says_what_comes_next() {
    let project = project();
    expect![[r#"
        --- stdout
        shop/Cargo.toml
        shop/.gitignore
        shop/.env.example
        shop/migrations/Cargo.toml
        shop/migrations/build.rs
        shop/migrations/src/lib.rs
        shop/migrations/src/main.rs
        shop/migrations/src/versions/.gitkeep
        --- stderr
        Made a new workspace with the crate migrations in DIR/shop
        hint: cd shop
        hint: a first migration: cargo run -p migrations -- new "create users"
        hint: then, with `up` and `down` filled in: cargo run -p migrations -- upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["init", "shop", "--server", "postgres,sqlite"]));
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "package": "archive",
          "root": "DIR/shop",
          "directory": "DIR/shop/archive",
          "new_workspace": false,
          "created": [
            "DIR/shop/archive/Cargo.toml",
            "DIR/shop/archive/build.rs",
            "DIR/shop/archive/src/lib.rs",
            "DIR/shop/archive/src/main.rs",
            "DIR/shop/archive/src/versions/.gitkeep"
          ],
          "changed": [
            "DIR/shop/Cargo.toml"
          ]
        }
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["init", "shop", "--name", "archive", "--json"]));
}

#[test]
fn init_says_why_it_made_nothing() {
    let project = project();
    std::fs::write(project.path().join("manage.py"), "").unwrap();
    expect![[r#"
        --- stderr
        error: DIR is neither empty nor in a Cargo project
        hint: it holds manage.py
        hint: for a workspace of its own, name a new directory: migrate-cli init db
        hint: or make a Cargo project of this one first: cargo init
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["init"]));
    expect![[r#"
        --- stderr
        error: `my crate` cannot be the name of a package
        hint: letters, digits, `-` and `_`, beginning with a letter, and no word of the language
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["init", "db", "--name", "my crate"]));
    expect![[r#"
        --- stderr
        error: DIR/nowhere does not hold migrate-core and migrate-cli
        hint: leave --checkout out to take the registry's
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["init", "db", "--checkout", "nowhere"]));
    expect![[r#"
        --- stderr
        error: DIR/db/migrations is there already
        hint: it was left as it is; --name gives the crate another name
        --- exit 5
    "#]]
    .assert_eq(&project.after(&[&["init", "db"]], &["init", "db"]));
    std::fs::write(project.path().join("db/Cargo.toml"), "[workspace]\nmembers = 1\n").unwrap();
    expect![[r#"
        --- stderr
        error: cargo refuses the workspace in DIR/db
        caused by: invalid type: integer `1`, expected a sequence
         --> Cargo.toml:2:11
          |
        2 | members = 1
          |           ^
        hint: nothing was changed
        --- exit 5
    "#]]
    .assert_eq(&project.run(&["init", "db"]));
    expect![[r#"
        --- stderr
        error: `no-such-cargo` could not be started
        caused by: No such file or directory (os error 2)
        hint: it comes with Rust: https://rustup.rs
        hint: nothing was changed
        --- exit 5
    "#]]
    .assert_eq(&project.with("CARGO", "no-such-cargo").run(&["init", "db"]));
}

#[test]
fn a_directory_with_a_space_in_its_name_is_quoted_to_be_typed() {
    let shown = project().run(&["init", "my app ü"]);
    assert!(shown.contains("hint: cd 'my app ü'\n"), "{shown}");
}
