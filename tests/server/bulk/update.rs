use migrate_core::bulk::Counts;
use migrate_core::connection::Dialect;
use migrate_core::prelude::{bulk_insert, bulk_update};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Postgres, SqliteFile};

use super::{column, count, members, odd, postgres, sqlite, users};

/// Texts that break what pastes them into SQL, into an array's text or into JSON.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "'; DROP TABLE users; --",
    "{a,\"b\",NULL}",
    "NULL",
    "null",
    "\\",
    "\\x00",
    "$1 ? ?1 :a @b %s",
    "line\nline\r\n\ttab",
    "\"quoted\" `ticks` [brackets]",
    "Grüße, 東京, Ω≈ç√, 🦀👩‍👩‍👧‍👧, \u{feff}bom, \u{202e}reversed",
    "\u{1}\u{7f}\u{80}",
];

on_each_server! {
    fn nothing_is_sent_for_no_rows(database: &Database) {
        // There is no such table, which any statement would find out.
        let counts = bulk_update(users::table, users::id, users::email)
            .rows(Vec::<(i64, String)>::new())
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 0, written: 0 });
    }

    fn each_row_gets_its_own_value_and_the_others_stay(database: &Database) {
        users(database, 4);
        let counts = bulk_update(users::table, users::id, users::email_normalized)
            .rows([(3, Some("three")), (1, Some("one")), (2, None)])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 3, written: 3 });
        assert_eq!(column(database, "email_normalized"), ["1 one", "2 -", "3 three", "4 -"]);
    }

    fn several_columns_are_set_at_once(database: &Database) {
        users(database, 2);
        bulk_update(users::table, users::id, (users::email, users::age, users::email_normalized))
            .rows([(1, ("a".to_owned(), Some(7), Some("n"))), (2, ("b".to_owned(), None, None))])
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(column(database, "email"), ["1 a", "2 b"]);
        assert_eq!(column(database, "age"), ["1 7", "2 -"]);
        assert_eq!(column(database, "email_normalized"), ["1 n", "2 -"]);
    }

    fn hostile_texts_arrive_as_they_are(database: &Database) {
        users(database, u32::try_from(HOSTILE.len()).unwrap());
        bulk_update(users::table, users::id, users::email_normalized)
            .rows((1..).zip(HOSTILE.iter().map(|text| Some(*text))))
            .execute(&mut database.connect())
            .unwrap();
        let found = database.column("SELECT email_normalized FROM users ORDER BY id");
        assert_eq!(found, HOSTILE);
    }

    fn a_hundred_thousand_rows_are_written(database: &Database) {
        users(database, 100_000);
        let counts = bulk_update(users::table, users::id, (users::email_normalized, users::age))
            .rows((1..=100_000_i64).map(|id| (id, (Some(format!("n{id}")), Some((id % 1000) as i32)))))
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 100_000, written: 100_000 });
        let expected = "email_normalized = 'n' || CAST(id AS text) AND age = id % 1000";
        assert_eq!(count(database, expected), 100_000);
    }

    fn a_few_rows_of_megabytes_go_through(database: &Database) {
        users(database, 12);
        let large = "x".repeat(3 << 20);
        bulk_update(users::table, users::id, users::email)
            .rows((1..=12_i64).map(|id| (id, if id % 2 == 0 { large.as_str() } else { "small" })))
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(count(database, "length(email) = 3145728"), 6);
        assert_eq!(count(database, "email = 'small'"), 6);
    }

    fn of_two_rows_with_one_key_the_last_one_stays(database: &Database) {
        users(database, 3);
        let counts = bulk_update(users::table, users::id, users::email)
            .rows([(1, "first"), (2, "second"), (1, "third"), (2, "fourth"), (1, "fifth")])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 5, written: 5 });
        assert_eq!(column(database, "email"), ["1 fifth", "2 fourth", "3 user3"]);
    }

    fn a_key_that_is_nowhere_writes_nothing(database: &Database) {
        users(database, 2);
        let counts = bulk_update(users::table, users::id, users::email)
            .rows([(0, "zero"), (2, "two"), (i64::MAX, "max"), (i64::MIN, "min")])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 4, written: 1 });
        assert_eq!(column(database, "email"), ["1 user1", "2 two"]);
    }

    fn a_key_that_is_in_several_rows_writes_them_all(database: &Database) {
        users(database, 6);
        database.execute("UPDATE users SET age = id % 2");
        let counts = bulk_update(users::table, users::age, users::email)
            .rows([(Some(0), "even"), (Some(1), "odd"), (None, "never")])
            .count(&mut database.connect())
            .unwrap();
        assert_eq!(counts, Counts { given: 3, written: 6 });
        assert_eq!(column(database, "email"), ["1 odd", "2 even", "3 odd", "4 even", "5 odd", "6 even"]);
    }

    fn a_key_of_several_columns_is_looked_up_as_a_whole(database: &Database) {
        database.execute(
            "CREATE TABLE members (team bigint, person text, role text NOT NULL, PRIMARY KEY (team, person))",
        );
        let mut connection = database.connect();
        bulk_insert(members::table, (members::team, members::person, members::role))
            .rows([(1, "ann", "-"), (1, "bob", "-"), (2, "ann", "-"), (2, "bob", "-")])
            .execute(&mut connection)
            .unwrap();
        bulk_update(members::table, (members::team, members::person), members::role)
            .rows([((1, "ann"), "owner"), ((2, "bob"), "guest"), ((2, "ann"), "owner"), ((2, "ann"), "guest")])
            .execute(&mut connection)
            .unwrap();
        let found = database.column("SELECT team || person || role FROM members ORDER BY team, person");
        assert_eq!(found, ["1annowner", "1bob-", "2annguest", "2bobguest"]);
    }

    fn odd_names_are_quoted(database: &Database) {
        let quote = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let (table, key, value) = (quote("sel\"ect `x` $1 ?"), quote("where \"k\""), quote("Großer `Wert`; --"));
        database.execute(&format!("CREATE TABLE {table} ({key} bigint PRIMARY KEY, {value} text)"));
        let mut connection = database.connect();
        bulk_insert(odd::named::table, odd::named::key).rows([1, 2]).execute(&mut connection).unwrap();
        bulk_update(odd::named::table, odd::named::key, odd::named::value)
            .rows([(2, Some("two"))])
            .execute(&mut connection)
            .unwrap();
        let outcome = bulk_update(odd::named::table, odd::named::key, odd::named::value)
            .unchanged(odd::named::value)
            .rows([(1, Some("one"), None::<&str>)])
            .execute(&mut connection)
            .unwrap();
        assert_eq!(outcome.counts.written, 1);
        assert_eq!(database.column(&format!("SELECT {value} FROM {table} ORDER BY {key}")), ["one", "two"]);
    }

    fn a_table_of_another_schema_is_found(database: &Database) {
        mod elsewhere {
            diesel::table! { other.users (id) { id -> BigInt, email -> Text, } }
        }
        use elsewhere::users;
        let mut connection = database.connect();
        let schema = match database.dialect() {
            Dialect::Sqlite => "ATTACH ':memory:' AS other",
            _ => "CREATE SCHEMA other",
        };
        diesel::connection::SimpleConnection::batch_execute(
            &mut connection,
            &format!("{schema}; CREATE TABLE other.users (id bigint PRIMARY KEY, email text NOT NULL)"),
        )
        .unwrap();
        bulk_insert(users::table, (users::id, users::email))
            .rows([(1, "a"), (2, "b")])
            .execute(&mut connection)
            .unwrap();
        let counts = bulk_update(users::table, users::id, users::email)
            .rows([(1, "A"), (2, "B"), (3, "C")])
            .count(&mut connection)
            .unwrap();
        assert_eq!(counts.written, 2);
        let found = migrate_core::connection::Driver::query(
            &mut connection,
            "SELECT email FROM other.users ORDER BY id",
            &[],
        );
        assert_eq!(found.unwrap(), [[Some("A".to_owned())], [Some("B".to_owned())]]);
    }
}

#[test]
fn the_servers_own_connections_are_written_on() {
    let database = Postgres::shared().database();
    users(&database, 2);
    bulk_update(users::table, users::id, users::email)
        .rows([(1, "one")])
        .execute(postgres(&mut database.connect()))
        .unwrap();
    assert_eq!(column(&database, "email"), ["1 one", "2 user2"]);

    let database = SqliteFile::new().into_database();
    users(&database, 2);
    bulk_update(users::table, users::id, users::email)
        .rows([(1, "one")])
        .execute(sqlite(&mut database.connect()))
        .unwrap();
    assert_eq!(column(&database, "email"), ["1 one", "2 user2"]);
}
