use diesel::SqliteConnection;

use super::collect::unlisted_among;
use super::*;
use crate::connection::{AnyConnection, Dialect, MigrationConnection};
use crate::context::Context;
use crate::error::Result;
use crate::migration::Migration;

struct Portable;

impl Migration for Portable {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

struct ForSqlite;

impl Migration for ForSqlite {
    type Connection = SqliteConnection;

    fn up(&self, _: &mut Context<'_, SqliteConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, SqliteConnection>) -> Result<()> {
        Ok(())
    }
}

const ARCHIVE: Manifest = Manifest::new("archive", "1.0.0", "/archive", &["a1", "a2"], &[]);
const SERVICE: Manifest = Manifest::new("service", "0.1.0", "/service", &["s1"], &[ARCHIVE]);

const A1: Declaration = Declaration {
    revision: "a1",
    down_revisions: &[],
    depends_on: &[],
    branch_labels: &[],
    message: "",
    transaction: true,
    irreversible: None,
    allow: &[],
    checksum: None,
    crate_name: "archive",
    crate_version: "1.0.0",
    file: "archive/src/versions/a1.rs",
    line: 3,
    struct_name: "A1",
};
const A2: Declaration = Declaration { revision: "a2", file: "archive/src/versions/a2.rs", ..A1 };
const S1: Declaration = Declaration {
    revision: "s1",
    crate_name: "service",
    crate_version: "0.1.0",
    file: "src/versions/s1.rs",
    ..A1
};

fn entry<M: Migration>(declaration: Declaration, body: &'static M) -> &'static dyn AnyEntry {
    Box::leak(Box::new(Entry::reversible(declaration, body)))
}

fn portable(declarations: &[Declaration]) -> Vec<&'static dyn AnyEntry> {
    declarations.iter().map(|declaration| entry(*declaration, &Portable)).collect()
}

fn collect_from<C: MigrationConnection>(
    manifest: &Manifest,
    entries: Vec<&'static dyn AnyEntry>,
) -> Result<Vec<(&'static str, Option<Dialect>)>, RegistryError> {
    let collected = collect::<C>(manifest, Origin::Linked, entries)?;
    Ok(collected.iter().map(|runnable| (runnable.declaration().revision, runnable.dialect())).collect())
}

fn refusal(manifest: &Manifest, declarations: &[Declaration]) -> String {
    collect_from::<AnyConnection>(manifest, portable(declarations)).unwrap_err().to_string()
}

#[test]
fn what_the_manifest_names_is_collected_in_order_of_revision() {
    let collected = collect_from::<AnyConnection>(&SERVICE, portable(&[S1, A2, A1])).unwrap();
    assert_eq!(collected, [("a1", None), ("a2", None), ("s1", None)]);
}

#[test]
fn an_empty_manifest_is_refused() {
    let empty = Manifest::new("service", "0.1.0", "/service", &[], &[]);
    assert_eq!(refusal(&empty, &[S1]), "service has no migrations: /service held none when it was compiled");
}

#[test]
fn every_crate_that_lacks_migrations_is_named_with_what_it_lacks() {
    assert_eq!(
        refusal(&SERVICE, &[A2]),
        "1 of the 2 migrations of archive 1.0.0 are linked into this program, missing: a1; \
         0 of the 1 migration of service 0.1.0 are linked into this program, missing: s1"
    );
}

#[test]
fn an_explicit_list_that_lacks_migrations_is_not_blamed_on_the_linker() {
    let refused = collect::<AnyConnection>(&SERVICE, Origin::Listed, portable(&[A1, A2])).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "0 of the 1 migration of service 0.1.0 are in the lists that were passed, missing: s1"
    );
}

#[test]
fn a_long_list_of_missing_migrations_is_cut_in_the_message_only() {
    let manifest = Manifest::new(
        "service",
        "0.1.0",
        "/service",
        &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"],
        &[],
    );
    let Err(RegistryError::Missing { crates, origin: Origin::Linked }) =
        collect::<AnyConnection>(&manifest, Origin::Linked, [])
    else {
        panic!("nothing is linked")
    };
    assert_eq!((crates[0].missing.len(), crates[0].found()), (12, 0));
    let message = RegistryError::Missing { crates, origin: Origin::Linked }.to_string();
    assert!(message.ends_with("missing: a, b, c, d, e, f, g, h, i, j and 2 more"), "{message}");
}

#[test]
fn an_unrelated_crate_cannot_supply_a_revision() {
    let stranger = Declaration { crate_name: "stranger", ..A1 };
    let refused = refusal(&ARCHIVE, &[stranger, A2]);
    assert!(refused.starts_with("1 of the 2 migrations of archive 1.0.0"), "{refused}");
}

#[test]
fn an_unrelated_crate_cannot_get_in_the_way_of_a_revision() {
    let stranger = Declaration { crate_name: "stranger", ..A1 };
    let collected = collect_from::<AnyConnection>(&ARCHIVE, portable(&[stranger, A1, A2])).unwrap();
    assert_eq!(collected.len(), 2);
}

#[test]
fn another_version_of_the_crate_is_not_taken_for_it_and_is_mentioned() {
    let newer = Declaration { crate_version: "2.0.0", ..A1 };
    assert_eq!(
        refusal(&ARCHIVE, &[newer, A2]),
        "1 of the 2 migrations of archive 1.0.0 are linked into this program (but some of version 2.0.0), \
         missing: a1"
    );
    let collected = collect_from::<AnyConnection>(&ARCHIVE, portable(&[newer, A1, A2])).unwrap();
    assert_eq!(collected.len(), 2);
}

#[test]
fn a_revision_of_two_crates_is_an_error_that_names_both() {
    let library = Manifest::new("library", "0.3.0", "/library", &["a1"], &[ARCHIVE]);
    let other =
        Declaration { crate_name: "library", crate_version: "0.3.0", file: "src/one.rs", line: 9, ..A1 };
    assert_eq!(
        refusal(&library, &[other, A2, A1]),
        "revision a1 is registered by archive 1.0.0 (archive/src/versions/a1.rs:3) and by library 0.3.0 (src/one.rs:9)"
    );
}

#[test]
fn two_versions_of_one_crate_in_a_history_are_an_error_that_names_both() {
    const NEWER: Manifest = Manifest::new("archive", "2.0.0", "/archive-2", &["a1", "a2"], &[]);
    let service = Manifest::new("service", "0.1.0", "/service", &["s1"], &[ARCHIVE, NEWER]);
    let newer = |declaration| Declaration { crate_version: "2.0.0", ..declaration };
    let refused = refusal(&service, &[S1, A1, A2, newer(A1), newer(A2)]);
    assert!(refused.contains("revision a1 is registered by archive 1.0.0"), "{refused}");
    assert!(refused.contains("and by archive 2.0.0 (archive/src/versions/a2.rs:3)"), "{refused}");
}

#[test]
fn a_second_migration_of_the_crate_with_a_revision_of_the_manifest_is_an_error() {
    let fixture = Declaration { file: "tests/fixture.rs", line: 7, ..A1 };
    let refused = refusal(&ARCHIVE, &[A1, A2, fixture]);
    assert!(refused.ends_with("and by archive 1.0.0 (tests/fixture.rs:7)"), "{refused}");
}

#[test]
fn what_a_manifest_carries_is_taken_before_what_is_linked() {
    let carried: &'static [_] = portable(&[A1]).leak();
    let manifest = ARCHIVE.with_entries(Box::leak(Box::new(carried)));
    let other_history = Declaration { file: "archive/src/other/a1.rs", ..A1 };
    let linked = portable(&[other_history, A1, A2]);
    let collected = collect::<AnyConnection>(&manifest, Origin::Linked, linked).unwrap();
    let files: Vec<_> = collected.iter().map(|runnable| runnable.declaration().file).collect();
    assert_eq!(files, [A1.file, A2.file]);
}

#[test]
fn an_explicit_list_stands_alone() {
    let carried: &'static [_] = portable(&[A1, A2]).leak();
    let manifest = ARCHIVE.with_entries(Box::leak(Box::new(carried)));
    let error = collect::<AnyConnection>(&manifest, Origin::Listed, []).err().unwrap();
    assert!(matches!(&error, RegistryError::Missing { origin: Origin::Listed, .. }), "{error}");
}

#[test]
fn a_source_file_that_is_compiled_in_twice_counts_once() {
    let collected = collect_from::<AnyConnection>(&ARCHIVE, portable(&[A1, A2, A1, A2])).unwrap();
    assert_eq!(collected, [("a1", None), ("a2", None)]);
}

#[test]
fn a_migration_for_one_server_runs_from_any_connection_and_says_for_which() {
    let collected =
        collect_from::<AnyConnection>(&ARCHIVE, vec![entry(A1, &ForSqlite), entry(A2, &Portable)]).unwrap();
    assert_eq!(collected, [("a1", Some(Dialect::Sqlite)), ("a2", None)]);
}

#[test]
fn a_migration_for_another_connection_type_is_an_error_that_names_both_types() {
    let entries = vec![entry(A1, &Portable), entry(A2, &ForSqlite), entry(S1, &Portable)];
    let refused = collect_from::<SqliteConnection>(&SERVICE, entries).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "migrations run on SqliteConnection here, and some are written for another connection type: \
         a1 (AnyConnection), s1 (AnyConnection)"
    );
}

#[test]
fn a_migration_of_an_unrelated_crate_may_have_any_connection_type() {
    let stranger = entry(Declaration { crate_name: "stranger", ..A1 }, &Portable);
    let entries = vec![stranger, entry(A1, &ForSqlite), entry(A2, &ForSqlite)];
    assert_eq!(collect_from::<SqliteConnection>(&ARCHIVE, entries).unwrap().len(), 2);
}

#[test]
fn a_migration_that_no_directory_of_its_crate_holds_is_unlisted() {
    let stray = Declaration { revision: "z9", file: "src/lib.rs", ..S1 };
    let stranger = Declaration { crate_name: "stranger", ..stray };
    let mut entries = portable(&[S1, stray, A1, stranger]).into_iter();
    let unlisted = unlisted_among(&SERVICE, [], &mut entries);
    assert_eq!(unlisted, [&stray]);
}

#[test]
fn a_migration_of_another_directory_of_the_same_crate_is_listed() {
    let second = Manifest::new("service", "0.1.0", "/service/second", &["z9"], &[]);
    let other = Declaration { revision: "z9", file: "src/second/z9.rs", ..S1 };
    let mut entries = portable(&[S1, other]).into_iter();
    assert!(unlisted_among(&SERVICE, [second], &mut entries).is_empty());
}
