//! `--sql`: a script does what a run does.

use migrate_core::connection::Dialect;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Step, among_tables};

/// A database like the other one, and empty.
fn another(database: &Database) -> Database {
    match database.dialect() {
        Dialect::Postgres => Postgres::shared().database(),
        _ => SqliteFile::new().into_database(),
    }
}

fn same(script: &Database, run: &Database) {
    assert_eq!(script.ledger_rows(), run.ledger_rows());
    assert_eq!(script.schema(), run.schema());
}

fn upgrade_script(migrator: &Migrator<AnyConnection>, database: &Database, range: &str) -> String {
    migrator.script_upgrade(database.dialect(), range).unwrap().to_string()
}

fn downgrade_script(migrator: &Migrator<AnyConnection>, database: &Database, range: &str) -> String {
    migrator.script_downgrade(database.dialect(), range).unwrap().to_string()
}

/// Two branches that a merge joins, one step outside a transaction, one that depends on another.
fn branches() -> History {
    History::new()
        .with(Step::new("a1"))
        .with(Step::new("b1").on(&["a1"]))
        .with(Step::new("b2").on(&["a1"]).depends_on(&["b1"]))
        .with(Step::new("c1").on(&["b1", "b2"]).outside_transaction())
        .with(Step::new("d1").on(&["c1"]))
}

on_each_server! {
    fn a_script_does_what_a_run_does(database: &Database) {
        let (migrator, run) = (branches().silent().migrator(), another(database));
        database.try_script(&upgrade_script(&migrator, database, "heads")).unwrap();
        migrator.upgrade(&mut run.connect(), "heads").unwrap();
        same(database, &run);
        migrator.ensure_current(&mut database.connect()).unwrap();

        database.try_script(&downgrade_script(&migrator, database, "d1:a1")).unwrap();
        migrator.downgrade(&mut run.connect(), "a1").unwrap();
        same(database, &run);

        database.try_script(&upgrade_script(&migrator, database, "a1:c1")).unwrap();
        migrator.upgrade(&mut run.connect(), "c1").unwrap();
        same(database, &run);

        database.try_script(&downgrade_script(&migrator, database, "c1:base")).unwrap();
        migrator.downgrade(&mut run.connect(), "base").unwrap();
        same(database, &run);
    }

    fn the_sample_history_as_scripts_is_what_it_is_as_runs(database: &Database) {
        let migrator = Migrator::<AnyConnection>::new(migrations_crate::MANIFEST).unwrap();
        let migrator = among_tables(migrator);
        let run = another(database);
        let upgrade = |range: &str, target: &str| {
            database.try_script(&upgrade_script(&migrator, database, range)).unwrap();
            migrator.upgrade(&mut run.connect(), target).unwrap();
            same(database, &run);
        };
        let downgrade = |range: &str, target: &str| {
            database.try_script(&downgrade_script(&migrator, database, range)).unwrap();
            migrator.downgrade(&mut run.connect(), target).unwrap();
            same(database, &run);
        };
        // A script stops at the backfill, which the program does in both.
        upgrade("6e1b94d07c3a", "6e1b94d07c3a");
        let all = upgrade_script(&migrator, database, "6e1b94d07c3a:heads");
        database.try_script(&all).unwrap_err();
        for database in [database, &run] {
            migrator.upgrade(&mut database.connect(), "91c5f2a83b6d").unwrap();
        }
        upgrade("91c5f2a83b6d:heads", "heads");
        downgrade("heads:base", "base");
        upgrade("a18c3e9d5b72", "a18c3e9d5b72");
        upgrade("a18c3e9d5b72:2d97b5c0f4a6", "2d97b5c0f4a6");
        downgrade("2d97b5c0f4a6:8e3d5a61c0f4", "8e3d5a61c0f4");
        upgrade("8e3d5a61c0f4:6e1b94d07c3a", "6e1b94d07c3a");
    }

    fn a_script_changes_tables_as_a_run_does(database: &Database) {
        use migrate_core::prelude::*;
        let create = Step::new("a1").up(|cx| {
            cx.create_table(table("users").column(column("id", BigInt).identity().primary_key()).column(column("age", Integer)))?;
            cx.create_table(
                table("notes")
                    .column(column("id", BigInt).identity().primary_key())
                    .column(column("user_id", BigInt).not_null().references("users", "id").on_delete(Cascade)),
            )?;
            cx.execute("CREATE VIEW ages AS SELECT age FROM users")
        });
        let change = Step::new("b1").on(&["a1"]).up(|cx| {
            cx.add_constraint("users", check("age >= 0").named("users_age_check"))?;
            cx.set_not_null("users", "age")
        });
        let migrator = History::new().with(create).with(change).silent().migrator();
        let run = another(database);
        database.try_script(&upgrade_script(&migrator, database, "a1")).unwrap();
        migrator.upgrade(&mut run.connect(), "a1").unwrap();
        for database in [database, &run] {
            database.execute("INSERT INTO users (age) VALUES (1), (2)");
            database.execute("INSERT INTO notes (user_id) SELECT id FROM users");
        }
        database.try_script(&upgrade_script(&migrator, database, "a1:heads")).unwrap();
        migrator.upgrade(&mut run.connect(), "heads").unwrap();
        same(database, &run);
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM notes"), "2");
    }

    fn a_script_goes_on_with_a_table_after_a_column_was_renamed(database: &Database) {
        use migrate_core::prelude::*;
        let create = Step::new("a1").up(|cx| {
            cx.create_enum(enum_type("mood", ["sad", "ok"]))?;
            cx.create_table(
                table("users")
                    .column(column("id", BigInt).identity().primary_key())
                    .column(column("age", Integer))
                    .column(column("code", Integer))
                    .column(column("mood", enum_type("mood", ["sad", "ok"])).not_null().default("ok"))
                    .constraint(unique(["code", "age"]).named("by_code"))
                    .index("users_by_age", ["age"]),
            )?;
            cx.execute("CREATE VIEW ages AS SELECT age AS age FROM users")
        });
        let change = Step::new("b1").on(&["a1"]).up(|cx| {
            cx.alter_table("users", |users| {
                users.rename_column("age", "years");
                users.alter_column("years", alter().not_null());
                users.add_constraint(check("years >= 0"));
                users.rename_column("code", "age");
                users.alter_column("age", alter().type_(BigInt).default(7));
                users.rename_column("mood", "temper");
                users.alter_column("temper", alter().type_(Text).drop_default().was(column("temper", enum_type("mood", ["sad", "ok"]))));
                users.add_column(column("code", Text).not_null().default("new"));
            })?;
            cx.alter_table("users", |users| {
                users.rename_column("age", "number");
                users.drop_column("number");
            })
        });
        let migrator = History::new().with(create).with(change).silent().migrator();
        let (run, planned) = (another(database), another(database));
        database.try_script(&upgrade_script(&migrator, database, "a1")).unwrap();
        for database in [&run, &planned] {
            migrator.upgrade(&mut database.connect(), "a1").unwrap();
        }
        for database in [database, &run, &planned] {
            database.execute("INSERT INTO users (age, code) VALUES (1, 10), (2, 20)");
        }
        database.try_script(&upgrade_script(&migrator, database, "a1:heads")).unwrap();
        let preview = migrator.preview_upgrade(&mut planned.connect(), "heads").unwrap();
        migrator.upgrade(&mut run.connect(), "heads").unwrap();
        same(database, &run);
        let [step] = preview.steps.as_slice() else { panic!("{preview:?}") };
        assert!(step.fault.is_none(), "{preview:?}");
        let statements = step.operations.iter().flat_map(|operation| &operation.statements);
        let sql: Vec<_> = statements.map(|preview| preview.statement.sql.as_str()).collect();
        planned.execute(&sql.join(";\n"));
        for database in [database, &run, &planned] {
            let rows = "SELECT years || ' ' || temper || ' ' || code FROM users ORDER BY id";
            assert_eq!(database.column(rows), ["1 ok new", "2 ok new"]);
            assert_eq!(database.column("SELECT CAST(age AS text) FROM ages ORDER BY 1"), ["1", "2"]);
            // The list of values went with the type.
            database.execute("INSERT INTO users (years, temper) VALUES (3, 'none of them')");
        }
    }

    fn a_script_in_one_transaction_does_all_or_nothing(database: &Database) {
        let history = || History::chain(&["a1", "b1"]);
        let single = |history: History| {
            let migrator = history.silent().migrator();
            let options = migrate_core::Options { single_transaction: true, ..migrator.options().clone() };
            migrator.with_options(options)
        };
        let failing = single(history().with(Step::new("c1").on(&["b1"]).up(|cx| cx.execute("SELECT * FROM nowhere"))));
        database.try_script(&upgrade_script(&failing, database, "heads")).unwrap_err();
        assert!(database.ledger().is_empty() && !database.has_table("t_a1"));
        database.try_script(&upgrade_script(&single(history()), database, "heads")).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }

    fn a_script_run_twice_changes_nothing(database: &Database) {
        let migrator = branches().silent().migrator();
        let (up, down) = (upgrade_script(&migrator, database, "heads"), downgrade_script(&migrator, database, "d1:base"));
        database.try_script(&up).unwrap();
        let before = (database.ledger_rows(), database.schema());
        let said = database.try_script(&up).unwrap_err().to_lowercase();
        assert!(said.contains("unique"), "{said}");
        assert_eq!((database.ledger_rows(), database.schema()), before);

        database.try_script(&down).unwrap();
        let before = (database.ledger_rows(), database.schema());
        let said = database.try_script(&down).unwrap_err();
        assert!(said.contains("check constraint") || said.contains("CHECK constraint"), "{said}");
        assert_eq!((database.ledger_rows(), database.schema()), before);
    }

    fn a_script_for_another_place_in_the_history_changes_nothing(database: &Database) {
        let migrator = branches().silent().migrator();
        database.try_script(&upgrade_script(&migrator, database, "b1")).unwrap();
        let before = (database.ledger_rows(), database.schema());
        for script in [
            upgrade_script(&migrator, database, "b2:heads"),
            upgrade_script(&migrator, database, "c1:heads"),
            downgrade_script(&migrator, database, "a1:base"),
            downgrade_script(&migrator, database, "c1:b2"),
        ] {
            let said = database.try_script(&script).unwrap_err();
            assert!(said.to_lowercase().contains("check constraint"), "{said}");
            assert_eq!((database.ledger_rows(), database.schema()), before);
        }
    }

    fn a_script_stops_where_rust_works_on_the_connection(database: &Database) {
        let history = || {
            let rust = Step::new("b1").on(&["a1"]).up(|cx| {
                use migrate_core::connection::Driver as _;
                cx.execute("CREATE TABLE before_rust (id integer)")?;
                cx.connection()?.batch("CREATE TABLE by_rust (id integer)")?;
                Ok(())
            });
            History::new().with(Step::new("a1")).with(rust).with(Step::new("c1").on(&["b1"])).silent().migrator()
        };
        let migrator = history();
        let script = upgrade_script(&migrator, database, "heads");
        let said = database.try_script(&script).unwrap_err();
        assert_eq!(database.ledger(), ["a1 applied"], "{said}");
        assert!(!database.has_table("before_rust"), "nothing of the step ran");

        migrator.upgrade(&mut database.connect(), "b1").unwrap();
        let (_, rest) = script.split_once("-- 2 of 3: ").unwrap();
        database.try_script(&format!("-- {rest}")).unwrap();
        let run = another(database);
        migrator.upgrade(&mut run.connect(), "heads").unwrap();
        same(database, &run);
    }

    fn a_stamp_script_does_what_a_stamp_does(database: &Database) {
        let (migrator, run) = (branches().silent().migrator(), another(database));
        let stamp = |targets: &[&str], purge: bool, live: &[&str]| {
            let script = migrator.script_stamp(database.dialect(), targets, purge).unwrap();
            database.try_script(&script.to_string()).unwrap();
            migrator.stamp(&mut run.connect(), live, purge).unwrap();
            assert_eq!(database.ledger(), run.ledger());
        };
        stamp(&["c1"], false, &["c1"]);
        stamp(&["c1:a1"], false, &["a1"]);
        stamp(&["a1:heads"], false, &["heads"]);
        stamp(&["b1"], true, &["b1"]);
        assert_eq!(database.schema(), run.schema());
    }

    fn hostile_messages_stay_in_their_comment(database: &Database) {
        let messages = [
            "first\n; DROP TABLE applied_log; --",
            "back\\slash ' quote \" $$ $migrate$ :name :'name' */ /* \\g \\! touch /tmp/x",
            "\r\n\\set ON_ERROR_STOP off\r\n.bail off\n.shell false",
            "right\u{202e}to\u{2028}left",
        ];
        let ids = ["a1", "b1", "c1", "d1"];
        let mut history = History::new();
        for (number, message) in messages.into_iter().enumerate() {
            let step = Step::new(ids[number]).on(number.checked_sub(1).map(|at| ids[at]).as_slice()).message(message);
            history = history.with(step);
        }
        let (migrator, run) = (history.silent().migrator(), another(database));
        let up = upgrade_script(&migrator, database, "heads");
        database.try_script(&up).unwrap();
        migrator.upgrade(&mut run.connect(), "heads").unwrap();
        same(database, &run);
        database.try_script(&downgrade_script(&migrator, database, "heads:base")).unwrap();
        migrator.downgrade(&mut run.connect(), "base").unwrap();
        same(database, &run);
    }
}

#[test]
fn psql_stops_at_the_first_error_without_being_told() {
    let database = Postgres::shared().database();
    let migrator = History::new()
        .with(Step::new("a1").outside_transaction().up(|cx| cx.execute("SELECT * FROM nowhere")))
        .with(Step::new("b1").outside_transaction())
        .silent()
        .migrator();
    let said = database.try_script(&upgrade_script(&migrator, &database, "heads")).unwrap_err();
    assert_eq!(said.matches("ERROR:").count(), 1, "{said}");
    assert_eq!(database.ledger(), ["a1 running"]);
}

#[test]
fn a_ledger_in_a_schema_of_its_own_is_created_there() {
    let database = Postgres::shared().database();
    let migrator = History::chain(&["a1"]).silent().migrator();
    let names = migrate_core::ledger::LedgerNames::new(Some("Our \"ops\"".to_owned()), "m_".to_owned());
    let migrator = migrator.with_options(migrate_core::Options { names, ..Default::default() });
    database.try_script(&upgrade_script(&migrator, &database, "heads")).unwrap();
    migrator.ensure_current(&mut database.connect()).unwrap();
}

#[test]
fn a_script_is_read_as_what_it_is_wherever_the_client_thinks_it_is() {
    use migrate_core::prelude::*;
    let database = Postgres::shared().database();
    let name = database.one("SELECT current_database()::text");
    database.execute(&format!("ALTER DATABASE {name} SET client_encoding = 'LATIN1'"));
    let migrator = History::new()
        .with(Step::new("a1").message("Zürich → 東京").up(|cx| {
            cx.create_table(table("straße").column(column("größe", Text).default("5 €")))?;
            cx.bulk_insert(rows("straße", ["größe"]).row(("ß",)).key(["größe"]))
        }))
        .silent()
        .migrator();
    database.try_script(&upgrade_script(&migrator, &database, "heads")).unwrap();
    database.execute("INSERT INTO \"straße\" DEFAULT VALUES");
    assert_eq!(database.column("SELECT \"größe\" FROM \"straße\" ORDER BY 1"), ["5 €", "ß"]);
    assert_eq!(database.one("SELECT message FROM migrate_ledger"), "Zürich → 東京");
}
