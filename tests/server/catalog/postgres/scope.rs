//! What is read and what is left out.

use diesel::connection::SimpleConnection as _;
use migrate_core::Options;
use migrate_core::catalog::{ObjectName, Scope, read};
use migrate_core::connection::MigrationConnection as _;
use migrate_core::ledger::LedgerNames;
use migrate_tests::testkit::{History, Postgres};

use super::{app, catalog, public, rich, scoped, with};

#[test]
fn the_frameworks_tables_are_left_out_unless_asked_for() {
    let database = Postgres::shared().database();
    let before = catalog(&database);
    History::chain(&["a1"]).migrator().upgrade(&mut database.connect(), "heads").unwrap();
    // The step's own table.
    assert_eq!(before.difference(&catalog(&database)).to_string(), "+ table public.t_a1\n");
    assert_eq!(
        before.difference(&scoped(&database, &Scope::default().with_ledger())).to_string(),
        "+ table public.migrate_event\n+ table public.migrate_journal\n+ table public.migrate_lease\n\
         + table public.migrate_ledger\n+ table public.t_a1\n"
    );
}

#[test]
fn the_frameworks_tables_are_left_out_under_other_names() {
    let database = with("CREATE TABLE migrate_ledger (a integer); CREATE TABLE own_other (a integer)");
    let before = catalog(&database);
    let migrator = History::chain(&["a1"]).migrator();
    let names = LedgerNames::new(Some("else where".to_owned()), "own_".to_owned());
    let options = Options { names: names.clone(), ..migrator.options().clone() };
    migrator.with_options(options).upgrade(&mut database.connect(), "heads").unwrap();
    let scope = Scope::default().without_ledger(&names);
    assert_eq!(
        before.difference(&scoped(&database, &scope)).to_string(),
        "+ schema \"else where\"\n+ table public.migrate_ledger\n+ table public.t_a1\n"
    );
}

#[test]
fn only_the_schemas_that_are_asked_for() {
    let database = rich();
    let all = catalog(&database);
    let some = scoped(&database, &Scope::default().in_schemas(["app"]));
    assert_eq!(some.schemas.keys().collect::<Vec<_>>(), ["app"]);
    assert_eq!(some.tables.keys().collect::<Vec<_>>(), [&app("memories")]);
    assert_eq!(some.tables[&app("memories")], all.tables[&app("memories")]);
    assert_eq!(some.composites, all.composites);
    assert!(scoped(&database, &Scope::default().in_schemas(["no such schema"])).tables.is_empty());
}

#[test]
fn one_table_is_read_as_it_is_among_all() {
    let database = rich();
    let all = catalog(&database);
    for name in all.tables.keys() {
        let one = scoped(&database, &Scope::tables([name.clone()]));
        assert_eq!(one.tables.keys().collect::<Vec<_>>(), [name]);
        assert!(one.tables[name] == all.tables[name], "{name}");
        assert!(one.functions.is_empty() && one.schemas.is_empty() && one.enums.is_empty());
    }
    let memories = scoped(&database, &Scope::tables([app("memories")]));
    assert_eq!(memories.sequences.keys().collect::<Vec<_>>(), [&app("memories_id_seq")]);
}

#[test]
fn a_table_without_a_schema_is_found_on_the_search_path() {
    let database = rich();
    let mut connection = database.connect();
    let scope = Scope::tables([ObjectName::bare("memories"), ObjectName::bare("no such table")]);
    assert!(read(connection.driver(), &scope).unwrap().tables.is_empty());
    connection.batch_execute("SET search_path = app").unwrap();
    let found = read(connection.driver(), &scope).unwrap();
    assert_eq!(found.table("memories").unwrap().0, &app("memories"));
    assert!(found.table("users").is_none());
}

#[test]
fn a_name_in_two_schemas_is_no_tables_alone() {
    let database = with("CREATE SCHEMA a; CREATE TABLE a.t (); CREATE SCHEMA b; CREATE TABLE b.t ()");
    assert!(catalog(&database).table("t").is_none());
}

#[test]
fn objects_are_left_out_by_name() {
    let database = rich();
    let scope = Scope::default().without([public("users"), ObjectName::bare("memories"), app("mood")]);
    let some = scoped(&database, &scope);
    assert!(!some.tables.contains_key(&public("users")) && !some.tables.contains_key(&app("memories")));
    assert!(some.enums.contains_key(&public("mood")));
}

#[test]
fn temporary_tables_are_not_read() {
    let database = Postgres::shared().database();
    let before = catalog(&database);
    let mut connection = database.connect();
    // Also when one hides a catalog of the server's.
    connection
        .batch_execute("CREATE TEMP TABLE t (a integer); CREATE TEMP TABLE pg_class (a integer)")
        .unwrap();
    assert!(read(connection.driver(), &Scope::default()).unwrap() == before);
}
