//! `verify`: the database beside what its revisions make of an empty one.

use diesel::connection::Connection as _;
use migrate_core::catalog::{self, DifferenceOptions, Scope};
use migrate_core::connection::{DatabaseUrl, Dialect, Driver as _};
use migrate_core::ledger::LedgerNames;
use migrate_core::prelude::*;
use migrate_core::runner::{Error, MakeError, ScratchDatabase, Verification, Verify, VerifyError};
use migrate_core::{Migrator, Options};
use migrate_tests::backfills::Append;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, Step, connect};

type Cx<'a> = Context<'a, AnyConnection>;

/// Users with an email, then an index on it, then their orders.
pub(super) fn shop() -> Migrator<AnyConnection> {
    let users = |cx: &mut Cx<'_>| {
        cx.create_table(
            table("users")
                .column(column("id", BigInt).primary_key())
                .column(column("email", Text).not_null()),
        )
    };
    let orders = |cx: &mut Cx<'_>| {
        cx.create_table(
            table("orders")
                .column(column("id", BigInt).primary_key())
                .column(column("user_id", BigInt).not_null().references("users", "id")),
        )
    };
    History::new()
        .with(Step::new("a1").up(users))
        .with(Step::new("b1").on(&["a1"]).up(|cx| cx.create_index(index("idx_email").on("users", ["email"]))))
        .with(Step::new("c1").on(&["b1"]).up(orders))
        .silent()
        .migrator()
}

/// The name of the testkit's own table, which is none of the history's.
pub(super) fn at<'t>(targets: &'t [&'t str]) -> Verify<'t> {
    Verify { targets, ignore: vec!["applied_log".parse().unwrap()], ..Verify::default() }
}

/// Verifies on a scratch database of its own, which is gone afterwards.
pub(super) fn verify(
    migrator: &Migrator<AnyConnection>,
    database: &Database,
    verify: &Verify<'_>,
) -> Result<Verification, Error> {
    let scratch = ScratchDatabase::beside(&DatabaseUrl::parse(database.url()).unwrap()).unwrap();
    let outcome = migrator.verify(&mut database.connect(), &mut scratch.connect().unwrap(), verify);
    scratch.remove().unwrap();
    outcome
}

#[track_caller]
pub(super) fn differs(migrator: &Migrator<AnyConnection>, database: &Database, targets: &[&str]) -> String {
    verify(migrator, database, &at(targets)).unwrap().difference.to_string()
}

on_each_server! {
    fn a_database_is_the_same_as_what_made_it_at_each_revision_and_at_no_other(database: &Database) {
        for revision in ["a1", "b1", "c1"] {
            shop().upgrade(&mut database.connect(), revision).unwrap();
            for claimed in ["a1", "b1", "c1"] {
                let difference = differs(&shop(), database, &[claimed]);
                assert_eq!(difference.is_empty(), claimed == revision, "{claimed}: {difference}");
            }
        }
        let verification = verify(&shop(), database, &at(&["heads"])).unwrap();
        assert_eq!((verification.heads, verification.tables), (vec!["c1".to_owned()], 2));
    }

    fn without_targets_the_ledger_says_what_to_build(database: &Database) {
        shop().upgrade(&mut database.connect(), "b1").unwrap();
        let verification = verify(&shop(), database, &at(&[])).unwrap();
        assert_eq!((verification.heads, verification.difference.is_empty()), (vec!["b1".to_owned()], true));
        database.execute("ALTER TABLE users ADD COLUMN phone text");
        assert_eq!(
            differs(&shop(), database, &[]).to_lowercase(),
            format!("table {}users\n  + column phone text\n", in_public(database))
        );
    }

    fn the_database_itself_is_only_read(database: &Database) {
        database.execute("CREATE TABLE own (id integer)");
        let before = dump(&mut database.connect());
        verify(&shop(), database, &at(&["c1"])).unwrap();
        assert_eq!(dump(&mut database.connect()), before);
        assert!(!database.has_table("migrate_ledger"));
    }

    fn what_is_ignored_does_not_count(database: &Database) {
        shop().upgrade(&mut database.connect(), "b1").unwrap();
        database.execute("CREATE TABLE spatial (id integer); DROP INDEX idx_email");
        let mut request = at(&["b1"]);
        assert!(!verify(&shop(), database, &request).unwrap().difference.is_empty());
        request.ignore.push("spatial".parse().unwrap());
        assert!(verify(&shop(), database, &request).unwrap().difference.to_string().contains("idx_email"));
        let mut request = at(&["a1"]);
        request.ignore.push("spatial".parse().unwrap());
        assert!(verify(&shop(), database, &request).unwrap().difference.is_empty());
    }

    fn the_ledgers_of_other_tools_do_not_count(database: &Database) {
        shop().upgrade(&mut database.connect(), "a1").unwrap();
        database.execute("CREATE TABLE alembic_version (version_num text); CREATE TABLE knex_migrations (id integer)");
        assert_eq!(differs(&shop(), database, &["a1"]), "");
    }

    fn a_column_in_another_place_is_the_same_if_the_order_is_passed_over(database: &Database) {
        database.execute("CREATE TABLE users (email text NOT NULL, id bigint PRIMARY KEY)");
        if database.dialect() == Dialect::Sqlite {
            database.execute("DROP TABLE users; CREATE TABLE users (email TEXT NOT NULL, id BIGINT PRIMARY KEY NOT NULL)");
        }
        let difference = DifferenceOptions { ignore_column_order: true, ignore_constraint_names: true };
        let request = Verify { difference, ..at(&["a1"]) };
        assert_eq!(verify(&shop(), database, &request).unwrap().difference.to_string(), "");
        assert_ne!(differs(&shop(), database, &["a1"]), "");
    }

    fn data_migrations_and_backfills_run_on_empty_tables(database: &Database) {
        let migrator = History::new()
            .with(Step::new("a1").up(|cx| cx.execute(
                "CREATE TABLE items (id bigint PRIMARY KEY, text text NOT NULL)"
            )))
            .with_backfill("b1", &["a1"], Append::default())
            .with(Step::new("c1").on(&["b1"]).up(|cx| cx.execute("DELETE FROM items WHERE id < 0")))
            .silent().migrator();
        database.execute("CREATE TABLE items (id bigint PRIMARY KEY, text text NOT NULL); INSERT INTO items VALUES (1, 'a')");
        assert_eq!(differs(&migrator, database, &["heads"]), "");
        assert_eq!(database.one("SELECT text FROM items"), "a");
    }

    fn steps_outside_a_transaction_are_built_too(database: &Database) {
        let concurrently = if database.dialect() == Dialect::Sqlite { "" } else { "CONCURRENTLY" };
        let migrator = || History::new()
            .with(Step::new("a1").up(|cx| cx.execute("CREATE TABLE t (id integer)")))
            .with(Step::new("b1").on(&["a1"]).outside_transaction().up(move |cx| {
                cx.execute(format!("CREATE INDEX {concurrently} t_id ON t (id)"))
            }))
            .silent().migrator();
        migrator().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(differs(&migrator(), database, &[]), "");
    }

    fn an_option_that_changes_a_run_does_not_change_what_is_built(database: &Database) {
        let migrator = shop();
        let options = Options {
            single_transaction: true,
            defer_backfills: true,
            safety: "all=deny".parse().unwrap(),
            ..migrator.options().clone()
        };
        let migrator = migrator.with_options(options);
        assert!(differs(&migrator, database, &["c1"]).contains("- table"));
    }

    fn a_halt_ends_it_and_changes_nothing(database: &Database) {
        let migrator = shop();
        migrator.options().stop.set();
        let error = verify(&migrator, database, &at(&["c1"])).unwrap_err();
        assert!(matches!(error, Error::Verify(VerifyError::Halted)), "{error:?}");
    }

    fn a_scratch_database_is_emptied_after_a_success_and_after_a_failure(database: &Database) {
        let scratch = like(database);
        let mut connection = scratch.connect();
        let failing = History::new()
            .with(Step::new("a1").up(|cx| cx.execute("CREATE TABLE users (id integer)")))
            .with(Step::new("b1").on(&["a1"]).failing())
            .silent().migrator();
        let empty = dump(&mut connection);
        for _ in 0..2 {
            shop().verify(&mut database.connect(), &mut connection, &at(&["c1"])).unwrap();
            assert_eq!(dump(&mut connection), empty);
            failing.verify(&mut database.connect(), &mut connection, &at(&["b1"])).unwrap_err();
            assert_eq!(dump(&mut connection), empty);
        }
    }

    fn a_scratch_database_with_tables_is_refused_and_not_touched(database: &Database) {
        let scratch = like(database);
        scratch.execute("CREATE TABLE precious (id integer); INSERT INTO precious VALUES (1)");
        let error = shop().verify(&mut database.connect(), &mut scratch.connect(), &at(&["c1"])).unwrap_err();
        assert_eq!(error.to_string(), format!("the scratch database is not empty: {}precious", in_public(database)));
        assert_eq!(scratch.one("SELECT CAST(count(*) AS text) FROM precious"), "1");
        scratch.execute("DROP TABLE precious; CREATE VIEW vista AS SELECT 1 AS one");
        let error = shop().verify(&mut database.connect(), &mut scratch.connect(), &at(&["c1"])).unwrap_err();
        assert!(error.to_string().ends_with("vista"), "{error}");
        scratch.execute("DROP VIEW vista");
    }

    fn an_empty_database_that_is_its_own_scratch_database_is_left_empty(database: &Database) {
        database.execute("DROP TABLE applied_log");
        let mut scratch = database.connect();
        let verification = shop().verify(&mut database.connect(), &mut scratch, &at(&["c1"])).unwrap();
        assert_eq!(verification.difference.changes.len(), 2);
        assert!(!database.has_table("migrate_ledger") && !database.has_table("users"));
    }

    fn what_somebody_makes_meanwhile_is_noticed(database: &Database) {
        let url = database.url().to_owned();
        let meddle = move |_: &mut Cx<'_>| {
            connect(&url).batch("CREATE TABLE meanwhile (id integer)").unwrap();
            Ok(())
        };
        let migrator = History::new().with(Step::new("a1").up(meddle)).silent().migrator();
        let error = verify(&migrator, database, &at(&["a1"])).unwrap_err();
        assert!(matches!(error, Error::Verify(VerifyError::Changed)), "{error:?}");
    }
}

/// A database of the same kind with nothing in it.
fn like(database: &Database) -> Database {
    let other = super::another(database);
    other.execute("DROP TABLE applied_log");
    other
}

fn in_public(database: &Database) -> &'static str {
    if database.dialect() == Dialect::Sqlite { "" } else { "public." }
}

/// Everything that a catalog holds, the framework's tables too.
fn dump(connection: &mut AnyConnection) -> String {
    format!("{:#?}", catalog::read(connection, &Scope::default().with_ledger()).unwrap())
}

fn scratch_databases(server: &Postgres) -> Vec<String> {
    let mut connection = connect(&server.url("postgres"));
    let sql =
        "SELECT CAST(datname AS text) FROM pg_database WHERE datname LIKE 'migrate\\_scratch\\_%' ORDER BY 1";
    connection.query(sql, &[]).unwrap().into_iter().flatten().flatten().collect()
}

#[test]
fn a_scratch_database_is_like_the_one_it_stands_for_and_goes_on_every_path() {
    let server = Postgres::own().setting("fsync", "off").start();
    let database = server.database();
    let made = ScratchDatabase::beside(&DatabaseUrl::parse(database.url()).unwrap()).unwrap();
    let mut connection = made.connect().unwrap();
    let sql = "SELECT pg_encoding_to_char(encoding), CAST(datcollate AS text), CAST(datctype AS text) \
               FROM pg_database WHERE datname = current_database()";
    assert_eq!(connection.query(sql, &[]), database.connect().query(sql, &[]));
    assert_eq!(scratch_databases(&server).len(), 1);
    // Also while a session is on it.
    made.remove().unwrap();
    assert_eq!(scratch_databases(&server), [""; 0]);
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let outcome = std::panic::catch_unwind(|| {
        let _made = ScratchDatabase::beside(&url).unwrap();
        panic!("in the middle");
    });
    assert!(outcome.is_err());
    assert_eq!(scratch_databases(&server), [""; 0]);
    // One that a killed program has left behind goes with the next, and a young one does not.
    let young = ScratchDatabase::beside(&url).unwrap();
    database.execute("CREATE DATABASE migrate_scratch_1700000000_1_1");
    database.execute("CREATE DATABASE migrate_scratch_of_mine");
    ScratchDatabase::beside(&url).unwrap().remove().unwrap();
    assert_eq!(scratch_databases(&server).len(), 2);
    young.remove().unwrap();
    assert_eq!(scratch_databases(&server), ["migrate_scratch_of_mine"]);
}

#[test]
fn without_the_right_to_create_databases_the_login_is_named() {
    let database = Postgres::shared().database();
    let url = DatabaseUrl::parse(&database.login("secret")).unwrap();
    let error = ScratchDatabase::beside(&url).unwrap_err();
    assert!(matches!(error, MakeError::NotAllowed { .. }), "{error:?}");
    assert!(error.to_string().starts_with("login_"), "{error}");
}

#[test]
fn an_extension_that_the_administrator_has_put_there_is_put_there_too() {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE SCHEMA tools; CREATE EXTENSION citext SCHEMA tools; CREATE EXTENSION pg_trgm; \
         CREATE TABLE users (email tools.citext)",
    );
    let users = |cx: &mut Cx<'_>| cx.execute("CREATE TABLE users (email tools.citext)");
    let migrator = History::new().with(Step::new("a1").up(users)).silent().migrator();
    let verification = verify(&migrator, &database, &at(&["a1"])).unwrap();
    assert_eq!(verification.difference.to_string(), "");
    assert_eq!(verification.prepared, ["schema tools", "extension citext", "extension pg_trgm"]);
}

#[test]
fn an_extension_that_a_revision_makes_has_to_be_there_and_others_may() {
    let database = Postgres::shared().database();
    database.execute("CREATE EXTENSION pg_trgm; CREATE TABLE users (email text)");
    let make = |cx: &mut Cx<'_>| cx.execute("CREATE EXTENSION citext; CREATE TABLE users (email text)");
    let migrator = History::new().with(Step::new("a1").up(make)).silent().migrator();
    let verification = verify(&migrator, &database, &at(&["a1"])).unwrap();
    assert_eq!(verification.prepared, [""; 0]);
    assert_eq!(verification.difference.to_string(), "- extension citext\n");
    database.execute("CREATE EXTENSION citext VERSION '1.5'");
    assert_eq!(differs(&migrator, &database, &["a1"]), "");
}

#[test]
fn several_schemas_are_compared_and_those_of_others_are_not() {
    let database = Postgres::shared().database();
    let make = |cx: &mut Cx<'_>| {
        cx.execute("CREATE SCHEMA billing; CREATE TABLE billing.invoices (id bigint); CREATE TABLE users (id bigint)")
    };
    let migrator = History::new().with(Step::new("a1").up(make)).silent().migrator();
    database.execute(
        "CREATE SCHEMA billing; CREATE TABLE billing.invoices (id integer); CREATE TABLE users (id bigint); \
         CREATE SCHEMA others; CREATE TABLE others.things (id integer)",
    );
    assert_eq!(
        differs(&migrator, &database, &["a1"]),
        "table billing.invoices\n  ~ column id: type bigint -> integer\n"
    );
}

#[test]
fn a_search_path_leads_to_the_same_schemas_there() {
    let database = Postgres::shared().database();
    database.execute("CREATE SCHEMA app; CREATE TABLE app.users (id bigint)");
    let name = database.one("SELECT CAST(current_database() AS text)");
    database.execute(&format!("ALTER DATABASE {name} SET search_path = app, public"));
    let make = |cx: &mut Cx<'_>| cx.execute("CREATE TABLE app.users (id bigint)");
    let migrator = History::new().with(Step::new("a1").up(make)).silent().migrator();
    let verification = verify(&migrator, &database, &at(&["a1"])).unwrap();
    assert_eq!(verification.difference.to_string(), "");
    assert_eq!(verification.prepared, ["schema app"]);
}

#[test]
fn roles_and_privileges_are_not_compared() {
    let database = Postgres::shared().database();
    shop().upgrade(&mut database.connect(), "heads").unwrap();
    let login = database.login("secret");
    let role = login.split("://").nth(1).and_then(|rest| rest.split(':').next()).unwrap();
    database.execute(&format!("GRANT SELECT ON users TO {role}"));
    assert_eq!(differs(&shop(), &database, &[]), "");
    database.execute(&format!("REVOKE SELECT ON users FROM {role}"));
}

#[test]
fn a_ledger_in_a_schema_of_its_own_does_not_count() {
    let database = Postgres::shared().database();
    let names = LedgerNames::new(Some("ops".to_owned()), "migrate_".to_owned());
    let migrator = shop();
    let options = Options { names, ..migrator.options().clone() };
    let migrator = migrator.with_options(options);
    database.execute("CREATE TABLE users (id bigint CONSTRAINT users_pkey PRIMARY KEY, email text NOT NULL)");
    assert_eq!(differs(&migrator, &database, &["a1"]), "");
    assert!(!database.has_table("migrate_ledger"));
}

#[test]
fn within_a_transaction_of_the_callers_it_compares_what_that_has_made() {
    let database = Postgres::shared().database();
    let scratch = like(&database);
    let mut connection = database.connect();
    connection
        .transaction(|connection| {
            connection.batch("ALTER TABLE applied_log ADD COLUMN note text").unwrap();
            shop().upgrade(connection, "b1").unwrap();
            let verification = shop().verify(connection, &mut scratch.connect(), &at(&["b1"])).unwrap();
            assert_eq!(verification.difference.to_string(), "");
            Ok::<_, diesel::result::Error>(())
        })
        .unwrap();
}

#[test]
fn every_kind_of_object_of_the_service_is_the_same_and_leaves_an_empty_scratch_database() {
    let database = Postgres::shared().database();
    let migrator =
        migrate_tests::testkit::among_tables(Migrator::new(crate::whisperengine::MANIFEST).unwrap());
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    let scratch = like(&database);
    let empty = dump(&mut scratch.connect());
    let verification = migrator.verify(&mut database.connect(), &mut scratch.connect(), &at(&[])).unwrap();
    assert_eq!(verification.difference.to_string(), "");
    assert!(verification.tables > 20, "{}", verification.tables);
    assert_eq!(dump(&mut scratch.connect()), empty);
}
