//! Other values for enum types: what becomes of rows and defaults.

use migrate_core::connection::Driver as _;
use migrate_core::operation::{Operation, ReplaceEnum, enum_type, replace_enum};
use migrate_tests::testkit::Postgres;

use super::run::{run, servers};

const TABLES: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
    CREATE TABLE people (id integer, mood mood DEFAULT 'sad', late mood, moods mood[] DEFAULT '{sad,ok}');
    INSERT INTO people VALUES (1, 'sad', NULL, '{{sad,ok},{happy,sad}}'), (2, 'ok', 'happy', NULL);
    CREATE INDEX by_mood ON people (mood);
    CREATE TABLE more (mood mood NOT NULL DEFAULT 'happy');
    INSERT INTO more DEFAULT VALUES;
";

fn replaced(replace: &ReplaceEnum) -> [Vec<Vec<String>>; 2] {
    servers().map(|server| {
        let database = server.database();
        database.execute(TABLES);
        let operation = Operation::ReplaceEnum(Box::new(replace.clone()));
        run(&mut database.connect(), &operation).unwrap_or_else(|error| panic!("{error}"));
        database.execute("INSERT INTO people (id) VALUES (3)");
        database.rows("SELECT mood::text, late::text, moods::text FROM people ORDER BY id")
    })
}

fn everywhere(replace: ReplaceEnum) -> ReplaceEnum {
    replace
        .column("people", "mood")
        .column("people", "late")
        .array_column("people", "moods")
        .column("more", "mood")
}

#[test]
fn rows_and_defaults_follow_the_mapping() {
    let to = enum_type("mood", ["low", "high"]);
    let replace = replace_enum(to).map("sad", "low").map("ok", "low").map("happy", "high");
    for rows in replaced(&everywhere(replace)) {
        assert_eq!(
            rows,
            [
                ["low", "NULL", "{{low,low},{high,low}}"],
                ["low", "high", "NULL"],
                ["low", "NULL", "{low,low}"],
            ]
        );
    }
}

#[test]
fn values_change_places() {
    let to = enum_type("mood", ["happy", "ok", "sad"]);
    let replace = replace_enum(to).map("sad", "ok").map("ok", "happy").map("happy", "sad");
    for rows in replaced(&everywhere(replace)) {
        assert_eq!(
            rows,
            [["ok", "NULL", "{{ok,happy},{sad,ok}}"], ["happy", "sad", "NULL"], ["ok", "NULL", "{ok,happy}"],]
        );
    }
}

#[test]
fn a_value_without_a_successor_stops_it_before_anything_changed() {
    let database = Postgres::shared().database();
    database.execute(TABLES);
    let replace = everywhere(replace_enum(enum_type("mood", ["ok", "happy"])));
    let mut connection = database.connect();
    connection.batch("BEGIN").unwrap();
    let error = run(&mut connection, &Operation::ReplaceEnum(Box::new(replace))).unwrap_err();
    assert!(error.to_string().contains("invalid input value for enum mood: \"sad\""), "{error}");
}

#[test]
fn a_computed_default_is_not_lost_in_silence() {
    for server in servers() {
        let database = server.database();
        database.execute(TABLES);
        database.execute("ALTER TABLE more ALTER mood SET DEFAULT (lower('OK')::mood)");
        let replace = everywhere(replace_enum(enum_type("mood", ["sad", "ok", "happy", "great"])));
        let error = run(&mut database.connect(), &Operation::ReplaceEnum(Box::new(replace))).unwrap_err();
        assert_eq!(error.to_string(), "the default of more.mood is computed; drop it first");
    }
}

#[test]
fn the_type_keeps_its_owner_its_privileges_and_its_comment() {
    for server in servers() {
        let database = server.database();
        let (owner, reader) = (unique_role("owner"), unique_role("reader"));
        database.execute(TABLES);
        database.execute(&format!(
            "CREATE ROLE {owner}; CREATE ROLE {reader}; GRANT CREATE ON SCHEMA public TO {owner};
             ALTER TYPE mood OWNER TO {owner}; COMMENT ON TYPE mood IS 'it''s 100% mood';
             REVOKE ALL ON TYPE mood FROM PUBLIC; GRANT USAGE ON TYPE mood TO {reader} WITH GRANT OPTION"
        ));
        let said = "SELECT typowner::regrole::text || ' ' || typacl::text || ' ' || obj_description(oid, 'pg_type') \
                    FROM pg_type WHERE typname = 'mood'";
        let before = database.one(said);
        let replace = everywhere(replace_enum(enum_type("mood", ["sad", "ok", "happy", "great"])));
        run(&mut database.connect(), &Operation::ReplaceEnum(Box::new(replace)))
            .unwrap_or_else(|error| panic!("{error}"));
        let after = database.one(said);
        database.execute(&format!("DROP OWNED BY {owner}, {reader} CASCADE; DROP ROLE {owner}, {reader}"));
        assert_eq!(after, before);
    }
}

#[test]
fn a_type_without_privileges_of_its_own_gets_none() {
    for server in servers() {
        let database = server.database();
        database.execute(TABLES);
        let replace = everywhere(replace_enum(enum_type("mood", ["sad", "ok", "happy", "great"])));
        run(&mut database.connect(), &Operation::ReplaceEnum(Box::new(replace)))
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(database.one("SELECT typacl::text FROM pg_type WHERE typname = 'mood'"), "NULL");
    }
}

#[test]
fn a_default_that_only_a_partition_has_is_not_lost_in_silence() {
    for server in servers() {
        let database = server.database();
        database.execute(
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
             CREATE TABLE days (day integer, mood mood DEFAULT 'sad') PARTITION BY RANGE (day);
             CREATE TABLE weeks PARTITION OF days DEFAULT PARTITION BY RANGE (day);
             CREATE TABLE rest PARTITION OF weeks DEFAULT;",
        );
        let replace = replace_enum(enum_type("mood", ["sad", "ok"])).column("days", "mood");
        let replace = Operation::ReplaceEnum(Box::new(replace));
        run(&mut database.connect(), &replace).unwrap_or_else(|error| panic!("{error}"));
        database.execute("ALTER TABLE rest ALTER mood SET DEFAULT 'ok'");
        let mut connection = database.connect();
        connection.batch("BEGIN").unwrap();
        let error = run(&mut connection, &replace).unwrap_err();
        assert_eq!(error.to_string(), "a table below has another default than days.mood; drop it first");
    }
}

/// Roles are the server's, which other tests use at the same time.
fn unique_role(what: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{what}_{}_{}", std::process::id(), now.as_nanos())
}
