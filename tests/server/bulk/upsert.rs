use migrate_core::bulk::Counts;
use migrate_core::prelude::bulk_upsert;
use migrate_tests::on_each_server;

use super::{column, count, members, users};

on_each_server! {
    fn what_is_there_is_updated_and_the_rest_inserted(database: &Database) {
        users(database, 2);
        database.execute("UPDATE users SET age = 40");
        let counts = bulk_upsert(users::table, users::id, (users::email, users::email_normalized))
            .rows([(2, ("two", Some("n"))), (3, ("three", None))])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 2, written: 2 });
        assert_eq!(column(database, "email"), ["1 user1", "2 two", "3 three"]);
        assert_eq!(column(database, "email_normalized"), ["1 -", "2 n", "3 -"]);
        // What is not named keeps its value.
        assert_eq!(column(database, "age"), ["1 40", "2 40", "3 -"]);
    }

    fn of_two_rows_with_one_key_the_last_one_stays(database: &Database) {
        users(database, 1);
        bulk_upsert(users::table, users::id, users::email)
            .rows([(2, "a"), (1, "b"), (2, "c"), (1, "d")])
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(column(database, "email"), ["1 d", "2 c"]);
    }

    fn existing_rows_are_kept_on_demand(database: &Database) {
        users(database, 1);
        let counts = bulk_upsert(users::table, users::id, users::email)
            .keep_existing()
            .rows([(2, "a"), (1, "b"), (2, "c")])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 3, written: 1 });
        assert_eq!(column(database, "email"), ["1 user1", "2 a"]);
    }

    fn a_key_may_have_several_columns(database: &Database) {
        database.execute(
            "CREATE TABLE members (team bigint, person text, role text NOT NULL, PRIMARY KEY (team, person))",
        );
        let mut connection = database.connect();
        for role in ["guest", "owner"] {
            bulk_upsert(members::table, (members::team, members::person), members::role)
                .rows([((1, "ann"), role), ((1, "bob"), role)])
                .execute(&mut connection)
                .unwrap();
        }
        let found = database.column("SELECT team || person || role FROM members ORDER BY team, person");
        assert_eq!(found, ["1annowner", "1bobowner"]);
    }

    fn a_hundred_thousand_rows_are_written(database: &Database) {
        users(database, 50_000);
        bulk_upsert(users::table, users::id, users::email)
            .rows((1..=100_000_i64).rev().map(|id| (id, format!("new{id}"))))
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(count(database, "email = 'new' || CAST(id AS text)"), 100_000);
    }
}
