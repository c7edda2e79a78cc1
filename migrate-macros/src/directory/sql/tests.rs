use std::path::Path;

use super::{SqlDirectory, SqlRevision};

/// A package with a directory `migrations` of these files.
struct Package(tempfile::TempDir);

impl Package {
    fn new(files: &[(&str, &str)]) -> Self {
        let package = Self(tempfile::tempdir().expect("a temporary directory"));
        std::fs::create_dir(package.path().join("migrations")).expect("a directory");
        for (path, text) in files {
            let path = package.path().join("migrations").join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        package
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn read(&self) -> SqlDirectory {
        SqlDirectory::read("migrations", self.path())
    }

    /// The only revision of a package without a mistake.
    fn revision(&self) -> SqlRevision {
        let mut found = self.read();
        assert_eq!((found.problems.as_slice(), found.revisions.len()), (&[] as &[String], 1));
        found.revisions.remove(0)
    }

    fn problem(&self) -> String {
        self.read().problems.join("\n").replace(&*self.path().to_string_lossy(), "$PACKAGE")
    }
}

fn ids(found: &SqlDirectory) -> Vec<&str> {
    found.revisions.iter().map(|revision| revision.declared.revision.as_str()).collect()
}

#[test]
fn versions_and_messages_come_from_names() {
    for (name, version, message) in [
        ("20151219180527_create_users", "20151219180527", "create users"),
        ("2024-03-04-091500_create_loans", "20240304091500", "create loans"),
        ("00000000000000_diesel_initial_setup", "00000000000000", "diesel initial setup"),
        ("0001", "0001", ""),
        ("v1__odd__name_", "v1", "odd name"),
    ] {
        let revision = Package::new(&[(&format!("{name}/up.sql"), "SELECT 1")]).revision();
        assert_eq!((revision.declared.revision.as_str(), revision.message.as_str()), (version, message));
        assert_eq!(revision.place, format!("migrations/{name}"));
    }
}

#[test]
fn revisions_are_in_the_order_of_versions() {
    let package = Package::new(&[
        ("2024-01-02-000000_second/up.sql", "SELECT 1"),
        ("20240101000000_first/up.sql", "SELECT 1"),
        ("a_last/up.sql", "SELECT 1"),
        ("20240103_third/up.sql", "SELECT 1"),
    ]);
    let found = package.read();
    assert_eq!(ids(&found), ["20240101000000", "20240102000000", "20240103", "a"]);
    let parents: Vec<_> = found.revisions.iter().map(|it| it.declared.down_revisions.concat()).collect();
    assert_eq!(parents, ["", "20240101000000", "20240102000000", "20240103"]);
}

#[test]
fn files_and_hidden_directories_are_passed_over() {
    let package = Package::new(&[
        ("1_a/up.sql", "SELECT 1"),
        ("1_a/notes.txt", "no SQL"),
        (".hidden/up.sql", "SELECT 1"),
        ("README.md", "no migration"),
        ("up.sql", "no migration either"),
    ]);
    assert_eq!(ids(&package.read()), ["1"]);
    assert_eq!(package.problem(), "");
}

#[test]
fn a_directory_without_up_sql_is_a_mistake() {
    let package = Package::new(&[("1_a/up.sql", "SELECT 1"), ("2_b/down.sql", "SELECT 1")]);
    std::fs::create_dir(package.path().join("migrations/3_c")).expect("a directory");
    assert_eq!(
        package.problem(),
        "migrations/2_b has no up.sql: a Diesel migration is a directory <version>_<name> that holds one\n\
         migrations/3_c has no up.sql: a Diesel migration is a directory <version>_<name> that holds one"
    );
}

#[test]
fn two_directories_of_one_version_are_a_mistake() {
    let package = Package::new(&[
        ("20240101_b/up.sql", "SELECT 1"),
        ("2024-01-01_a/up.sql", "SELECT 1"),
        ("20240102_c/up.sql", "SELECT 1"),
    ]);
    assert_eq!(
        package.problem(),
        "migrations/2024-01-01_a and migrations/20240101_b have the same version, `20240101`, and Diesel runs only \
         one of them: rename one"
    );
    assert_eq!(ids(&package.read()), ["20240101", "20240102"]);
}

#[test]
fn a_version_that_means_something_else_is_a_mistake() {
    for (name, problem) in [
        ("_a", "an empty name"),
        ("head_a", "`head` is reserved for targets"),
        ("1@2_a", "'@' cannot be part of a name (neither can `@ - + : ,` or white space)"),
    ] {
        let package = Package::new(&[(&format!("{name}/up.sql"), "SELECT 1")]);
        assert_eq!(
            package.problem(),
            format!(
                "migrations/{name} has no version that can be a revision id: {problem}; a Diesel migration is named \
                 <version>_<name>"
            )
        );
    }
}

#[test]
fn an_empty_file_is_told_from_one_that_is_meant() {
    for blank in ["", " \n\t\n"] {
        assert_eq!(
            Package::new(&[("1_a/up.sql", blank)]).problem(),
            "migrations/1_a/up.sql is empty, which Diesel refuses to run: a comment in it says that it is meant"
        );
    }
    let meant = Package::new(&[("1_a/up.sql", "-- moved to 2_b"), ("1_a/down.sql", "-- moved")]).revision();
    assert_eq!(meant.irreversible, None);
}

#[test]
fn without_sql_for_the_way_back_there_is_none() {
    let up = ("1_a/up.sql", "CREATE TABLE a (id integer)");
    assert_eq!(Package::new(&[up]).revision().irreversible, Some("it has no down.sql"));
    for down in ["", "-- This file should undo anything in `up.sql`\n"] {
        let revision = Package::new(&[up, ("1_a/down.sql", down)]).revision();
        assert_eq!(revision.irreversible, Some("its down.sql holds no statement"));
    }
    assert_eq!(Package::new(&[up, ("1_a/down.sql", "DROP TABLE a")]).revision().irreversible, None);
}

#[test]
fn a_missing_directory_is_a_mistake() {
    let package = Package::new(&[]);
    let problem = SqlDirectory::read("../migratoins", &package.path().join("migrations")).problems.join("\n");
    assert_eq!(
        problem,
        "the directory ../migratoins does not exist: the path begins at the package, where its Cargo.toml is"
    );
    let file = Package::new(&[("1_a/up.sql", "SELECT 1")]);
    let problem = SqlDirectory::read("migrations/1_a/up.sql", file.path()).problems.join("\n");
    assert!(problem.starts_with("cannot read the directory /"), "{problem}");
}

#[test]
fn a_directory_without_migrations_is_a_mistake() {
    assert_eq!(
        Package::new(&[("README.md", "")]).problem(),
        "migrations holds no Diesel migrations: each is a directory <version>_<name> with an up.sql in it"
    );
    let package = Package::new(&[("1_a/up.sql", "SELECT 1")]);
    assert_eq!(
        SqlDirectory::read("migrations/1_a/", package.path()).problems,
        ["migrations/1_a holds no Diesel migrations: it is one itself; name the directory that it is in"]
    );
}

#[test]
fn paths_are_those_of_embed_migrations() {
    let package = Package::new(&[("1_a/up.sql", "SELECT 1")]);
    let inner = package.path().join("crate");
    std::fs::create_dir(&inner).expect("a directory");
    let absolute = package.path().join("migrations").to_string_lossy().into_owned();
    for given in ["../migrations", "../migrations/", "./../crate/../migrations", &*absolute] {
        let found = SqlDirectory::read(given, &inner);
        assert_eq!((ids(&found), found.problems.len()), (vec!["1"], 0), "{given}");
    }
}

#[test]
fn metadata_says_true_or_false() {
    let up = ("1_a/up.sql", "SELECT 1");
    let metadata = |text| Package::new(&[up, ("1_a/metadata.toml", text)]);
    assert!(Package::new(&[up]).revision().transaction);
    assert!(metadata("run_in_transaction = true\n").revision().transaction);
    let outside = metadata("# an index\nrun_in_transaction = false\nother = 1\n").revision();
    assert!(!outside.transaction && outside.metadata.is_some());
    for (text, problem) in [
        ("", "does not say `run_in_transaction`, and Diesel takes that for `false`: say it"),
        (
            "run_in_transaction = 1",
            "says `run_in_transaction` with a value of type integer: `true` or `false` is meant",
        ),
    ] {
        assert_eq!(metadata(text).problem(), format!("migrations/1_a/metadata.toml {problem}"));
    }
    let problem = metadata("run_in_transaction =").problem();
    assert!(problem.starts_with("migrations/1_a/metadata.toml is not TOML: "), "{problem}");
}

#[test]
fn a_checksum_is_of_both_texts_and_not_of_line_ends() {
    let of = |up: &str, down: &str| {
        Package::new(&[("1_a/up.sql", up), ("1_a/down.sql", down)]).revision().checksum
    };
    let first = of("SELECT 1;\nSELECT 2", "SELECT 3");
    assert_eq!(first.len(), 64);
    assert_eq!(first, of("SELECT 1;\r\nSELECT 2", "SELECT 3"));
    assert_ne!(first, of("SELECT 1;\nSELECT 2 ", "SELECT 3"));
    assert_ne!(first, of("SELECT 1;\nSELECT 2", "SELECT 4"));
    assert_ne!(of("SELECT 1", "SELECT 2"), of("SELECT 1SELECT 2", ""));
}

#[test]
fn a_text_in_another_encoding_is_a_mistake() {
    let package = Package::new(&[("1_a/up.sql", "SELECT 1")]);
    std::fs::write(package.path().join("migrations/1_a/up.sql"), b"SELECT '\xff'").expect("a file");
    assert_eq!(package.problem(), "cannot read migrations/1_a/up.sql: stream did not contain valid UTF-8");
}
