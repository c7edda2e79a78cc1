//! Keys of each kind: the database's order decides.

use std::time::SystemTime;

use diesel::{PgConnection, SqliteConnection};
use migrate_core::AnyConnection;
use migrate_core::connection::{Dialect, MigrationConnection};
use migrate_core::prelude::*;
use migrate_tests::testkit::{Database, History, Postgres, SqliteFile, Step};
use uuid::Uuid;

use super::upgrade;

/// Makes a backfill that counts the visits of each row of a table `keyed`.
macro_rules! counting {
    ($name:ident, $connection:ty, $key:ty, $row:ty, $sql_row:expr, $order:expr, $contains:ident, $columns:expr, $find:expr) => {
        struct $name;

        impl Backfill for $name {
            type Connection = $connection;
            type Key = $key;
            type Row = $row;

            fn rows(&self, conn: &mut $connection, span: &Span<$key>) -> QueryResult<Vec<$row>> {
                let rows = keyed::table.select($sql_row).filter(span.$contains($columns)).order($order);
                span.for_update(rows.limit(span.limit())).load(conn)
            }

            fn key(&self, row: &$row) -> $key {
                row.clone()
            }

            fn apply(&self, conn: &mut $connection, rows: Vec<$row>) -> Result<()> {
                let find: fn($row) -> _ = $find;
                for row in rows {
                    diesel::update(find(row)).set(keyed::visits.eq(keyed::visits + 1)).execute(conn)?;
                }
                Ok(())
            }

            fn remaining(&self, conn: &mut $connection) -> QueryResult<i64> {
                keyed::table.filter(keyed::visits.ne(1)).count().get_result(conn)
            }

            fn down(&self, _: &mut Context<'_, $connection>) -> Result<()> {
                Ok(())
            }

            fn pace(&self) -> Pace {
                Pace { start: 3, min: 1, max: 3, ..Pace::default() }
            }
        }
    };
}

mod odd;

fn run<B: Backfill + 'static>(database: &Database, backfill: B, rows: u64)
where
    B::Connection: MigrationConnection,
{
    let migrator = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], backfill).migrator();
    let report = upgrade(&migrator, database).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(report.steps[1].backfill.clone().unwrap().rows, rows);
    let visits = database.column("SELECT DISTINCT CAST(visits AS text) FROM keyed");
    assert_eq!(visits, ["1"]);
}

fn sqlite() -> Database {
    SqliteFile::new().into_database()
}

fn postgres() -> Database {
    Postgres::shared().database()
}

mod texts {
    use super::*;

    diesel::table! { keyed (id) { id -> Text, visits -> Integer, } }

    counting!(Texts, AnyConnection, String, String, keyed::id, keyed::id, contains, keyed::id, |id| {
        keyed::table.find(id)
    });

    /// Numbers by their value, or letters whatever their case: not as their bytes are ordered.
    fn check(database: &Database, collation: &str) {
        database.execute(&format!(
            "CREATE TABLE keyed (id text COLLATE {collation} NOT NULL PRIMARY KEY, visits integer NOT NULL DEFAULT 0)"
        ));
        let ids = ["a10", "A9", "a1", "B2", "b11", "_x", "ä3", "Z", "é", "", "quo\"te'", "a2"];
        for id in ids {
            database.execute(&format!("INSERT INTO keyed (id) VALUES ('{}')", id.replace('\'', "''")));
        }
        let ordered = database.column("SELECT id FROM keyed ORDER BY id");
        let mut by_bytes = ordered.clone();
        by_bytes.sort();
        assert_ne!(ordered, by_bytes, "the collation is an odd one");
        run(database, Texts, ids.len() as u64);
    }

    #[test]
    fn text_is_ordered_by_the_collation_of_an_sqlite_column() {
        check(&sqlite(), "NOCASE");
    }

    #[test]
    fn text_is_ordered_by_the_collation_of_a_postgres_column() {
        let database = postgres();
        database.execute("CREATE COLLATION by_number (provider = icu, locale = 'en-u-kn-true')");
        check(&database, "by_number");
    }
}

mod composite {
    use super::*;

    diesel::table! { keyed (org, name, number) { org -> Integer, name -> Text, number -> BigInt, visits -> Integer, } }

    type Key = (i32, String, i64);

    counting!(
        Composite,
        AnyConnection,
        Key,
        Key,
        (keyed::org, keyed::name, keyed::number),
        (keyed::org, keyed::name, keyed::number),
        contains_row,
        (keyed::org, keyed::name, keyed::number),
        |key: Key| keyed::table.find(key)
    );

    fn check(database: &Database) {
        database.execute(
            "CREATE TABLE keyed (org integer NOT NULL, name text NOT NULL, number bigint NOT NULL,
                visits integer NOT NULL DEFAULT 0, PRIMARY KEY (org, name, number));
             INSERT INTO keyed (org, name, number) VALUES (1, 'b', 1), (1, 'a', 9), (1, 'a', -3), (2, 'a', 1),
                 (2, 'a', 2), (2, 'a', 3), (2, 'a', 4), (2, 'b', 0), (3, '', 7), (-4, 'z', 8)",
        );
        run(database, Composite, 10);
    }

    #[test]
    fn a_key_of_several_columns_is_compared_as_a_row_on_sqlite() {
        check(&sqlite());
    }

    #[test]
    fn a_key_of_several_columns_is_compared_as_a_row_on_postgres() {
        check(&postgres());
    }
}

mod uuids {
    use super::*;

    diesel::table! { keyed (id) { id -> Uuid, visits -> Integer, } }

    counting!(Uuids, PgConnection, Uuid, Uuid, keyed::id, keyed::id, contains, keyed::id, |id| {
        keyed::table.find(id)
    });

    #[test]
    fn a_key_may_be_a_uuid() {
        let database = postgres();
        database.execute(
            "CREATE TABLE keyed (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed (visits) SELECT 0 FROM generate_series(1, 50)",
        );
        run(&database, Uuids, 50);
    }
}

mod times {
    use super::*;

    diesel::table! { keyed (at) { at -> Timestamp, visits -> Integer, } }

    counting!(Times, PgConnection, SystemTime, SystemTime, keyed::at, keyed::at, contains, keyed::at, |at| {
        keyed::table.find(at)
    });

    #[test]
    fn a_key_may_be_a_point_in_time() {
        let database = postgres();
        database.execute(
            "CREATE TABLE keyed (at timestamp PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed (at) SELECT timestamp '2025-10-11 14:30:00.123457' + n * interval '1 microsecond'
                 FROM generate_series(1, 20) AS n",
        );
        run(&database, Times, 20);
    }
}

mod small {
    use super::*;

    diesel::table! { keyed (id) { id -> Integer, visits -> Integer, } }

    counting!(Small, SqliteConnection, i32, i32, keyed::id, keyed::id, contains, keyed::id, |id| {
        keyed::table.find(id)
    });

    #[test]
    fn a_key_may_be_negative() {
        let database = sqlite();
        database.execute(
            "CREATE TABLE keyed (id integer PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed (id) VALUES (-2147483648), (-5), (0), (7), (2147483647)",
        );
        run(&database, Small, 5);
    }
}

/// The set-based form: the rows are the keys, and one statement changes all of them.
mod sets {
    use super::*;

    diesel::table! { keyed (id) { id -> BigInt, visits -> Integer, } }

    struct Sets;

    impl Backfill for Sets {
        type Connection = AnyConnection;
        type Key = i64;
        type Row = i64;

        fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<i64>> {
            let ids = keyed::table.select(keyed::id).filter(span.contains(keyed::id));
            ids.order(keyed::id).limit(span.limit()).load(conn)
        }

        fn key(&self, id: &i64) -> i64 {
            *id
        }

        fn apply(&self, conn: &mut AnyConnection, ids: Vec<i64>) -> Result<()> {
            let span = Span::of(&ids);
            diesel::update(keyed::table.filter(span.contains(keyed::id)))
                .set(keyed::visits.eq(keyed::visits + 1))
                .execute(conn)?;
            Ok(())
        }

        fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
            keyed::table.filter(keyed::visits.ne(1)).count().get_result(conn)
        }

        fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }

        fn pace(&self) -> Pace {
            Pace { start: 7, max: 7, min: 7, ..Pace::default() }
        }
    }

    #[test]
    fn one_statement_changes_a_whole_span() {
        for database in [sqlite(), postgres()] {
            database.execute("CREATE TABLE keyed (id bigint PRIMARY KEY, visits integer NOT NULL DEFAULT 0)");
            for id in 0..50 {
                database.execute(&format!("INSERT INTO keyed (id) VALUES ({})", id * id));
            }
            run(&database, Sets, 50);
        }
    }

    #[test]
    fn a_span_of_no_keys_contains_nothing() {
        let database = sqlite();
        assert_eq!(database.dialect(), Dialect::Sqlite);
        database.execute(
            "CREATE TABLE keyed (id bigint PRIMARY KEY, visits integer); INSERT INTO keyed VALUES (1, 0)",
        );
        let count = |span: Span<i64>| {
            let query = keyed::table.filter(span.contains(keyed::id)).count();
            query.get_result::<i64>(&mut database.connect()).unwrap()
        };
        assert_eq!((count(Span::of(&[])), count(Span::of(&[1])), count(Span::of(&[2, 3]))), (0, 1, 0));
    }
}
