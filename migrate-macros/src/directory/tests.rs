use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use super::scan::{Declared, File};
use super::sql::SqlDirectory;
use super::{CallSite, Names, graph, migrations};
use crate::tests::pretty;

/// A package in a temporary directory.
struct Package(tempfile::TempDir);

impl Package {
    fn new(files: &[(&str, &str)]) -> Self {
        let package = Self(tempfile::tempdir().expect("a temporary directory"));
        for (path, source) in files {
            let path = package.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, source).expect("a file");
        }
        package
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Expands as if written at a position of `src/lib.rs`.
    fn expand(&self, input: TokenStream, position: (usize, usize)) -> String {
        let file = Some(self.path().join("src/lib.rs"));
        let site = CallSite { package: self.path().to_owned(), file, position };
        pretty(&migrations(input, &site)).replace(&*self.path().to_string_lossy(), "$PACKAGE")
    }
}

fn migration(arguments: &str) -> String {
    format!("use migrate_core::prelude::*;\n\n#[migration({arguments})]\npub struct Step;\n")
}

fn file(name: &str, arguments: &str) -> File {
    File::scan(name.to_owned(), &migration(arguments))
}

fn problems(files: &[File]) -> String {
    graph::check(files, &SqlDirectory::default(), "src/versions", false).problems.join("\n")
}

#[test]
fn each_file_becomes_a_module_an_id_and_an_entry() {
    let package = Package::new(&[
        ("src/lib.rs", "migrations!(\"src/versions\");"),
        ("src/versions/2025-10 Add users.rs", &migration("revision = \"b2\", down_revision = \"a1\"")),
        ("src/versions/2024_base.rs", &migration("revision = \"a1\"")),
        ("src/versions/helpers.rs", "pub fn help() {}"),
        ("src/versions/notes.txt", "no source"),
        ("src/versions/.#lock.rs", "no source either"),
        ("src/versions/old/2023_older.rs", &migration("revision = \"00\"")),
    ]);
    insta::assert_snapshot!(package.expand(quote!("src/versions"), (1, 1)));
}

#[test]
fn parents_in_other_crates_become_assertions() {
    let package = Package::new(&[
        ("src/lib.rs", "migrations!(\"src/versions\");"),
        (
            "src/versions/01.rs",
            &migration("revision = \"a1\", down_revision = [\"x\", \"y\"], depends_on = \"z\""),
        ),
    ]);
    let input = quote!("src/versions", follows = [archive::MANIFEST, other::MANIFEST], crate = ours);
    insta::assert_snapshot!(package.expand(input, (1, 1)));
}

#[test]
fn inside_an_inline_module_paths_are_absolute() {
    let package = Package::new(&[
        ("src/lib.rs", "\nmod inner {\n    migrations!(\"src/versions\");\n}"),
        ("src/versions/01.rs", ""),
    ]);
    let expansion = package.expand(quote!("src/versions"), (3, 5));
    assert!(expansion.contains("#[path = \"$PACKAGE/src/versions/01.rs\"]"), "{expansion}");
}

#[test]
fn a_missing_directory_is_the_only_mistake() {
    let package = Package::new(&[]);
    let expansion = package.expand(quote!("src/versoins"), (1, 1));
    assert_eq!(expansion.matches("compile_error!").count(), 1, "{expansion}");
    assert!(
        expansion.contains("the directory src/versoins does not exist: the path begins at"),
        "{expansion}"
    );
    assert!(expansion.contains("pub const MANIFEST"), "{expansion}");
}

#[test]
fn a_file_that_is_no_rust_is_left_to_the_compiler() {
    let package = Package::new(&[
        ("src/lib.rs", "migrations!(\"src/versions\");"),
        ("src/versions/01.rs", "#[migration(revision = \"a1\")] struct Step"),
        ("src/versions/02.rs", "#[migration(revision = \"b2\") struct Step;"),
        ("src/versions/03.rs", &migration("revision = \"c3\", down_revision = \"b2\"")),
    ]);
    std::fs::write(package.path().join("src/versions/04.rs"), b"// \xff no UTF-8").expect("a file");
    let expansion = package.expand(quote!("src/versions"), (1, 1));
    assert!(!expansion.contains("compile_error"), "{expansion}");
    assert!(expansion.contains("pub mod m_02;"), "{expansion}");
}

#[test]
fn a_scan_reads_what_the_attribute_reads() {
    let source = r##"
        //! #[migration(revision = "comment")]
        const TEXT: &str = "#[migration(revision = \"text\")]";
        #[derive(Debug)]
        #[migrate_core::migration(
            revision = "a\u{31}", down_revision = [r"b2", r#"c3"#,], depends_on = [], branch_labels = "x",
            message = "a, b", crate = ours::core,
        )]
        /// Documented below.
        #[derive(Clone)]
        pub(in crate::versions) struct Step;
        #[cfg(test)]
        mod tests { #[migration(revision = "test")] struct Test; }
    "##;
    let file = File::scan("a.rs".to_owned(), source);
    let [found] = &*file.migrations else { panic!("{} migrations", file.migrations.len()) };
    assert_eq!((found.line, found.struct_name.as_deref()), (5, Some("Step")));
    let expected = Declared {
        revision: "a1".to_owned(),
        down_revisions: vec!["b2".to_owned(), "c3".to_owned()],
        depends_on: Vec::new(),
        branch_labels: vec!["x".to_owned()],
    };
    assert_eq!(found.declared.as_ref(), Some(&expected));
    assert!(file.nested.is_empty() && !file.is_broken);
}

#[test]
fn arguments_that_the_attribute_refuses_declare_nothing() {
    for arguments in
        ["", "revision", "revision = 1", "revision = \"a\", down_revision = [1]", "revision(\"a\")"]
    {
        let file = file("a.rs", arguments);
        assert!(file.is_broken && file.migrations[0].declared.is_none(), "{arguments}");
    }
}

#[test]
fn a_migration_under_a_condition_is_refused() {
    let under = |head: &str, tail: &str| {
        let source = format!("{head}\n#[migration(revision = \"a\")]\n{tail}\nstruct Step;");
        File::scan("a.rs".to_owned(), &source).conditional.len()
    };
    assert_eq!(under("#[cfg(unix)]\n#[derive(Debug)]", ""), 1);
    assert_eq!(under("", "#[derive(Debug)] #[cfg(unix)]"), 1);
    assert_eq!(under("#![allow(unused)] #![cfg(unix)]", ""), 1);
    assert_eq!(under("#[cfg(unix)] use a::B;", "#[derive(Debug)]"), 0);
}

#[test]
fn every_problem_of_a_graph_is_reported() {
    let files = [
        file("01.rs", "revision = \"a\", down_revision = \"x\", branch_labels = [\"l\", \"b\"]"),
        file("02.rs", "revision = \"b\", down_revision = \"c\", branch_labels = \"l\""),
        file("03.rs", "revision = \"c\", depends_on = \"d\""),
        file("04.rs", "revision = \"d\", down_revision = \"e\""),
        file("05.rs", "revision = \"e\", down_revision = \"d\", depends_on = \"y\""),
        file("06.rs", "revision = \"e\""),
        File::scan("07.rs".to_owned(), &format!("{0}{0}", migration("revision = \"f\""))),
        File::scan("08.rs".to_owned(), &format!("mod inner {{ {} }}", migration("revision = \"g\""))),
        File::scan("mod.rs".to_owned(), ""),
    ];
    insta::assert_snapshot!(problems(&files));
}

#[test]
fn each_cycle_is_named_once_and_its_children_are_not() {
    // a <- b <- c <- a   d <- c   e <-> f (by label)   g
    let files = [
        file("a.rs", "revision = \"a\", down_revision = \"c\""),
        file("b.rs", "revision = \"b\", down_revision = \"a\""),
        file("c.rs", "revision = \"c\", down_revision = \"b\""),
        file("d.rs", "revision = \"d\", down_revision = [\"c\", \"g\"]"),
        file("e.rs", "revision = \"e\", branch_labels = \"left\", depends_on = \"right\""),
        file("f.rs", "revision = \"f\", branch_labels = \"right\", depends_on = \"left\""),
        file("g.rs", "revision = \"g\""),
    ];
    insta::assert_snapshot!(problems(&files));
}

#[test]
fn a_merge_and_a_shared_ancestor_are_no_cycle() {
    let files = [
        file("a.rs", "revision = \"a\", branch_labels = \"l\""),
        file("b.rs", "revision = \"b\", down_revision = \"a\""),
        file("c.rs", "revision = \"c\", down_revision = \"a\", depends_on = [\"b\", \"l\"]"),
        file("d.rs", "revision = \"d\", down_revision = [\"b\", \"c\"]"),
    ];
    assert_eq!(problems(&files), "");
}

#[test]
fn module_names_are_identifiers_and_differ() {
    let mut names = Names::default();
    let made = ["2025-10 Add", "2025_10__add", "é", "type", "_"].map(|stem| names.module(stem));
    assert_eq!(made, ["m_2025_10_add", "m_2025_10_add_2", "m", "m_type", "m_2"]);
}

#[test]
fn a_prefix_is_relative_only_below_the_invoking_file() {
    let site = CallSite {
        package: PathBuf::from("/p"),
        file: Some(PathBuf::from("/p/src/lib.rs")),
        position: (1, 1),
    };
    assert_eq!(super::module_prefix(Path::new("/p/versions"), &site), "/p/versions/");
}

#[cfg(feature = "diesel-migrations")]
mod with_sql {
    use super::*;

    fn package(revision: &str) -> Package {
        Package::new(&[
            ("src/lib.rs", "migrations!(\"src/versions\", diesel = \"migrations\");"),
            ("src/versions/01.rs", &migration(revision)),
            ("migrations/2024-01-01_create_a/up.sql", "CREATE TABLE a (id integer)"),
            ("migrations/2024-01-01_create_a/down.sql", "DROP TABLE a"),
            ("migrations/2024-01-02_fill_a/up.sql", "INSERT INTO a VALUES (1)"),
            ("migrations/2024-01-02_fill_a/metadata.toml", "run_in_transaction = false"),
        ])
    }

    fn expand(package: &Package) -> String {
        package.expand(quote!("src/versions", diesel = "migrations"), (1, 1))
    }

    fn first_error(expansion: &str) -> &str {
        let (_, rest) = expansion.split_once("compile_error! {").expect("an error");
        rest.split_once('}').expect("its end").0.trim().trim_matches('"')
    }

    #[test]
    fn sql_migrations_become_entries_before_those_of_files() {
        let package = package("revision = \"c1\", down_revision = \"20240102\"");
        insta::assert_snapshot!(expand(&package));
    }

    #[test]
    fn a_parent_may_be_an_sql_migration_and_has_to_be_one_that_is_there() {
        let package = package("revision = \"c1\", down_revision = \"20240103\"");
        assert_eq!(
            first_error(&expand(&package)),
            "revision `c1` (src/versions/01.rs:3) names down_revision `20240103`, which does not exist"
        );
    }

    #[test]
    fn an_id_is_one_whether_in_rust_or_in_sql() {
        let package = package("revision = \"20240101\"");
        assert_eq!(
            first_error(&expand(&package)),
            "revision `20240101` is declared twice: migrations/2024-01-01_create_a and src/versions/01.rs:3"
        );
    }

    #[test]
    fn a_mistake_in_the_directory_is_the_only_message() {
        let package = package("revision = \"c1\", down_revision = \"20240103\"");
        std::fs::remove_file(package.path().join("migrations/2024-01-02_fill_a/up.sql")).expect("a file");
        let expansion = expand(&package);
        assert_eq!(expansion.matches("compile_error!").count(), 1, "{expansion}");
        assert!(!expansion.contains("embed_migrations"), "{expansion}");
    }

    #[test]
    fn an_argument_of_another_kind_is_answered() {
        let package = package("revision = \"c1\"");
        let expansion = package.expand(quote!("src/versions", diesel = migrations), (1, 1));
        assert!(
            first_error(&expansion).starts_with("expected the directory of Diesel's SQL migrations"),
            "{expansion}"
        );
    }
}
