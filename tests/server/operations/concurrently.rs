//! What PostgreSQL does outside of transactions, and what it leaves behind when it does not get to its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use migrate_core::connection::Driver as _;
use migrate_core::operation::Index;
use migrate_core::prelude::*;
use migrate_core::runner::{Error, Event};
use migrate_core::{Migrator, Options};
use migrate_tests::testkit::{Database, History, Postgres, Step};

use super::journal::journal;

type Body = fn(&mut Context<'_, AnyConnection>) -> Result<()>;

/// A step outside a transaction that fails after its body, until it is told not to.
fn half_way(
    body: impl Fn(&mut Context<'_, AnyConnection>) -> Result<()> + Send + Sync + 'static,
) -> (Migrator<AnyConnection>, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&broken);
    let step = Step::new("a1").outside_transaction().up(move |cx| {
        body(cx)?;
        if told.load(Ordering::SeqCst) { Err(BodyError::new("half way")) } else { Ok(()) }
    });
    (History::new().with(step).migrator(), broken)
}

/// As a crash between the end of an operation and its row leaves it.
fn set_in_flight(database: &Database) {
    database.execute("UPDATE migrate_journal SET state = 'started', done_at = NULL");
}

fn oid(database: &Database, index: &str) -> String {
    database.one(&format!("SELECT '{index}'::regclass::oid::text"))
}

fn table_t(database: &Database) {
    database.execute(
        "CREATE EXTENSION IF NOT EXISTS pg_trgm; \
         CREATE TABLE gone (a integer); \
         CREATE TABLE t (dropped integer, a integer, b text COLLATE \"C\", c jsonb, \"d e\" text); \
         ALTER TABLE t DROP COLUMN dropped; INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y')",
    );
}

fn indexes() -> Vec<Index> {
    let on = |keys: Vec<_>| index("i").on("t", keys).concurrently();
    vec![
        on(vec![key("a")]),
        on(vec![key("a").desc().nulls_last(), key("b")]).unique(),
        on(vec![key_expression("lower(b)"), key("d e")]).filter("a > 0 AND b <> 'it''s'"),
        on(vec![key("b").opclass("gin_trgm_ops")]).gin().option("fastupdate", "off"),
        on(vec![key("b").opclass("text_pattern_ops")]),
        on(vec![key("b").collate("POSIX")]),
        on(vec![key("a")]).include(["b"]).option("fillfactor", "70"),
        on(vec![key("a")]).unique().nulls_not_distinct(),
        on(vec![key("a")]).brin(),
    ]
}

#[test]
fn an_index_that_was_finished_before_its_row_was_written_is_recognised() {
    for index in indexes() {
        let database = Postgres::shared().database();
        table_t(&database);
        let wanted = index.clone();
        let (migrator, broken) = half_way(move |cx| cx.create_index(wanted.clone()));
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(journal(&database), ["1 done create index i on t"]);
        let built = oid(&database, "i");
        set_in_flight(&database);
        broken.store(false, Ordering::SeqCst);
        migrator
            .upgrade(&mut database.connect(), "heads")
            .unwrap_or_else(|error| panic!("{error:?} {index:?}"));
        assert_eq!(oid(&database, "i"), built, "{index:?}");
    }
}

#[test]
fn an_index_of_that_name_that_is_another_one_is_an_error_each_time() {
    let all = indexes();
    for (number, index) in all.iter().enumerate() {
        let database = Postgres::shared().database();
        table_t(&database);
        let wanted = index.clone();
        let (migrator, broken) = half_way(move |cx| cx.create_index(wanted.clone()));
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        set_in_flight(&database);
        broken.store(false, Ordering::SeqCst);
        let mut other = all[(number + 1) % all.len()].clone();
        other.concurrently = false;
        let other = Operation::from(other);
        database.execute("DROP INDEX i");
        let pieces = other.render(Dialect::Postgres).unwrap();
        for piece in pieces {
            let migrate_core::operation::render::Piece::Statement(statement) = piece else {
                panic!("{piece:?}")
            };
            database.execute(&statement.sql);
        }
        for _ in 0..2 {
            let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
            let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
            let said = cause.to_string();
            assert!(
                said.starts_with("the index i is there with another definition: CREATE "),
                "{said} {index:?}"
            );
        }
    }
}

#[test]
fn an_index_that_is_gone_or_invalid_is_built_after_a_crash() {
    for harm in ["DROP INDEX i", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass"] {
        let database = Postgres::shared().database();
        table_t(&database);
        let (migrator, broken) = half_way(|cx| cx.create_index(index("i").on("t", ["a"]).concurrently()));
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let built = oid(&database, "i");
        set_in_flight(&database);
        database.execute(harm);
        broken.store(false, Ordering::SeqCst);
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_ne!(oid(&database, "i"), built);
        assert_eq!(
            database.one("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'i'::regclass"),
            "true"
        );
    }
}

#[test]
fn an_invalid_leftover_is_dropped_before_the_first_attempt_too() {
    for wanted in [
        index("i").on("t", ["a"]).unique().concurrently(),
        // The server itself would take the leftover for the index.
        index("i").on("t", ["a"]).unique().concurrently().if_not_exists(),
    ] {
        let database = Postgres::shared().database();
        table_t(&database);
        database.execute("INSERT INTO t (a) VALUES (1)");
        let mut connection = database.connect();
        connection.batch("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)").unwrap_err();
        database.execute("DELETE FROM t WHERE b IS NULL");
        let step = Step::new("a1").outside_transaction().up(move |cx| cx.create_index(wanted.clone()));
        History::new().with(step).migrator().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(
            database.one("SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'i'::regclass"),
            "true"
        );
    }
}

#[test]
fn an_index_that_was_there_before_is_an_error_each_time() {
    let database = Postgres::shared().database();
    table_t(&database);
    database.execute("CREATE INDEX i ON t (a)");
    let step = Step::new("a1")
        .outside_transaction()
        .up(|cx| cx.create_index(index("i").on("t", ["a"]).concurrently()));
    let migrator = History::new().with(step).migrator();
    for _ in 0..2 {
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(cause.source().unwrap().to_string(), "relation \"i\" already exists");
        assert_eq!(journal(&database), [""; 0], "the server said so: it is not in flight");
    }
}

#[test]
fn a_drop_that_was_in_flight_is_done_or_done_again() {
    for again in [false, true] {
        let database = Postgres::shared().database();
        table_t(&database);
        database.execute("CREATE INDEX i ON t (a)");
        let (migrator, broken) = half_way(|cx| cx.drop_index(concurrently("i"), "t"));
        migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        set_in_flight(&database);
        if again {
            database.execute("CREATE INDEX i ON t (a)");
        }
        broken.store(false, Ordering::SeqCst);
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(database.one("SELECT (to_regclass('i') IS NULL)::text"), "true");
    }
}

#[test]
fn a_drop_of_what_is_not_there_is_an_error_each_time() {
    let database = Postgres::shared().database();
    table_t(&database);
    let step = Step::new("a1").outside_transaction().up(|cx| cx.drop_index(concurrently("i"), "t"));
    let migrator = History::new().with(step).migrator();
    for _ in 0..2 {
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
        assert_eq!(cause.source().unwrap().to_string(), "index \"i\" does not exist");
    }
}

#[test]
fn the_copies_of_a_reindex_that_failed_are_dropped() {
    let targets: [Body; 2] = [
        |cx| cx.reindex_concurrently(ReindexTarget::Index("i".into())),
        |cx| cx.reindex_concurrently(ReindexTarget::Table("t".into())),
    ];
    for body in targets {
        let database = Postgres::shared().database();
        table_t(&database);
        database.execute(
            "CREATE INDEX i ON t (a); CREATE INDEX i_ccnew ON t (a); CREATE INDEX i_ccold1 ON t (a); \
             CREATE INDEX mine_ccnew ON t (a); CREATE INDEX elsewhere_ccnew ON gone (a); \
             UPDATE pg_index SET indisvalid = false WHERE indexrelid IN \
                 ('i_ccnew'::regclass, 'i_ccold1'::regclass, 'elsewhere_ccnew'::regclass)",
        );
        let before = oid(&database, "i");
        History::new()
            .with(Step::new("a1").outside_transaction().up(body))
            .migrator()
            .upgrade(&mut database.connect(), "heads")
            .unwrap();
        let left = database.column(
            "SELECT relname::text FROM pg_class JOIN pg_index ON indexrelid = oid \
             WHERE relname ~ '^(i|mine|elsewhere)' AND relnamespace = 'public'::regnamespace ORDER BY 1",
        );
        assert_eq!(left, ["elsewhere_ccnew", "i", "mine_ccnew"], "a valid one is somebody's");
        assert_ne!(oid(&database, "i"), before);
    }
}

fn impatient(body: Body) -> (Migrator<AnyConnection>, std::sync::mpsc::Receiver<Event>) {
    let migrator = History::new().with(Step::new("a1").outside_transaction().up(body)).migrator();
    let options =
        Options { lock_timeout: Some(Duration::from_millis(100)), retries: 0, ..migrator.options().clone() };
    let (sender, events) = std::sync::mpsc::channel();
    let migrator = migrator.with_options(options).on_event(move |event| {
        let _ = sender.send(event.clone());
    });
    (migrator, events)
}

#[test]
fn what_waits_without_harm_has_no_lock_timeout() {
    let bodies: [(Body, &str); 4] = [
        (
            |cx| cx.create_index(index("new").on("t", ["a"]).concurrently()),
            "BEGIN; INSERT INTO t (a) VALUES (3)",
        ),
        (|cx| cx.drop_index(concurrently("i"), "t"), "BEGIN; INSERT INTO t (a) VALUES (3)"),
        (
            |cx| cx.reindex_concurrently(ReindexTarget::Index("i".into())),
            "BEGIN; INSERT INTO t (a) VALUES (3)",
        ),
        (|cx| cx.validate_constraint("t", "positive"), "BEGIN; LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"),
    ];
    for (body, holds) in bodies {
        let database = Postgres::shared().database();
        table_t(&database);
        database.execute(
            "CREATE INDEX i ON t (a); ALTER TABLE t ADD CONSTRAINT positive CHECK (a > 0) NOT VALID",
        );
        let (migrator, _) = impatient(body);
        let mut blocker = database.connect();
        blocker.batch(holds).unwrap();
        let mut connection = database.connect();
        connection.batch("SET lock_timeout = '7s'").unwrap();
        std::thread::scope(|scope| {
            let connection = &mut connection;
            let run = scope.spawn(|| migrator.upgrade(connection, "heads"));
            std::thread::sleep(Duration::from_millis(600));
            assert!(!run.is_finished(), "it waits, for longer than the lock timeout");
            blocker.batch("COMMIT").unwrap();
            run.join().unwrap().unwrap();
        });
        let now = connection.query("SELECT current_setting('lock_timeout')", &[]).unwrap();
        assert_eq!(now[0][0].as_deref(), Some("7s"));
    }
}

#[test]
fn a_build_that_was_cancelled_is_done_by_the_next_run() {
    let database = Postgres::shared().database();
    table_t(&database);
    let step = Step::new("a1")
        .outside_transaction()
        .up(|cx| cx.create_index(index("i").on("t", ["a"]).concurrently()));
    let migrator = History::new().with(step).migrator();
    let patient = migrator.options().clone();
    let hasty = Options { statement_timeout: Some(Duration::from_millis(300)), ..patient.clone() };
    let mut snapshot = database.connect();
    snapshot.batch("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM pg_class LIMIT 1").unwrap();
    let migrator = migrator.with_options(hasty);
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause.source().unwrap().to_string(), "canceling statement due to statement timeout");
    let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'i'::regclass";
    assert_eq!(database.one(valid), "false", "as the server leaves it");
    snapshot.batch("COMMIT").unwrap();
    migrator.with_options(patient).upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(database.one(valid), "true");
}

#[test]
fn in_a_transaction_it_is_refused() {
    let database = Postgres::shared().database();
    table_t(&database);
    let step = Step::new("a1").up(|cx| cx.create_index(index("i").on("t", ["a"]).concurrently()));
    let error = History::new().with(step).migrator().upgrade(&mut database.connect(), "heads").unwrap_err();
    let Error::Stopped { cause, .. } = error else { panic!("{error:?}") };
    assert_eq!(cause.to_string(), "cannot create index i on t in a transaction");
}
