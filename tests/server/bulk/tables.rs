//! What the table itself has to say: generated columns, triggers, constraints, partitions, rights.

use diesel::connection::SimpleConnection as _;
use migrate_core::bulk::Counts;
use migrate_core::connection::Dialect;
use migrate_core::prelude::{bulk_insert, bulk_update, bulk_upsert};
use migrate_tests::on_each_server;
use migrate_tests::testkit::Postgres;

use super::{column, count, users};

diesel::table! {
    boxes (id) {
        id -> BigInt,
        width -> Integer,
        area -> Nullable<Integer>,
    }
}

on_each_server! {
    fn a_generated_column_follows_and_is_not_written(database: &Database) {
        database.execute(
            "CREATE TABLE boxes (id bigint PRIMARY KEY, width integer NOT NULL, \
             area integer GENERATED ALWAYS AS (width * width) STORED)",
        );
        let mut connection = database.connect();
        bulk_insert(boxes::table, (boxes::id, boxes::width)).rows([(1, 1), (2, 2)]).execute(&mut connection).unwrap();
        bulk_upsert(boxes::table, boxes::id, boxes::width).rows([(2, 3), (3, 4)]).execute(&mut connection).unwrap();
        assert_eq!(database.column("SELECT CAST(area AS text) FROM boxes ORDER BY id"), ["1", "9", "16"]);
        let error = bulk_update(boxes::table, boxes::id, boxes::area)
            .rows([(1, Some(5))])
            .execute(&mut connection)
            .unwrap_err();
        assert!(error.to_string().contains("area"), "{error}");
        assert_eq!(database.column("SELECT CAST(area AS text) FROM boxes ORDER BY id"), ["1", "9", "16"]);
    }

    fn triggers_see_each_row(database: &Database) {
        users(database, 3);
        database.execute("CREATE TABLE seen (id bigint, email text)");
        database.execute(match database.dialect() {
            Dialect::Sqlite => {
                "CREATE TRIGGER see AFTER UPDATE ON users BEGIN INSERT INTO seen VALUES (new.id, new.email); END"
            }
            _ => {
                "CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN INSERT INTO seen VALUES (new.id, new.email); RETURN new; END $$;
                 CREATE TRIGGER see AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION see()"
            }
        });
        let counts = bulk_update(users::table, users::id, users::email)
            .rows([(1, "one"), (3, "three"), (4, "four")])
            .count(&mut database.connect())
            .unwrap();
        // What the trigger wrote is not counted.
        assert_eq!(counts, Counts { given: 3, written: 2 });
        assert_eq!(database.column("SELECT id || email FROM seen ORDER BY id"), ["1one", "3three"]);
    }

    fn an_error_names_what_was_broken(database: &Database) {
        users(database, 3);
        database.execute("CREATE UNIQUE INDEX users_email ON users (email)");
        let mut connection = database.connect();
        let error = bulk_update(users::table, users::id, users::email)
            .rows([(1, "user2")])
            .execute(&mut connection)
            .unwrap_err();
        assert!(error.to_string().to_lowercase().contains("unique"), "{error}");
        let error = bulk_insert(users::table, users::id).rows([9]).execute(&mut connection).unwrap_err();
        assert!(error.to_string().to_lowercase().contains("null"), "{error}");
        // Without a unique constraint on the key there is nothing to insert or update by.
        let error = bulk_upsert(users::table, users::age, users::email)
            .rows([(Some(1), "x")])
            .execute(&mut connection)
            .unwrap_err();
        assert!(error.to_string().contains("ON CONFLICT"), "{error}");
        let error = bulk_update(boxes::table, boxes::id, boxes::width).rows([(1, 1)]).execute(&mut connection).unwrap_err();
        assert!(error.to_string().contains("boxes"), "{error}");
        assert_eq!(column(database, "email"), ["1 user1", "2 user2", "3 user3"]);
    }

    fn keys_may_be_written_too(database: &Database) {
        users(database, 3);
        bulk_update(users::table, users::id, (users::id, users::email))
            .rows([(1, (101, "one")), (3, (103, "three"))])
            .execute(&mut database.connect())
            .unwrap();
        assert_eq!(column(database, "email"), ["2 user2", "101 one", "103 three"]);
    }
}

#[test]
fn a_trigger_that_holds_a_row_back_counts_as_not_written() {
    let database = Postgres::shared().database();
    users(&database, 3);
    database.execute(
        "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
         CREATE TRIGGER hold BEFORE UPDATE ON users FOR EACH ROW WHEN (old.id = 2) EXECUTE FUNCTION hold()",
    );
    let mut connection = database.connect();
    let rows = [(1, "one"), (2, "two"), (3, "three")];
    let counts =
        bulk_update(users::table, users::id, users::email).rows(rows).count(&mut connection).unwrap();
    assert_eq!(counts, Counts { given: 3, written: 2 });
    let outcome = bulk_update(users::table, users::id, users::email)
        .unchanged(users::age)
        .rows(rows.map(|(id, email)| (id, email, None::<i32>)))
        .execute(&mut connection)
        .unwrap();
    assert_eq!(outcome.missed, [2]);
}

#[test]
fn row_security_hides_rows_from_an_update_and_refuses_those_of_an_insert() {
    let database = Postgres::shared().database();
    users(&database, 4);
    let role = format!("reader_{}", std::process::id());
    database.execute(&format!(
        "CREATE ROLE {role}; GRANT ALL ON users TO {role}; ALTER TABLE users ENABLE ROW LEVEL SECURITY;
         CREATE POLICY even ON users USING (id % 2 = 0)"
    ));
    let mut connection = database.connect();
    connection.batch_execute(&format!("SET ROLE {role}")).unwrap();
    let outcome = bulk_update(users::table, users::id, users::email)
        .unchanged(users::age)
        .rows((1..=4).map(|id| (id, "new", None::<i32>)))
        .execute(&mut connection)
        .unwrap();
    assert_eq!(outcome.missed, [1, 3]);
    let error = bulk_insert(users::table, (users::id, users::email))
        .rows([(6, "six"), (7, "seven")])
        .execute(&mut connection)
        .unwrap_err();
    assert!(error.to_string().contains("row-level security"), "{error}");
    drop(connection);
    assert_eq!(count(&database, "email = 'new' AND id % 2 = 0"), 2);
    assert_eq!(count(&database, "true"), 4);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn rows_of_a_partitioned_table_find_their_partitions() {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, email_normalized text, age integer) \
         PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF users FOR VALUES FROM (0) TO (100); \
         CREATE TABLE high PARTITION OF users FOR VALUES FROM (100) TO (200)",
    );
    let mut connection = database.connect();
    bulk_insert(users::table, (users::id, users::email))
        .rows([(1, "a"), (101, "b")])
        .execute(&mut connection)
        .unwrap();
    bulk_upsert(users::table, users::id, users::email)
        .rows([(1, "A"), (102, "c")])
        .execute(&mut connection)
        .unwrap();
    // A new key moves the row to another partition.
    bulk_update(users::table, users::id, users::id).rows([(1, 103)]).execute(&mut connection).unwrap();
    assert_eq!(database.column("SELECT id || email FROM high ORDER BY id"), ["101b", "102c", "103A"]);
    assert_eq!(database.one("SELECT count(*)::text FROM low"), "0");
}
