//! Keys and tables at the edge of what will do: each row once, or an error that says why not.

use chrono::{DateTime, Utc};
use migrate_core::Options;
use migrate_core::backfill::BackfillError;
use migrate_core::connection::DatabaseUrl;

use super::super::stopped;
use super::*;

#[track_caller]
fn refused<B: Backfill + 'static>(database: &Database, backfill: B) -> BackfillError
where
    B::Connection: MigrationConnection,
{
    let migrator = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], backfill).migrator();
    stopped(upgrade(&migrator, database))
}

mod floats {
    use super::*;

    diesel::table! { keyed (id) { id -> Double, visits -> Integer, } }

    counting!(Floats, AnyConnection, f64, f64, keyed::id, keyed::id, contains, keyed::id, |id| {
        keyed::table.find(id)
    });

    fn check(database: &Database) {
        database.execute(
            "CREATE TABLE keyed (id double precision NOT NULL PRIMARY KEY, visits integer NOT NULL DEFAULT 0)",
        );
        let mut chance = fastrand::Rng::with_seed(7);
        let keys: Vec<_> =
            (0..600).map(|n| format!("({:e})", chance.f64() * 10_f64.powi(n % 40 - 20))).collect();
        database.execute(&format!("INSERT INTO keyed (id) VALUES {}", keys.join(", ")));
        run(database, Floats, 600);
    }

    #[test]
    fn a_number_with_many_digits_is_read_back_to_the_last_bit_on_sqlite() {
        check(&sqlite());
    }

    #[test]
    fn a_number_with_many_digits_is_read_back_to_the_last_bit_on_postgres() {
        check(&postgres());
    }

    #[test]
    fn one_that_is_no_number_is_refused_before_its_batch_is_done() {
        let database = postgres();
        database.execute(
            "CREATE TABLE keyed (id double precision PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed (id) VALUES (1), (2), (3), (4), ('infinity'), ('NaN')",
        );
        let error = refused(&database, Floats);
        assert!(matches!(&error, BackfillError::NullKey { key } if key == "null"), "{error:?}");
        assert_eq!(database.column("SELECT CAST(sum(visits) AS text) FROM keyed"), ["3"]);
    }
}

mod parts {
    use super::*;

    diesel::table! { keyed (org) { org -> Integer, number -> Nullable<Integer>, visits -> Integer, } }

    type Key = (i32, Option<i32>);

    counting!(
        Parts,
        AnyConnection,
        Key,
        Key,
        (keyed::org, keyed::number),
        (keyed::org, keyed::number),
        contains_row,
        (keyed::org, keyed::number),
        |key: Key| keyed::table.find(key.0)
    );

    #[test]
    fn a_null_in_a_part_of_the_key_is_refused_because_nothing_comes_after_it() {
        for database in [sqlite(), postgres()] {
            database.execute(
                "CREATE TABLE keyed (org integer NOT NULL, number integer, visits integer NOT NULL DEFAULT 0);
                 INSERT INTO keyed (org, number) VALUES (1, 1), (2, NULL), (3, 2), (4, 2), (5, 2)",
            );
            let error = refused(&database, Parts);
            assert_eq!(error.to_string(), "the key [2,null] has a NULL, or a number that is none");
            assert_eq!(database.one("SELECT CAST(sum(visits) AS text) FROM keyed"), "0");
        }
    }
}

mod moments {
    use super::*;

    diesel::table! { keyed (at) { at -> Timestamptz, visits -> Integer, } }

    type At = DateTime<Utc>;

    counting!(Moments, PgConnection, At, At, keyed::at, keyed::at, contains, keyed::at, |at| {
        keyed::table.find(at)
    });

    #[test]
    fn an_infinite_time_cannot_be_read_and_what_comes_before_it_is_done() {
        let database = postgres();
        database.execute(
            "CREATE TABLE keyed (at timestamptz PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed (at) VALUES ('2026-01-01'), ('9999-12-31 23:59:59.999999'), ('12345-01-01'), ('infinity')",
        );
        let error = refused(&database, Moments);
        assert!(matches!(&error, BackfillError::Read { after: Some(_), .. }), "{error:?}");
        assert_eq!(database.one("SELECT CAST(sum(visits) AS text) FROM keyed"), "3");
    }
}

/// The same text in another case is the same key to the database.
mod caseless {
    use super::*;

    diesel::table! { keyed (id) { id -> Text, visits -> Integer, } }

    counting!(Caseless, AnyConnection, String, String, keyed::id, keyed::id, contains, keyed::id, |id| {
        keyed::table.find(id)
    });

    #[test]
    fn several_workers_share_a_table_whose_collation_is_not_deterministic() {
        let database = postgres();
        database.execute(
            "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
             CREATE TABLE keyed (id text COLLATE caseless PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed (id) SELECT CASE WHEN n % 2 = 0 THEN upper(md5(n::text)) ELSE md5(n::text) END
                 FROM generate_series(1, 400) AS n",
        );
        let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Caseless);
        let url = DatabaseUrl::parse(database.url()).unwrap();
        let migrator = history.migrator();
        let options = Options { workers: 3, ..migrator.options().clone() };
        let migrator = migrator.with_options(options).with_connector(move || Ok(url.connect()?));
        upgrade(&migrator, &database).unwrap();
        assert_eq!(database.column("SELECT DISTINCT CAST(visits AS text) FROM keyed"), ["1"]);
    }
}

mod large {
    use super::*;

    diesel::table! { keyed (id) { id -> BigInt, visits -> Integer, } }

    counting!(Large, AnyConnection, i64, i64, keyed::id, keyed::id, contains, keyed::id, |id| {
        keyed::table.find(id)
    });

    const KEYS: &str = "(-9223372036854775808), (-1), (0), (4611686018427387904), (9007199254740993), \
                        (9223372036854775806), (9223372036854775807)";

    #[test]
    fn the_largest_and_the_smallest_number_are_keys_like_others() {
        for database in [sqlite(), postgres()] {
            database.execute(&format!(
                "CREATE TABLE keyed (id bigint PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
                 INSERT INTO keyed (id) VALUES {KEYS}"
            ));
            run(&database, Large, 7);
        }
    }

    #[test]
    fn a_partitioned_table_and_a_view_of_it_are_tables_like_others() {
        for view in [false, true] {
            let database = postgres();
            let table = if view { "stored" } else { "keyed" };
            database.execute(&format!(
                "CREATE TABLE {table} (id bigint PRIMARY KEY, visits integer NOT NULL DEFAULT 0) PARTITION BY HASH (id);
                 CREATE TABLE part_0 PARTITION OF {table} FOR VALUES WITH (MODULUS 2, REMAINDER 0);
                 CREATE TABLE part_1 PARTITION OF {table} FOR VALUES WITH (MODULUS 2, REMAINDER 1);
                 INSERT INTO {table} (id) VALUES {KEYS}"
            ));
            if view {
                database.execute("CREATE VIEW keyed AS SELECT id, visits FROM stored");
            }
            run(&database, Large, 7);
        }
    }

    #[test]
    fn an_empty_table_and_one_with_one_row_are_done_at_once() {
        for (rows, keys) in [(0, ""), (1, "INSERT INTO keyed (id) VALUES (9223372036854775807)")] {
            for database in [sqlite(), postgres()] {
                database
                    .execute("CREATE TABLE keyed (id bigint PRIMARY KEY, visits integer NOT NULL DEFAULT 0)");
                if rows > 0 {
                    database.execute(keys);
                    run(&database, Large, rows);
                    continue;
                }
                let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], Large);
                let report = upgrade(&history.migrator(), &database).unwrap();
                assert_eq!(report.steps[1].backfill.clone().unwrap().rows, 0);
            }
        }
    }
}
