use diesel::Connection as _;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::prelude::{bulk_insert, bulk_update};
use migrate_core::{AnyConnection, BodyError, Result};
use migrate_tests::on_each_server;

use super::{column, count, users};

/// Sets 12,000 ages; the 11,000th breaks the check of the table, some statements after the first.
fn break_a_rule(connection: &mut AnyConnection) -> Result<()> {
    bulk_update(users::table, users::id, users::age)
        .rows((1..=12_000_i64).map(|id| (id, Some(if id == 11_000 { 1000 } else { 1 }))))
        .execute(connection)
}

on_each_server! {
    fn an_error_in_the_middle_leaves_nothing(database: &Database) {
        users(database, 12_000);
        let mut connection = database.connect();
        let error = break_a_rule(&mut connection).unwrap_err();
        assert!(error.to_string().to_lowercase().contains("check constraint"), "{error}");
        assert_eq!(connection.transaction_depth(), Some(0));
        assert_eq!(count(database, "age IS NOT NULL"), 0);
        bulk_update(users::table, users::id, users::age).rows([(1, Some(1))]).execute(&mut connection).unwrap();
        assert_eq!(count(database, "age = 1"), 1);
    }

    fn a_transaction_of_the_caller_decides(database: &Database) {
        users(database, 2);
        let mut connection = database.connect();
        let given_up = connection.transaction(|connection| -> Result<()> {
            bulk_update(users::table, users::id, users::email).rows([(1, "one")]).execute(connection)?;
            bulk_insert(users::table, (users::id, users::email)).rows([(3, "three")]).execute(connection)?;
            Err(BodyError::new("never mind"))
        });
        assert_eq!(given_up.unwrap_err().to_string(), "never mind");
        assert_eq!(column(database, "email"), ["1 user1", "2 user2"]);

        connection
            .transaction(|connection| {
                bulk_update(users::table, users::id, users::email).rows([(1, "one")]).execute(connection)
            })
            .unwrap();
        assert_eq!(column(database, "email"), ["1 one", "2 user2"]);
    }

    fn an_error_within_a_transaction_leaves_nothing_of_the_write(database: &Database) {
        users(database, 12_000);
        let mut connection = database.connect();
        let outer = connection.transaction(|connection| -> Result<()> {
            bulk_update(users::table, users::id, users::email).rows([(1, "one")]).execute(connection)?;
            let inner = connection.transaction(break_a_rule);
            inner.unwrap_err();
            Ok(())
        });
        outer.unwrap();
        assert_eq!(column(database, "email")[0], "1 one");
        assert_eq!(count(database, "age IS NOT NULL"), 0);
    }

    fn a_transaction_that_the_caller_commits_in_spite_of_an_error_is_the_callers(database: &Database) {
        users(database, 12_000);
        let mut connection = database.connect();
        connection
            .transaction(|connection| -> Result<()> {
                break_a_rule(connection).unwrap_err();
                Ok(())
            })
            .unwrap();
        assert_eq!(connection.transaction_depth(), Some(0));
        // PostgreSQL rolls back what is committed after an error. SQLite does as it is told.
        let left = if database.dialect() == Dialect::Sqlite { 10_999 } else { 0 };
        assert_eq!(count(database, "age IS NOT NULL"), left);
    }
}
