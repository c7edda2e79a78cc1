use std::fs;
use std::path::Path;

use migrate_core::adopt::Tool;
use migrate_core::revision::Revision;
use tempfile::TempDir;

use super::{Body, Files, FilesError, Migration, file_text, read};
use crate::scaffold::reader::read_text;
use crate::scaffold::writer::formatted;

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn found(tool: Tool, files: &[(&str, &str)]) -> Files {
    read(tool, directory(files).path()).unwrap()
}

#[track_caller]
fn refused(tool: Tool, files: &[(&str, &str)], expected: &str) {
    let directory = directory(files);
    let error = read(tool, directory.path()).unwrap_err().to_string();
    assert_eq!(error.replace(&directory.path().display().to_string(), "DIR"), expected);
}

fn ids(files: &Files) -> Vec<&str> {
    files.migrations.iter().map(|migration| migration.id.as_str()).collect()
}

#[test]
fn sqlx_takes_its_files_by_number_and_pairs_them() {
    let files = found(
        Tool::Sqlx,
        &[
            ("10_last.sql", "SELECT 10"),
            ("2_add_email.up.sql", "SELECT 2"),
            ("2_add_email.down.sql", "SELECT -2"),
            ("0001_create_users.sql", "SELECT 1"),
            ("README.md", ""),
            ("notes.sql", "no underscore"),
            ("below/3_not_looked_at.sql", ""),
        ],
    );
    assert_eq!(ids(&files), ["1", "2", "10"]);
    assert_eq!(files.migrations[0].message, "create users");
    let pair = Body::Sql { up: "SELECT 2".to_owned(), down: Some("SELECT -2".to_owned()), transaction: true };
    assert_eq!(files.migrations[1].body, pair);
    assert_eq!(
        (files.migrations[1].message.as_str(), files.migrations[1].stem()),
        ("add email", "2_add_email")
    );
    assert!(!files.migrations[2].is_reversible());
}

#[test]
fn sqlx_says_that_there_is_no_transaction_in_the_first_characters_of_either_file() {
    for (up, down, expected) in [
        ("-- no-transaction\nVACUUM", "SELECT 1", false),
        ("SELECT 1", "-- no-transaction\nVACUUM", false),
        ("\n-- no-transaction\nVACUUM", "SELECT 1", true),
    ] {
        let files = found(Tool::Sqlx, &[("1_a.up.sql", up), ("1_a.down.sql", down)]);
        let Body::Sql { transaction, .. } = files.migrations[0].body else { panic!("{files:?}") };
        assert_eq!(transaction, expected, "{up:?} {down:?}");
    }
}

#[test]
fn what_sqlx_would_not_take_is_refused() {
    refused(Tool::Sqlx, &[("V1_a.sql", "")], "DIR/V1_a.sql has no version that sqlx takes: `V1`");
    refused(Tool::Sqlx, &[("1_a.down.sql", "")], "DIR/1_a.down.sql undoes what no file does");
    refused(Tool::Sqlx, &[("1_a.sql", ""), ("01_b.sql", "")], "DIR/01_b.sql and DIR/1_a.sql are both 1");
    refused(
        Tool::Sqlx,
        &[("1_a.sql", ""), ("1_a.down.sql", ""), ("1_b.down.sql", "")],
        "DIR/1_a.down.sql and DIR/1_b.down.sql are both 1",
    );
    refused(Tool::Sqlx, &[("README.md", "")], "there are no migrations of sqlx in DIR");
    let absent = read(Tool::Sqlx, Path::new("/does/not/exist")).unwrap_err();
    assert!(matches!(absent, FilesError::Io { .. }), "{absent}");
}

#[test]
fn refinery_takes_both_kinds_by_number_from_below_too() {
    let files = found(
        Tool::Refinery,
        &[
            ("V10__last.sql", "SELECT 10"),
            ("V2__fill.rs", "pub fn migration() -> String { String::new() }"),
            ("old/V1__create_users.sql", "SELECT 1"),
            ("U3__out_of_order.sql", "SELECT 3"),
            ("V4_one_underscore.sql", ""),
            ("V5__na-me.sql", ""),
            ("mod.rs", ""),
        ],
    );
    assert_eq!(ids(&files), ["1", "2", "3", "10"]);
    assert_eq!(files.migrations[1].body, Body::Rust { reversible: false });
    assert!(files.migrations.iter().all(|migration| !migration.is_reversible()));
    refused(
        Tool::Refinery,
        &[("V1.5__half.sql", "")],
        "DIR/V1.5__half.sql has no version that refinery takes: `1.5`",
    );
    refused(
        Tool::Refinery,
        &[("V1__a.sql", ""), ("U1__b.sql", "")],
        "DIR/U1__b.sql and DIR/V1__a.sql are both 1",
    );
}

const LIB: &str = "
    mod m20240502_000001_second; mod m20240501_000001_first; mod m20240503_000001_forgotten;
    // Box::new(m20240503_000001_forgotten::Migration)
    impl MigratorTrait for Migrator {
        fn migrations() -> Vec<Box<dyn MigrationTrait>> {
            vec![Box::new(m20240502_000001_second::Migration), Box::new(m20240501_000001_first::Migration)]
        }
    }";

const REVERSIBLE: &str = "
    #[derive(DeriveMigrationName)] pub struct Migration;
    impl MigrationTrait for Migration { async fn up(&self) {} async fn down(&self) {} }";

const NAMED: &str = "
    pub struct Migration;
    impl MigrationName for Migration { fn name(&self) -> &str { \"m20240501_000001_create_users\" } }
    impl MigrationTrait for Migration { async fn up(&self) {} /* fn down */ }";

#[test]
fn sea_orm_applies_what_its_library_lists_in_that_order() {
    let files = [
        ("Cargo.toml", ""),
        ("src/lib.rs", LIB),
        ("src/main.rs", ""),
        ("src/m20240501_000001_first.rs", NAMED),
        ("src/m20240502_000001_second.rs", REVERSIBLE),
        ("src/m20240503_000001_forgotten.rs", REVERSIBLE),
    ];
    let found = found(Tool::SeaOrm, &files);
    assert_eq!(ids(&found), ["m20240502_000001_second", "m20240501_000001_create_users"]);
    assert_eq!(found.migrations[0].body, Body::Rust { reversible: true });
    assert_eq!(found.migrations[1].body, Body::Rust { reversible: false });
    assert_eq!(found.migrations[1].message, "create users");
    assert_eq!(found.left_out.len(), 1);
}

#[test]
fn sea_orm_without_a_library_goes_by_name() {
    let found = found(
        Tool::SeaOrm,
        &[("m20240502_000001_b.rs", REVERSIBLE), ("m20240501_000001_a.rs", REVERSIBLE), ("helper.rs", "")],
    );
    assert_eq!(ids(&found), ["m20240501_000001_a", "m20240502_000001_b"]);
    refused(
        Tool::SeaOrm,
        &[("m20240501_000001_a.rs", "\nfn (")],
        "could not understand DIR/m20240501_000001_a.rs:2: cannot parse string into token stream",
    );
}

/// SQL made to break a string.
const HOSTILE: &[&str] = &[
    "",
    "-- nothing but a comment",
    "DROP TABLE users",
    "DROP TABLE \"users\"",
    "CREATE TABLE users (\n    id BIGINT\n);\n",
    "SELECT 'a\"#b', '\"##';\nSELECT '\\';",
    "SELECT 'windows';\r\nSELECT 1;\r\n",
    "SELECT 'bell \u{7} and \u{202e} left';",
    "\u{feff}SELECT 'a mark';",
    "SELECT 'a line that is a good deal longer than rustfmt would ever make one, but which it leaves as it is', 1",
    "SELECT '{braces}', 'ユーザー 🎉';",
];

fn every_body() -> impl Iterator<Item = Body> {
    let sql = HOSTILE.iter().flat_map(|sql| {
        [None, Some((*sql).to_owned())].into_iter().flat_map(move |down| {
            [true, false].map(|transaction| Body::Sql {
                up: (*sql).to_owned(),
                down: down.clone(),
                transaction,
            })
        })
    });
    sql.chain([true, false].map(|reversible| Body::Rust { reversible }))
}

fn text_of(body: Body) -> (Revision, String) {
    let migration = Migration {
        id: "20240502130000".to_owned(),
        message: "add email".to_owned(),
        path: "migrations/20240502130000_add_email.sql".into(),
        body,
    };
    let revision = Revision {
        id: migration.id.clone().into(),
        message: migration.message.clone().into(),
        down_revisions: vec!["20240501120000".into()],
        ..Revision::default()
    };
    let text = file_text(Tool::Sqlx, &revision, &migration);
    (revision, text)
}

#[test]
fn a_written_file_reads_back_and_is_as_rustfmt_wants_it() {
    let directory = TempDir::new().unwrap();
    for body in every_body() {
        let is_rust = matches!(body, Body::Rust { .. });
        let (revision, text) = text_of(body);
        let read = read_text(Path::new("a.rs"), &text).unwrap();
        assert_eq!(read[0].revision, revision, "{text}");
        assert_eq!(!read[0].placeholders.is_empty(), is_rust, "{text}");
        if let Some(formatted) = formatted(directory.path(), &text) {
            assert_eq!(formatted, text);
        }
    }
}

#[test]
fn the_sql_stands_in_the_file_as_it_was() {
    use proc_macro2::{TokenStream, TokenTree};
    fn literals(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => literals(group.stream(), found),
                TokenTree::Literal(literal) => {
                    found
                        .extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value()));
                }
                _ => {}
            }
        }
    }
    for sql in HOSTILE.iter().filter(|sql| !sql.is_empty()) {
        let body = Body::Sql { up: (*sql).to_owned(), down: None, transaction: true };
        let mut found = Vec::new();
        literals(text_of(body).1.parse().unwrap(), &mut found);
        let expected = sql.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        assert!(found.iter().any(|text| text.trim() == expected.trim()), "{found:?}");
    }
}
