//! Pieces are alike, however the keys lie.

use diesel::PgConnection;
use migrate_core::Options;
use migrate_core::backfill::{End, Pace};
use migrate_core::connection::DatabaseUrl;
use migrate_core::prelude::*;
use migrate_tests::testkit::{Database, History, Postgres, Step};
use uuid::Uuid;

use crate::backfill::upgrade;

/// Makes a backfill that counts the visits of each row of a table `keyed`.
macro_rules! counting {
    ($key:ty, $contains:ident, $columns:expr) => {
        struct Counting;

        impl Backfill for Counting {
            type Connection = PgConnection;
            type Key = $key;
            type Row = $key;

            fn rows(&self, conn: &mut PgConnection, span: &Span<$key>) -> QueryResult<Vec<$key>> {
                let rows = keyed::table.select($columns).filter(span.$contains($columns)).order($columns);
                span.for_update(rows.limit(span.limit())).load(conn)
            }

            fn key(&self, row: &$key) -> $key {
                row.clone()
            }

            fn apply(&self, conn: &mut PgConnection, rows: Vec<$key>) -> Result<()> {
                let span = Span::of(&rows);
                let rows = keyed::table.filter(span.$contains($columns));
                diesel::update(rows).set(keyed::visits.eq(keyed::visits + 1)).execute(conn)?;
                Ok(())
            }

            fn remaining(&self, conn: &mut PgConnection) -> QueryResult<i64> {
                keyed::table.filter(keyed::visits.ne(1)).count().get_result(conn)
            }

            fn down(&self, _: &mut Context<'_, PgConnection>) -> Result<()> {
                Ok(())
            }

            fn pace(&self) -> Pace {
                Pace { start: 10, min: 10, max: 10, ..Pace::default() }
            }

            fn end(&self, conn: &mut PgConnection, span: &Span<$key>) -> QueryResult<Option<End<$key>>> {
                let keys = keyed::table.select($columns).filter(span.$contains($columns)).order($columns);
                span.end_of(keys.limit(span.limit()), conn)
            }
        }
    };
}

/// Runs the backfill with four workers, and looks at the pieces that were made.
fn shared_evenly(database: &Database, backfill: impl Backfill<Connection = PgConnection> + 'static) {
    let rows: u64 = database.one("SELECT CAST(count(*) AS text) FROM keyed").parse().unwrap();
    let url = DatabaseUrl::parse(database.url()).unwrap();
    let history = History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], backfill);
    let migrator = history.migrator().with_connector(move || Ok(url.connect()?));
    // The tables, to watch what is written there.
    database.execute("ALTER TABLE keyed RENAME TO keyed_later; CREATE TABLE keyed (LIKE keyed_later)");
    upgrade(&migrator, database).unwrap();
    database.execute(
        "DELETE FROM migrate_ledger WHERE revision = 'b1';
         DROP TABLE keyed;
         ALTER TABLE keyed_later RENAME TO keyed;
         CREATE TABLE made (rows bigint, until text);
         CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN INSERT INTO made VALUES (NEW.row_total, NEW.until); RETURN NEW; END $$;
         CREATE TRIGGER note AFTER INSERT ON migrate_checkpoint FOR EACH ROW WHEN (NEW.span > 0)
             EXECUTE FUNCTION note()",
    );
    let options = Options { workers: 4, ..migrator.options().clone() };
    upgrade(&migrator.with_options(options), database).unwrap();
    assert_eq!(database.column("SELECT DISTINCT CAST(visits AS text) FROM keyed"), ["1"]);
    let made = database.column("SELECT CAST(rows AS text) FROM made ORDER BY ctid");
    let (last, full) = made.split_last().unwrap();
    assert!(full.iter().all(|rows| rows == "160"), "{made:?}");
    assert_eq!(made.len() as u64, rows.div_ceil(160), "{made:?}");
    assert_eq!(last.parse::<u64>().unwrap(), rows - 160 * (full.len() as u64), "{made:?}");
}

mod clusters {
    use super::*;

    diesel::table! { keyed (id) { id -> BigInt, visits -> Integer, } }

    counting!(i64, contains, keyed::id);

    #[test]
    fn of_nearly_all_rows_in_a_corner_and_huge_holes() {
        let database = Postgres::shared().database();
        database.execute(
            "CREATE TABLE keyed (id bigint PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed SELECT 4000000000000000000 + n FROM generate_series(1, 1980) AS n;
             INSERT INTO keyed SELECT n * 450000000000000000 - 9000000000000000000 FROM generate_series(1, 20) AS n",
        );
        shared_evenly(&database, Counting);
    }
}

mod uuids {
    use super::*;

    diesel::table! { keyed (id) { id -> Uuid, visits -> Integer, } }

    type Key = Uuid;

    counting!(Key, contains, keyed::id);

    #[test]
    fn of_uuids_most_of_which_begin_alike() {
        let database = Postgres::shared().database();
        database.execute(
            "CREATE TABLE keyed (id uuid PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed SELECT CAST('0190aaaa-' || substr(CAST(gen_random_uuid() AS text), 10) AS uuid)
                 FROM generate_series(1, 1500);
             INSERT INTO keyed SELECT gen_random_uuid() FROM generate_series(1, 77)",
        );
        shared_evenly(&database, Counting);
    }
}

mod texts {
    use super::*;

    diesel::table! { keyed (id) { id -> Text, visits -> Integer, } }

    counting!(String, contains, keyed::id);

    #[test]
    fn of_texts_in_the_order_of_a_language() {
        let database = Postgres::shared().database();
        database.execute(
            "CREATE COLLATION by_number (provider = icu, locale = 'en-u-kn-true');
             CREATE TABLE keyed (id text COLLATE by_number PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
             INSERT INTO keyed SELECT 'customer-' || n FROM generate_series(1, 1200) AS n;
             INSERT INTO keyed SELECT chr(65 + n) || 'é' FROM generate_series(0, 25) AS n",
        );
        shared_evenly(&database, Counting);
    }
}

mod composite {
    use super::*;

    diesel::table! { keyed (org, number) { org -> Integer, number -> BigInt, visits -> Integer, } }

    type Key = (i32, i64);

    counting!(Key, contains_row, (keyed::org, keyed::number));

    #[test]
    fn of_rows_most_of_which_belong_to_one_customer() {
        let database = Postgres::shared().database();
        database.execute(
            "CREATE TABLE keyed (org integer, number bigint, visits integer NOT NULL DEFAULT 0, PRIMARY KEY (org, number));
             INSERT INTO keyed SELECT 7, n FROM generate_series(1, 1400) AS n;
             INSERT INTO keyed SELECT n, -n FROM generate_series(1, 60) AS n",
        );
        shared_evenly(&database, Counting);
    }
}
