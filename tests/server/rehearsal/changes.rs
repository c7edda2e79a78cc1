//! What a rehearsal shows is what the batches change.

use diesel::PgConnection;
use migrate_core::AnyConnection;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::prelude::*;
use migrate_core::rehearsal::{Ended, Finding};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Postgres};
use uuid::Uuid;

use super::{Each, counts, examples, rehearse, table};

fn create(database: &Database, more: &str) {
    database.execute(&format!(
        "CREATE TABLE items (id bigint PRIMARY KEY, name text, size integer, note text DEFAULT 'kept');
         INSERT INTO items (id, name, size) VALUES (1, 'a', 10), (2, NULL, 20), (3, 'c', NULL); {more}"
    ));
}

on_each_server! {
    fn an_update_of_one_column_shows_that_column(database: &Database) {
        create(database, "");
        let rehearsal = rehearse(database, Each::sql("UPDATE items SET name = coalesce(name, 'NULL') || '!' WHERE id = {id}"));
        assert_eq!((rehearsal.rows, rehearsal.ended, rehearsal.places), (3, Ended::AllRows, 1), "{rehearsal:#?}");
        let items = table(&rehearsal, "items");
        assert_eq!((counts(items), &items.unseen), ([0, 3, 0], &None));
        assert_eq!(
            examples(items),
            ["Updated id=1: name 'a'>'a!'", "Updated id=2: name NULL>'NULL!'", "Updated id=3: name 'c'>'c!'"]
        );
        assert_eq!(rehearsal.tables.len(), 1);
        assert_eq!((rehearsal.measures.iter().map(|batch| batch.rows).sum::<u32>(), rehearsal.projection.unwrap().rows), (3, 3));
    }

    fn an_update_of_several_columns_shows_those_that_differ(database: &Database) {
        create(database, "");
        let all = "UPDATE items SET name = 'c', size = 10, note = 'kept' WHERE id = {id}";
        let rehearsal = rehearse(database, Each::sql(all));
        assert_eq!(
            examples(table(&rehearsal, "items")),
            ["Updated id=1: name 'a'>'c'", "Updated id=2: name NULL>'c' size 20>10", "Updated id=3: size NULL>10"]
        );
    }

    fn rows_that_are_inserted_into_another_table_are_shown(database: &Database) {
        create(database, "CREATE TABLE parts (item bigint REFERENCES items (id), part integer, name text, PRIMARY KEY (item, part));
            INSERT INTO parts VALUES (1, 0, 'was here before');");
        let insert = "INSERT INTO parts VALUES ({id}, 1, NULL), ({id}, 2, 'NULL')";
        let rehearsal = rehearse(database, Each::sql(insert));
        let parts = table(&rehearsal, "parts");
        assert_eq!(counts(parts), [6, 0, 0]);
        assert_eq!(examples(parts)[..2], ["Inserted item=1,part=1: name ->NULL", "Inserted item=1,part=2: name ->'NULL'"]);
        assert_eq!((examples(parts).len(), rehearsal.tables.len()), (6, 1), "{rehearsal:#?}");
    }

    fn rows_that_are_deleted_are_shown_and_those_that_are_only_locked_are_not(database: &Database) {
        create(database, "");
        let delete = "DELETE FROM items WHERE id = {id} AND name IS NOT NULL; UPDATE items SET size = 1 WHERE id = {id} AND size = 99";
        let rehearsal = rehearse(database, Each::sql(delete));
        let items = table(&rehearsal, "items");
        assert_eq!(counts(items), [0, 0, 2]);
        assert_eq!(
            examples(items),
            ["Deleted id=1: name 'a'>- size 10>- note 'kept'>-", "Deleted id=3: name 'c'>- size NULL>- note 'kept'>-"]
        );
    }

    fn what_cascades_and_triggers_change_is_shown(database: &Database) {
        create(database, "CREATE TABLE parts (id integer PRIMARY KEY, item bigint REFERENCES items (id) ON DELETE CASCADE);
            INSERT INTO parts VALUES (7, 2), (8, 3);");
        let delete = match database.dialect() {
            Dialect::Sqlite => "PRAGMA foreign_keys", // Cannot be switched on within a transaction.
            _ => "DELETE FROM items WHERE id = {id}",
        };
        let rehearsal = rehearse(database, Each::sql(delete));
        match database.dialect() {
            Dialect::Sqlite => assert_eq!(rehearsal.findings.first(), Some(&Finding::NothingChanged)),
            _ => assert_eq!(examples(table(&rehearsal, "parts")), ["Deleted id=7: item 2>-", "Deleted id=8: item 3>-"]),
        }
    }

    fn rows_that_are_locked_and_written_in_nested_transactions_are_shown_as_they_were(database: &Database) {
        create(database, "");
        let nested = Each::new(|conn, id| {
            Ok(conn.transaction(|conn| conn.transaction(|conn| {
                conn.batch(&format!("UPDATE items SET size = 7 WHERE id = {id}"))?;
                if id == 3 { conn.batch("DELETE FROM items WHERE id = 1") } else { Ok(()) }
            }))?)
        });
        let rehearsal = rehearse(database, nested);
        let items = table(&rehearsal, "items");
        assert_eq!(counts(items), [0, 3, 1]);
        let lines = examples(items);
        assert!(lines.contains(&"Updated id=2: size 20>7".to_owned()), "{lines:?}");
        assert!(lines.contains(&"Updated id=3: size NULL>7".to_owned()), "{lines:?}");
        let gone = lines.iter().find(|line| line.starts_with("Deleted")).unwrap();
        assert!(gone.starts_with("Deleted id=1: name 'a'>-"), "{lines:?}");
    }

    fn names_and_values_may_be_hostile(database: &Database) {
        create(database, "CREATE TABLE \"it's \"\"a\"\" table;--\" (\"the key\" text PRIMARY KEY, \"a'b\"\"c\" text);");
        let quote = r#"'it''s \ "quoted" $1 %s {0} → 🦀'"#;
        database.execute(&format!("INSERT INTO \"it's \"\"a\"\" table;--\" VALUES ({quote}, {quote})"));
        let update = "UPDATE \"it's \"\"a\"\" table;--\" SET \"a'b\"\"c\" = \"a'b\"\"c\" || '''' || chr(10) WHERE {id} = 1";
        let update = if database.dialect() == Dialect::Sqlite {
            "UPDATE \"it's \"\"a\"\" table;--\" SET \"a'b\"\"c\" = \"a'b\"\"c\" || '''' || char(10) WHERE {id} = 1"
        } else {
            update
        };
        let rehearsal = rehearse(database, Each::sql(update));
        let value = r#"it's \ "quoted" $1 %s {0} → 🦀"#;
        assert_eq!(
            examples(table(&rehearsal, "it's \"a\" table;--")),
            [format!("Updated the key='{value}': a'b\"c '{value}'>'{value}'\n'")]
        );
    }

    fn each_type_of_value_is_told_apart(database: &Database) {
        create(database, "CREATE TABLE kinds (id integer PRIMARY KEY, bytes bytea, number numeric(10, 2), truth boolean, doc json);
            INSERT INTO kinds (id) VALUES (1);");
        let bytes = if database.dialect() == Dialect::Sqlite { "X'00ff'" } else { "'\\x00ff'" };
        let update = format!("UPDATE kinds SET bytes = {bytes}, number = 1.5, truth = true, doc = '{{\"a\": 1}}'");
        let rehearsal = rehearse(database, Each::new(move |conn, _| Ok(conn.batch(&update)?)));
        let expected = match database.dialect() {
            Dialect::Sqlite => "Updated id=1: bytes NULL>x00ff number NULL>1.5 truth NULL>1 doc NULL>'{\"a\": 1}'",
            _ => "Updated id=1: bytes NULL>x00ff number NULL>1.50 truth NULL>true doc NULL>{\"a\": 1}",
        };
        let kinds = table(&rehearsal, "kinds");
        assert!(examples(kinds).contains(&expected.to_owned()), "{kinds:#?}");
        assert_eq!(counts(kinds), [0, 3, 0]);
    }

    fn a_table_of_very_many_columns_is_shown(database: &Database) {
        let columns: Vec<_> = (0..250).map(|number| format!("c{number} integer")).collect();
        create(database, &format!("CREATE TABLE wide (id integer PRIMARY KEY, {}); INSERT INTO wide (id) VALUES (1)", columns.join(", ")));
        let rehearsal = rehearse(database, Each::sql("UPDATE wide SET c249 = {id} WHERE {id} = 2"));
        assert_eq!(examples(table(&rehearsal, "wide")), ["Updated id=1: c249 NULL>2"]);
    }

    fn a_backfill_that_writes_nothing_is_found_out(database: &Database) {
        create(database, "");
        let rehearsal = rehearse(database, Each::sql("UPDATE items SET size = 1 WHERE id = 77 + {id}"));
        assert_eq!(rehearsal.rows, 3);
        assert_eq!(rehearsal.findings, [Finding::NothingChanged]);
        assert!(rehearsal.tables.is_empty());
    }

    fn an_empty_table_has_nothing_to_show(database: &Database) {
        database.execute("CREATE TABLE items (id bigint PRIMARY KEY)");
        let rehearsal = rehearse(database, Each::sql("SELECT 1"));
        assert_eq!((rehearsal.rows, rehearsal.ended, &*rehearsal.findings), (0, Ended::AllRows, &[][..]));
        assert_eq!((rehearsal.projection, rehearsal.tables.len()), (None, 0));
    }
}

#[test]
fn a_table_without_a_key_shows_what_was_written_and_claims_no_more() {
    let database = Postgres::shared().database();
    create(&database, "CREATE TABLE bare (a integer, b text); INSERT INTO bare VALUES (1, 'x'), (2, 'y');");
    let rehearsal = rehearse(&database, Each::sql("UPDATE bare SET b = 'z' WHERE a = {id}"));
    let bare = table(&rehearsal, "bare");
    assert_eq!(counts(bare), [0, 2, 0]);
    assert_eq!(examples(bare), ["Written : a ->1 b ->'z'", "Written : a ->2 b ->'z'"]);
}

mod keys {
    use super::*;

    diesel::table! { seats (hall, number) { hall -> Text, number -> Integer, price -> Integer, } }
    diesel::table! { people (id) { id -> Uuid, seen -> Bool, } }

    pub(super) struct Seats;

    impl Backfill for Seats {
        type Connection = AnyConnection;
        type Key = (String, i32);
        type Row = (String, i32, i32);

        fn rows(&self, conn: &mut AnyConnection, span: &Span<Self::Key>) -> QueryResult<Vec<Self::Row>> {
            seats::table
                .filter(span.contains_row((seats::hall, seats::number)))
                .order((seats::hall, seats::number))
                .limit(span.limit())
                .load(conn)
        }

        fn key(&self, (hall, number, _): &Self::Row) -> Self::Key {
            (hall.clone(), *number)
        }

        fn apply(&self, conn: &mut AnyConnection, rows: Vec<Self::Row>) -> Result<()> {
            for (hall, number, price) in rows {
                diesel::update(seats::table.find((hall, number)))
                    .set(seats::price.eq(price + 1))
                    .execute(conn)?;
            }
            Ok(())
        }

        fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
            seats::table.filter(seats::price.eq(0)).count().get_result(conn)
        }

        fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }
    }

    pub(super) struct People;

    impl Backfill for People {
        type Connection = PgConnection;
        type Key = Uuid;
        type Row = Uuid;

        fn rows(&self, conn: &mut PgConnection, span: &Span<Uuid>) -> QueryResult<Vec<Uuid>> {
            let rows = people::table.select(people::id).filter(span.contains(people::id)).order(people::id);
            span.for_update(rows.limit(span.limit())).load(conn)
        }

        fn key(&self, id: &Uuid) -> Uuid {
            *id
        }

        fn apply(&self, conn: &mut PgConnection, ids: Vec<Uuid>) -> Result<()> {
            diesel::update(people::table.filter(people::id.eq_any(ids)))
                .set(people::seen.eq(true))
                .execute(conn)?;
            Ok(())
        }

        fn remaining(&self, conn: &mut PgConnection) -> QueryResult<i64> {
            people::table.filter(people::seen.eq(false)).count().get_result(conn)
        }

        fn down(&self, _: &mut Context<'_, PgConnection>) -> Result<()> {
            Ok(())
        }
    }
}

on_each_server! {
    fn a_key_of_several_columns_is_sampled_all_over_the_table(database: &Database) {
        database.execute(
            "CREATE TABLE seats (hall text, number integer, price integer NOT NULL, PRIMARY KEY (hall, number));
             WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 4999)
             INSERT INTO seats SELECT 'hall ''' || CAST(n / 100 AS text), n % 100, 0 FROM n",
        );
        let rehearsal = rehearse(database, keys::Seats);
        assert_eq!((rehearsal.rows, rehearsal.places, &*rehearsal.findings), (100, 5, &[][..]));
        let seats = table(&rehearsal, "seats");
        assert_eq!(counts(seats), [0, 100, 0]);
        let examples = examples(seats);
        assert!(examples.contains(&"Updated hall='hall '0',number=0: price 0>1".to_owned()), "{examples:?}");
        assert!(examples.iter().any(|line| line.contains("'hall '3")), "{examples:?}");
        assert_eq!(rehearsal.projection.unwrap().rows, 5_000);
    }
}

#[test]
fn a_key_that_is_a_uuid_is_sampled_all_over_the_table() {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE TABLE people (id uuid PRIMARY KEY, seen boolean NOT NULL DEFAULT false);
         INSERT INTO people SELECT gen_random_uuid() FROM generate_series(1, 5000)",
    );
    let rehearsal = rehearse(&database, keys::People);
    assert_eq!((rehearsal.rows, rehearsal.places, &*rehearsal.findings), (100, 5, &[][..]));
    let people = table(&rehearsal, "people");
    assert_eq!((counts(people), people.examples.len()), ([0, 100, 0], 50));
    let late = examples(people)
        .iter()
        .any(|line| line.starts_with("Updated id='9") || line.starts_with("Updated id='8"));
    assert!(late || examples(people).iter().any(|line| line.as_bytes()[12] >= b'a'), "{people:#?}");
    assert!(examples(people).iter().all(|line| line.ends_with(": seen false>true")));
}

#[test]
fn both_releases_of_postgres_tell_the_same() {
    for server in [Postgres::shared(), Postgres::eighteen()] {
        let database = server.database();
        create(&database, "CREATE TABLE parts (id serial PRIMARY KEY, item bigint);");
        let all = "UPDATE items SET size = 0 WHERE id = {id} AND id < 3; DELETE FROM items WHERE id = {id} AND id = 3; INSERT INTO parts (item) VALUES ({id})";
        let rehearsal = rehearse(&database, Each::sql(all));
        let items = table(&rehearsal, "items");
        assert_eq!(counts(items), [0, 2, 1]);
        assert_eq!(
            examples(items),
            [
                "Deleted id=3: name 'c'>- size NULL>- note 'kept'>-",
                "Updated id=1: size 10>0",
                "Updated id=2: size 20>0"
            ]
        );
        assert_eq!(counts(table(&rehearsal, "parts")), [3, 0, 0]);
        assert_eq!(rehearsal.sequences, ["public.parts_id_seq"]);
        let bytes = rehearsal.projection.unwrap().log_bytes.unwrap();
        assert!(bytes.likely > 0 && bytes.likely <= bytes.cautious, "{bytes:?}");
    }
}
