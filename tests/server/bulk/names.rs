use migrate_core::prelude::{bulk_insert, bulk_update, bulk_upsert};
use migrate_tests::on_each_server;

/// Names that the statements use themselves, and words of SQL.
mod taken {
    diesel::table! {
        excluded (source) {
            source -> BigInt,
            target -> BigInt,
            #[sql_name = "select"]
            keyword -> Nullable<Text>,
            c0 -> Nullable<Integer>,
            c1 -> Nullable<Integer>,
            nr -> Nullable<Integer>,
        }
    }
    diesel::table! {
        source (target) {
            target -> BigInt,
            #[sql_name = "order"]
            keyword -> Nullable<Text>,
        }
    }
    diesel::table! {
        target (source) {
            source -> BigInt,
            #[sql_name = "group"]
            keyword -> Nullable<Text>,
        }
    }
}

on_each_server! {
    fn names_that_the_statements_use_themselves_are_names_like_others(database: &Database) {
        use taken::excluded::dsl as e;

        database.execute(
            "CREATE TABLE excluded (source bigint, target bigint, \"select\" text, c0 integer, c1 integer, nr integer, \
             PRIMARY KEY (source, target))",
        );
        let mut connection = database.connect();
        bulk_insert(e::excluded, (e::source, e::target)).rows([(1, 10)]).execute(&mut connection).unwrap();
        bulk_upsert(e::excluded, (e::source, e::target), (e::keyword, e::c1, e::nr))
            .rows([((1, 10), (Some("one"), Some(11), Some(12))), ((2, 20), (None, Some(21), Some(22)))])
            .execute(&mut connection)
            .unwrap();
        bulk_update(e::excluded, (e::target, e::source), (e::c0, e::keyword))
            .rows([((20, 2), (Some(23), Some("two")))])
            .execute(&mut connection)
            .unwrap();
        let outcome = bulk_update(e::excluded, e::source, (e::c1, e::c0))
            .unchanged((e::nr, e::keyword))
            .rows([(1, (Some(0), Some(1)), (Some(12), Some("one"))), (2, (None, None), (Some(12), Some("two")))])
            .execute(&mut connection)
            .unwrap();
        assert_eq!(outcome.missed, [2]);
        let shown = "SELECT concat_ws('|', source, target, \"select\", c0, c1, nr) FROM excluded ORDER BY source";
        assert_eq!(database.column(shown), ["1|10|one|1|0|12", "2|20|two|23|21|22"]);
    }

    fn tables_may_be_called_source_and_target(database: &Database) {
        use taken::{source, target};

        database.execute(
            "CREATE TABLE source (target bigint PRIMARY KEY, \"order\" text);
             CREATE TABLE target (source bigint PRIMARY KEY, \"group\" text)",
        );
        let mut connection = database.connect();
        for text in ["a", "b"] {
            bulk_upsert(source::table, source::target, source::keyword).rows([(1, Some(text))]).execute(&mut connection).unwrap();
            bulk_upsert(target::table, target::source, target::keyword).rows([(1, Some(text))]).execute(&mut connection).unwrap();
        }
        bulk_update(source::table, source::target, source::keyword).rows([(1, Some("c"))]).execute(&mut connection).unwrap();
        let outcome = bulk_update(target::table, target::source, target::keyword)
            .unchanged(target::keyword)
            .rows([(1, Some("d"), Some("b"))])
            .execute(&mut connection)
            .unwrap();
        assert_eq!(outcome.counts.written, 1);
        assert_eq!(database.column("SELECT \"order\" || \"group\" FROM source, target"), ["cd"]);
    }
}
