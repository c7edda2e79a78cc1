use migrate_core::bulk::Counts;
use migrate_core::prelude::bulk_insert;
use migrate_tests::on_each_server;

use super::{column, count, users};

on_each_server! {
    fn rows_are_inserted_and_other_columns_get_their_defaults(database: &Database) {
        database.execute(
            "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, email_normalized text DEFAULT 'none', \
             age integer DEFAULT 18)",
        );
        let counts = bulk_insert(users::table, (users::email, users::id, users::age))
            .rows([("a", 1, None), ("b", 2, Some(3))])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 2, written: 2 });
        assert_eq!(column(database, "email"), ["1 a", "2 b"]);
        assert_eq!(column(database, "age"), ["1 -", "2 3"]);
        assert_eq!(column(database, "email_normalized"), ["1 none", "2 none"]);
    }

    fn a_hundred_thousand_rows_are_inserted(database: &Database) {
        users(database, 0);
        let counts = bulk_insert(users::table, (users::id, users::email, users::email_normalized))
            .rows((1..=100_000_i64).map(|id| (id, format!("user{id}"), (id % 3 == 0).then_some("third"))))
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 100_000, written: 100_000 });
        assert_eq!(count(database, "email = 'user' || CAST(id AS text)"), 100_000);
        assert_eq!(count(database, "email_normalized = 'third' AND id % 3 = 0"), 33_333);
        assert_eq!(count(database, "email_normalized IS NULL AND id % 3 <> 0"), 66_667);
    }

    fn conflicts_are_skipped_on_demand(database: &Database) {
        users(database, 2);
        let mut connection = database.connect();
        let rows = [(2, "two"), (3, "three"), (3, "again"), (4, "four")];
        bulk_insert(users::table, (users::id, users::email)).rows(rows).execute(&mut connection).unwrap_err();
        let counts = bulk_insert(users::table, (users::id, users::email))
            .skip_conflicts()
            .rows(rows)
            .count(&mut connection)
            .unwrap();
        assert_eq!(counts, Counts { given: 4, written: 2 });
        assert_eq!(column(database, "email"), ["1 user1", "2 user2", "3 three", "4 four"]);
    }

    fn no_rows_insert_nothing(database: &Database) {
        users(database, 0);
        bulk_insert(users::table, users::id).rows(Vec::<i64>::new()).execute(&mut database.connect()).unwrap();
        assert_eq!(count(database, "1 = 1"), 0);
    }
}
