//! `cx.safely()`: where it ends, where it stops, and how it goes on.

use migrate_core::connection::Driver as _;
use migrate_core::context::SafelyStopped;
use migrate_core::prelude::*;
use migrate_core::runner::Error;
use migrate_core::{AnyConnection, Migrator};
use migrate_tests::journaled::schema_query;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Step};

use super::journal::journal;

type Body = fn(&mut Context<'_, AnyConnection>) -> Result<()>;

fn start(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_table(table("teams").column(column("id", BigInt).primary_key()))?;
    cx.create_table(
        table("users")
            .column(column("id", BigInt).not_null())
            .column(column("email", Text))
            .column(column("age", Integer))
            .column(column("team_id", BigInt))
            .index("idx_users_age", ["age"]),
    )?;
    cx.bulk_insert(rows("teams", ["id"]).row([1]).row([2]))?;
    let users = (1..=20).map(|id| (id, format!("user{id}@example.org"), 20 + id, 1 + id % 2));
    cx.bulk_insert(rows("users", ["id", "email", "age", "team_id"]).rows(users))
}

fn schema(database: &Database) -> Vec<String> {
    database.column(schema_query(database.dialect()))
}

/// Each change plain and safe.
const CHANGES: [(&str, Body, Body); 9] = [
    ("not null", |cx| cx.set_not_null("users", "email"), |cx| cx.safely().set_not_null("users", "email")),
    (
        "check",
        |cx| cx.add_constraint("users", check("age > 0")),
        |cx| cx.safely().add_constraint("users", check("age > 0")),
    ),
    (
        "foreign key",
        |cx| cx.add_constraint("users", foreign_key(["team_id"], "teams", ["id"]).on_delete(Cascade)),
        |cx| {
            cx.safely().add_constraint("users", foreign_key(["team_id"], "teams", ["id"]).on_delete(Cascade))
        },
    ),
    (
        "unique",
        |cx| cx.add_constraint("users", unique(["email", "age"]).named("one_each")),
        |cx| cx.safely().add_constraint("users", unique(["email", "age"]).named("one_each")),
    ),
    (
        "primary key",
        |cx| cx.add_constraint("users", primary_key(["id", "team_id"])),
        |cx| cx.safely().add_constraint("users", primary_key(["id", "team_id"])),
    ),
    (
        "index",
        |cx| cx.create_index(index("i").on("users", [key("email").desc()])),
        |cx| cx.safely().create_index(index("i").on("users", [key("email").desc()])),
    ),
    (
        "drop index",
        |cx| cx.drop_index("idx_users_age", "users"),
        |cx| cx.safely().drop_index("idx_users_age", "users"),
    ),
    (
        "column",
        |cx| cx.add_column("users", column("state", Text).not_null().default("new")),
        |cx| cx.safely().add_column("users", column("state", Text).not_null().default("new")),
    ),
    (
        "column with constraints",
        |cx| {
            let second = column("second_team", BigInt).references("teams", "id").check("second_team > 0");
            cx.add_column("users", second.check("second_team < 100").unique())
        },
        |cx| {
            let second = column("second_team", BigInt).references("teams", "id").check("second_team > 0");
            cx.safely().add_column("users", second.check("second_team < 100").unique())
        },
    ),
];

fn migrator(body: Body) -> Migrator<AnyConnection> {
    let a1 = Step::new("a1").up(start);
    let b1 = Step::new("b1").on(&["a1"]).outside_transaction().up(body).down(move |cx| cx.revert(body));
    History::new().with(a1).with(b1).migrator()
}

fn like(database: &Database) -> Database {
    match database.dialect() {
        Dialect::Sqlite => SqliteFile::new().into_database(),
        _ => Postgres::shared().database(),
    }
}

on_each_server! {
    fn the_safe_way_ends_where_the_plain_one_does(database: &Database) {
        for (what, plain, safe) in CHANGES {
            let (plainly, safely) = (like(database), like(database));
            migrator(plain).upgrade(&mut plainly.connect(), "heads").unwrap_or_else(|error| panic!("{what}: {error:?}"));
            migrator(safe).upgrade(&mut safely.connect(), "heads").unwrap_or_else(|error| panic!("{what}: {error:?}"));
            assert_eq!(schema(&safely), schema(&plainly), "{what}");
            assert_eq!(journal(&safely), [""; 0]);
        }
    }

    fn the_safe_way_is_taken_back(database: &Database) {
        for (what, _, safe) in CHANGES.into_iter().filter(|(what, ..)| *what != "drop index") {
            // A column of a primary key that allowed NULL before does not do so after it.
            let safe: Body = if what == "primary key" {
                |cx| cx.safely().add_constraint("users", primary_key(["id"]))
            } else {
                safe
            };
            let database = like(database);
            let migrator = migrator(safe);
            migrator.upgrade(&mut database.connect(), "a1").unwrap();
            let before = schema(&database);
            migrator.upgrade(&mut database.connect(), "heads").unwrap();
            assert_ne!(schema(&database), before, "{what}");
            migrator
                .downgrade(&mut database.connect(), "a1")
                .unwrap_or_else(|error| panic!("{what}: {error:?}"));
            assert_eq!(schema(&database), before, "{what}");
        }
    }
}

#[test]
fn an_index_is_dropped_concurrently_when_it_is_taken_back() {
    let database = Postgres::shared().database();
    let migrator = migrator(|cx| cx.safely().create_index(index("i").on("users", ["email"])));
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    // A plain `DROP INDEX` would fail at once.
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT 1 FROM users LIMIT 1").unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.downgrade(&mut database.connect(), "a1"));
        crate::worker::wait_until("the index is invalid, and the drop waits for the reader", || {
            let sql = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = to_regclass('i')";
            database.column(sql) == ["false"]
        });
        database.execute("INSERT INTO users (id) VALUES (100)");
        reader.batch("COMMIT").unwrap();
        run.join().unwrap().unwrap();
    });
    assert_eq!(database.one("SELECT (to_regclass('i') IS NULL)::text"), "true");
}

#[test]
fn in_a_transaction_each_is_refused_and_nothing_has_happened() {
    for (what, _, safe) in CHANGES {
        let database = Postgres::shared().database();
        let a1 = Step::new("a1").up(start);
        let b1 = Step::new("b1").on(&["a1"]).up(safe);
        let migrator = History::new().with(a1).with(b1).migrator();
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        let before = schema(&database);
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, half_done: false, .. } = error else { panic!("{error:?}") };
        let said = cause.to_string();
        assert!(said.starts_with("cannot safely ") && said.ends_with(" in a transaction"), "{what}: {said}");
        assert_eq!(schema(&database), before);
    }
}

/// Stops at a bad row, repairs it, and goes on.
fn repaired(safe: Body, harm: &str, stopped_at: &str, stays: &str, repair: &str) {
    let database = Postgres::shared().database();
    let migrator = migrator(safe);
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    database.execute(harm);
    let mut before = Vec::new();
    for _ in 0..2 {
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
        let stopped: &SafelyStopped = cause.downcast_ref().unwrap();
        assert_eq!(stopped.to_string(), stopped_at);
        assert!(schema(&database).iter().any(|line| line.contains(stays)), "{:?}", schema(&database));
        let now = journal(&database);
        assert!(before.is_empty() || before == now);
        before = now;
    }
    database.execute(repair);
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    assert!(!schema(&database).iter().any(|line| line.ends_with("false")), "{:?}", schema(&database));
}

#[test]
fn a_null_stops_it_at_the_validation_and_repaired_it_goes_on() {
    repaired(
        |cx| cx.safely().set_not_null("users", "email"),
        "UPDATE users SET email = NULL WHERE id = 7",
        "`safely alter column email of users` stopped at operation 2 of 4, \
         `validate constraint users_email_not_null_check of users`",
        "NOT VALID",
        "UPDATE users SET email = 'x' WHERE id = 7",
    );
}

#[test]
fn a_row_without_its_parent_stops_it_at_the_validation_and_repaired_it_goes_on() {
    repaired(
        |cx| cx.safely().add_constraint("users", foreign_key(["team_id"], "teams", ["id"])),
        "UPDATE users SET team_id = 77 WHERE id = 7",
        "`safely add foreign key to users` stopped at operation 2 of 2, \
         `validate constraint users_team_id_fkey of users`",
        "NOT VALID",
        "DELETE FROM users WHERE id = 7",
    );
}

#[test]
fn a_duplicate_stops_it_at_the_index_and_repaired_it_goes_on() {
    repaired(
        |cx| cx.safely().add_constraint("users", unique(["email"])),
        "UPDATE users SET email = 'user1@example.org' WHERE id = 7",
        "`safely add unique constraint to users` stopped at operation 1 of 2, \
         `create index users_email_key on users`",
        "users_email_key ON public.users USING btree (email) false",
        "UPDATE users SET email = 'x' WHERE id = 7",
    );
}

#[test]
fn a_constraint_that_is_not_validated_yet_holds_for_new_rows() {
    let database = Postgres::shared().database();
    let migrator = migrator(|cx| cx.safely().add_constraint("users", check("age > 0").named("grown")));
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    database.execute("UPDATE users SET age = -1 WHERE id = 7");
    migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    let refused = database.connect().batch("INSERT INTO users (id, age) VALUES (100, -1)").unwrap_err();
    assert!(refused.to_string().contains("grown"), "{refused}");
}

#[test]
fn the_edit_of_a_change_that_stopped_half_way_is_found_out() {
    let database = Postgres::shared().database();
    let first = migrator(|cx| cx.safely().set_not_null("users", "email"));
    first.upgrade(&mut database.connect(), "a1").unwrap();
    database.execute("UPDATE users SET email = NULL WHERE id = 7");
    first.upgrade(&mut database.connect(), "heads").unwrap_err();
    let edited = migrator(|cx| cx.safely().set_not_null("users", "age"));
    let error = edited.upgrade(&mut database.connect(), "heads").unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    let cause = std::error::Error::source(&*cause).unwrap().to_string();
    assert_eq!(
        cause,
        "operation 1 of revision b1 was `add constraint users_email_not_null_check to users` when it ran, \
         and is `add constraint users_age_not_null_check to users` now"
    );
}

#[test]
fn what_needs_a_backfill_is_refused_before_anything_runs() {
    let database = Postgres::shared().database();
    let migrator = migrator(|cx| {
        cx.safely()
            .add_column("users", column("token", Text).not_null().default(expression("md5(random()::text)")))
    });
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(
        cause.to_string(),
        "cannot safely add column token to users: the server may compute the default for each row, \
         and write the table anew"
    );
    assert_eq!(journal(&database), [""; 0]);
}
