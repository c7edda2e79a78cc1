use std::time::Duration;

use diesel::prelude::*;
use migrate_core::bulk::Counts;
use migrate_core::prelude::bulk_update;
use migrate_tests::on_each_server;
use migrate_tests::testkit::Postgres;

use super::{column, count, members, users};

on_each_server! {
    fn a_row_that_changed_since_it_was_read_is_missed(database: &Database) {
        users(database, 5);
        let mut connection = database.connect();
        let rows: Vec<(i64, String)> = users::table.select((users::id, users::email)).load(&mut connection).unwrap();
        database.execute("UPDATE users SET email = 'new' WHERE id = 2; DELETE FROM users WHERE id = 4");
        let outcome = bulk_update(users::table, users::id, users::email_normalized)
            .unchanged(users::email)
            .rows(rows.into_iter().map(|(id, email)| (id, Some(email.to_uppercase()), email)))
            .execute(&mut connection)
            .unwrap();
        assert_eq!(outcome.missed, [2, 4]);
        assert_eq!(outcome.counts, Counts { given: 5, written: 3 });
        assert_eq!(column(database, "email_normalized"), ["1 USER1", "2 -", "3 USER3", "5 USER5"]);
        assert_eq!(count(database, "email = 'new'"), 1);
    }

    fn null_is_the_same_as_null(database: &Database) {
        users(database, 3);
        database.execute("UPDATE users SET age = 5 WHERE id = 3");
        let outcome = bulk_update(users::table, users::id, users::email)
            .unchanged((users::age, users::email_normalized))
            .rows([
                (1, "a", (None, None)),
                (2, "b", (Some(0), None)),
                (3, "c", (Some(5), None::<String>)),
            ])
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(outcome.missed, [2]);
        assert_eq!(column(database, "email"), ["1 a", "2 user2", "3 c"]);
    }

    fn keys_of_several_columns_come_back_whole(database: &Database) {
        database.execute(
            "CREATE TABLE members (team bigint, person text, role text NOT NULL, PRIMARY KEY (team, person));
             INSERT INTO members VALUES (1, 'ann', 'guest'), (1, 'bob', 'owner')",
        );
        let outcome = bulk_update(members::table, (members::team, members::person), members::role)
            .unchanged(members::role)
            .rows([((1, "ann"), "x", "guest"), ((1, "bob"), "x", "guest"), ((9, "eve"), "x", "guest")])
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(outcome.missed, [(1, "bob"), (9, "eve")]);
    }

    fn a_row_that_comes_again_is_judged_by_what_the_first_one_left(database: &Database) {
        users(database, 1);
        let outcome = bulk_update(users::table, users::id, users::email)
            .unchanged(users::email)
            .rows([(1, "a", "user1"), (1, "b", "user1"), (1, "c", "a")])
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(outcome.missed, [1]);
        assert_eq!(column(database, "email"), ["1 c"]);
    }

    fn misses_are_found_in_each_of_many_statements(database: &Database) {
        users(database, 20_000);
        let outcome = bulk_update(users::table, users::id, users::age)
            .unchanged(users::email)
            .rows((1..=20_000_i64).map(|id| {
                (id, Some(1), if id % 1_000 == 7 { "other".to_owned() } else { format!("user{id}") })
            }))
            .execute(&mut database.connect())
            .unwrap();
        let expected: Vec<i64> = (0..20).map(|thousand| thousand * 1_000 + 7).collect();
        assert_eq!(outcome.missed, expected);
        assert_eq!(count(database, "age = 1"), 20_000 - 20);
        assert_eq!(count(database, "age IS NULL AND id % 1000 = 7"), 20);
    }

    fn missed_rows_are_done_again_until_none_is_left(database: &Database) {
        users(database, 50);
        let mut connection = database.connect();
        let mut rows: Vec<(i64, String)> =
            users::table.select((users::id, users::email)).load(&mut connection).unwrap();
        let mut rounds = 0;
        while !rows.is_empty() {
            database.execute(&format!("UPDATE users SET email = 'r{rounds}' WHERE id % 3 = 0 AND id > {rounds} * 20"));
            let outcome = bulk_update(users::table, users::id, users::email_normalized)
                .unchanged(users::email)
                .rows(rows.iter().map(|(id, email)| (*id, Some(email.to_uppercase()), email)))
                .execute(&mut connection)
                .unwrap();
            rows = users::table
                .select((users::id, users::email))
                .filter(users::id.eq_any(outcome.missed))
                .load(&mut connection)
                .unwrap();
            rounds += 1;
        }
        assert!(rounds > 2);
        assert_eq!(count(database, "email_normalized = upper(email)"), 50);
    }
}

#[test]
fn a_writer_that_commits_while_the_update_waits_for_it_loses_nothing() {
    let database = Postgres::shared().database();
    users(&database, 3);
    let mut writer = database.connect();
    writer
        .begin_test_transaction()
        .and_then(|()| {
            diesel::update(users::table.find(2)).set(users::email.eq("theirs")).execute(&mut writer)
        })
        .unwrap();
    let outcome = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            bulk_update(users::table, users::id, users::email)
                .unchanged(users::email)
                .rows((1..=3).map(|id| (id, "ours", format!("user{id}"))))
                .execute(&mut database.connect())
                .unwrap()
        });
        let blocked = "SELECT CAST(count(*) AS text) FROM pg_locks WHERE NOT granted AND pid IN \
            (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
        while database.one(blocked) == "0" {
            assert!(!waiting.is_finished());
            std::thread::sleep(Duration::from_millis(5));
        }
        diesel::connection::SimpleConnection::batch_execute(&mut writer, "COMMIT").unwrap();
        waiting.join().unwrap()
    });
    assert_eq!(outcome.missed, [2]);
    assert_eq!(column(&database, "email"), ["1 ours", "2 theirs", "3 ours"]);
}
