//! PostgreSQL 18: what it has anew, and that it reads like the releases before it.

use migrate_core::catalog::{Catalog, Column, DifferenceOptions, GeneratedKind, ObjectKind, What};
use migrate_tests::testkit::{Database, Postgres};

use super::{RICH, catalog, public, rich};

fn on_eighteen(sql: &str) -> Database {
    let database = Postgres::eighteen().database();
    database.execute(sql);
    database
}

fn column<'c>(catalog: &'c Catalog, name: &str) -> &'c Column {
    catalog.tables[&public("t")].columns.iter().find(|column| column.name == name).unwrap()
}

/// The one difference in schemas is that `NOT NULL` has a name now; queries print without the names of tables
/// where one is enough, and extensions have newer versions.
#[test]
fn the_same_schema_is_the_same_catalog() {
    let (from, to) = (catalog(&rich()), catalog(&on_eighteen(RICH)));
    let named = from.difference(&to).to_string();
    assert!(named.contains("~ column email: not null none -> users_email_not_null\n"), "{named}");
    let options = DifferenceOptions { ignore_constraint_names: true, ..DifferenceOptions::default() };
    let difference = from.difference_with(&to, options);
    for change in &difference.changes {
        let What::Changed { attributes, parts } = &change.what else { panic!("{difference}") };
        let attributes: Vec<_> = attributes.iter().map(|change| &*change.attribute).collect();
        let expected = match change.kind {
            ObjectKind::Extension => "version",
            ObjectKind::View | ObjectKind::MaterializedView => "query",
            _ => panic!("{difference}"),
        };
        assert_eq!((&*attributes, &**parts), (&[expected][..], &[][..]), "{difference}");
    }
}

#[test]
fn computed_columns_that_are_not_stored() {
    let catalog = catalog(&on_eighteen("CREATE TABLE t (a integer, b integer GENERATED ALWAYS AS (a * 2))"));
    let generated = column(&catalog, "b").generated.as_ref().unwrap();
    assert_eq!((generated.kind, &*generated.expression), (GeneratedKind::Virtual, "(a * 2)"));
}

#[test]
fn the_constraint_behind_not_null() {
    let database = on_eighteen(
        "CREATE TABLE t (a integer CONSTRAINT given NOT NULL NO INHERIT, b integer, c integer); \
         ALTER TABLE t ADD CONSTRAINT unsure NOT NULL b NOT VALID; COMMENT ON CONSTRAINT unsure ON t IS 'soon'",
    );
    let before = catalog(&database);
    let a = column(&before, "a").not_null.as_ref().unwrap();
    assert_eq!((&*a.name, a.validated, a.no_inherit), ("given", true, true));
    let b = column(&before, "b").not_null.as_ref().unwrap();
    assert_eq!((&*b.name, b.validated, b.comment.as_deref()), ("unsure", false, Some("soon")));
    assert!(!column(&before, "b").nullable && column(&before, "c").not_null.is_none());
    database.execute("ALTER TABLE t VALIDATE CONSTRAINT unsure");
    assert_eq!(
        before.difference(&catalog(&database)).to_string(),
        "table public.t\n  ~ column b: not null unsure not valid comment 'soon' -> unsure comment 'soon'\n"
    );
}

#[test]
fn constraints_that_are_not_enforced() {
    let database = on_eighteen(
        "CREATE TABLE t (a integer PRIMARY KEY, CONSTRAINT loose CHECK (a > 0) NOT ENFORCED, \
         CONSTRAINT far FOREIGN KEY (a) REFERENCES t NOT ENFORCED)",
    );
    let catalog = catalog(&database);
    let table = &catalog.tables[&public("t")];
    assert!(!table.checks[0].enforced && !table.foreign_keys[0].enforced);
    assert!(table.primary_key.as_ref().unwrap().enforced);
}

#[test]
fn keys_without_overlaps() {
    let database = on_eighteen(
        "CREATE EXTENSION btree_gist; \
         CREATE TABLE t (a integer, during daterange, PRIMARY KEY (a, during WITHOUT OVERLAPS)); \
         CREATE TABLE u (a integer, during daterange, \
         FOREIGN KEY (a, PERIOD during) REFERENCES t (a, PERIOD during))",
    );
    let catalog = catalog(&database);
    let key = catalog.tables[&public("t")].primary_key.as_ref().unwrap();
    assert_eq!(key.definition, "PRIMARY KEY (a, during WITHOUT OVERLAPS)");
    assert_eq!(catalog.tables[&public("t")].indexes["t_pkey"].constraint.as_deref(), Some("t_pkey"));
    assert!(catalog.tables[&public("u")].foreign_keys[0].definition.contains("PERIOD during"));
}
