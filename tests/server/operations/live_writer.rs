//! Others go on writing while `cx.safely()` works, and would not while the plain operation does.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;
use migrate_tests::testkit::{Database, History, Postgres, Step};

type Body = fn(&mut Context<'_, AnyConnection>) -> Result<()>;

/// The longest that anybody may be kept from writing.
const MOMENT: Duration = Duration::from_secs(1);

/// Held by a test while the server reads the first row of a table with [`GATE`] in its condition.
const CLOSED: &str = "SELECT pg_advisory_lock(42)";

/// A function that waits at the row 1 for a test, wherever the server calls it: in the middle of a statement that
/// reads the whole table, under all the locks that the statement holds then.
const GATE: &str = "CREATE FUNCTION gate(id bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN \
     IF id = 1 THEN PERFORM pg_advisory_lock_shared(42); PERFORM pg_advisory_unlock_shared(42); END IF; \
     RETURN true; END $$";

/// Whether somebody else can insert while the server is in the middle of reading the table.
fn can_insert_meanwhile(body: Body) -> bool {
    let database = Postgres::shared().database();
    database.execute(GATE);
    database.execute("CREATE TABLE t (id bigint); INSERT INTO t VALUES (1), (2)");
    let migrator = History::new().with(Step::new("a1").outside_transaction().up(body)).migrator();
    let mut gate = database.connect();
    gate.batch(CLOSED).unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        let waits = "SELECT pid::text FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event = 'advisory'";
        crate::worker::wait_until("the server reads the table", || database.column(waits).len() == 1);
        let server = database.one(waits);
        let mut writer = database.connect();
        let inserted = writer.batch("SET lock_timeout = '500ms'; INSERT INTO t VALUES (3)").is_ok();
        if inserted {
            gate.batch("SELECT pg_advisory_unlock(42)").unwrap();
        } else {
            // It is the migration that keeps it from writing, and nothing else.
            let mut blocked = database.connect();
            let insert = scope.spawn(move || blocked.batch("INSERT INTO t VALUES (4)"));
            let by = "SELECT pg_blocking_pids(pid)::text FROM pg_stat_activity \
                 WHERE datname = current_database() AND query LIKE 'INSERT INTO t VALUES (4)%'";
            crate::worker::wait_until("the writer is blocked", || {
                database.column(by) == [format!("{{{server}}}")]
            });
            gate.batch("SELECT pg_advisory_unlock(42)").unwrap();
            insert.join().unwrap().unwrap();
        }
        run.join().unwrap().unwrap();
        inserted
    })
}

#[test]
fn a_writer_gets_in_while_a_constraint_is_validated_or_an_index_built() {
    assert!(can_insert_meanwhile(|cx| cx.safely().add_constraint("t", check("gate(id)"))));
    assert!(can_insert_meanwhile(|cx| {
        cx.safely().create_index(index("i").on("t", ["id"]).filter("gate(id)"))
    }));
}

#[test]
fn a_writer_does_not_get_in_while_the_plain_operation_reads_the_table() {
    assert!(!can_insert_meanwhile(|cx| cx.add_constraint("t", check("gate(id)"))));
    assert!(!can_insert_meanwhile(|cx| cx.create_index(index("i").on("t", ["id"]).filter("gate(id)"))));
}

#[test]
fn a_writer_waits_for_a_moment_only_behind_a_change_that_waits_for_a_reader() {
    let database = Postgres::shared().database();
    database.execute("CREATE TABLE t (id bigint, name text); INSERT INTO t VALUES (1, 'x')");
    let step = Step::new("a1").outside_transaction().up(|cx| cx.safely().set_not_null("t", "name"));
    let (sender, events) = std::sync::mpsc::channel();
    let migrator = History::new().with(step).migrator().on_event(move |event| {
        let _ = sender.send(event.clone());
    });
    let mut reader = database.connect();
    reader.batch("BEGIN; SELECT * FROM t").unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| migrator.upgrade(&mut database.connect(), "heads"));
        let mut waited_longest = Duration::ZERO;
        let mut writer = database.connect();
        // The change gives up at least once, lets everybody pass, and comes again.
        let retried = |event| matches!(event, migrate_core::runner::Event::RetryingOperation { .. });
        crate::worker::wait_until("the change gives up", || {
            let started = Instant::now();
            writer.batch("INSERT INTO t VALUES (2, 'y')").unwrap();
            waited_longest = waited_longest.max(started.elapsed());
            events.try_iter().any(retried)
        });
        reader.batch("COMMIT").unwrap();
        run.join().unwrap().unwrap();
        assert!(waited_longest < 2 * MOMENT, "{waited_longest:?}");
    });
    let sql = "SELECT attnotnull::text FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'name'";
    assert_eq!(database.one(sql), "true");
}

/// What a writer went through while a step ran.
#[derive(Debug)]
struct Experience {
    inserted: u64,
    /// The longest time that it waited for the migration at a stretch, as `pg_blocking_pids` has it.
    blocked: Duration,
}

fn large(database: &Database) {
    // What looks at each row sleeps for 1.5 s altogether, at the least.
    database.execute(
        "CREATE FUNCTION slow(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN \
             IF id % 20 = 0 THEN PERFORM pg_sleep(0.00015); END IF; RETURN id > 0; END $$; \
         CREATE TABLE teams (id bigint PRIMARY KEY); INSERT INTO teams SELECT generate_series(1, 100); \
         CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY, team_id bigint, note text); \
         INSERT INTO events (team_id, note) \
             SELECT 1 + n % 100, md5(n::text) FROM generate_series(1, 200000) AS n; \
         ANALYZE events",
    );
}

fn live(body: Body) -> Experience {
    let database = Postgres::shared().database();
    large(&database);
    let migrator = History::new().with(Step::new("a1").outside_transaction().up(body)).migrator();
    let (stop, inserted) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut writer = database.connect();
    let pid = writer.query("SELECT CAST(pg_backend_pid() AS text)", &[]).unwrap()[0][0].clone().unwrap();
    let mut migrating = database.connect();
    let migration =
        migrating.query("SELECT CAST(pg_backend_pid() AS text)", &[]).unwrap()[0][0].clone().unwrap();
    std::thread::scope(|scope| {
        let (stop, inserted) = (&stop, &inserted);
        scope.spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                writer.batch("INSERT INTO events (team_id, note) VALUES (1, md5(random()::text))").unwrap();
                inserted.fetch_add(1, Ordering::Relaxed);
            }
        });
        let database = &database;
        let watch = scope.spawn(move || {
            let mut watcher = database.connect();
            let sql = format!("SELECT CAST({migration} = ANY (pg_blocking_pids({pid})) AS text)");
            let (mut since, mut longest) = (None, Duration::ZERO);
            while !stop.load(Ordering::Relaxed) {
                let is_blocked = watcher.query(&sql, &[]).unwrap()[0][0].as_deref() == Some("true");
                since = is_blocked.then(|| since.unwrap_or_else(Instant::now));
                longest = longest.max(since.map_or(Duration::ZERO, |since| since.elapsed()));
                std::thread::sleep(Duration::from_millis(5));
            }
            longest
        });
        let outcome = migrator.upgrade(&mut migrating, "heads");
        stop.store(true, Ordering::Relaxed);
        let blocked = watch.join().unwrap();
        outcome.unwrap();
        Experience { inserted: inserted.load(Ordering::Relaxed), blocked }
    })
}

#[test]
fn a_live_writer_is_never_blocked_for_longer_than_a_moment() {
    let safely = live(|cx| {
        cx.safely().add_column("events", column("state", Text).not_null().default("new"))?;
        cx.safely().add_constraint("events", check("slow(id)"))?;
        cx.safely().set_not_null("events", "note")?;
        cx.safely().add_constraint("events", foreign_key(["team_id"], "teams", ["id"]))?;
        cx.safely().create_index(index("idx_events_note").on("events", ["note"]))?;
        cx.safely().add_constraint("events", unique(["id", "note"]))?;
        cx.safely().add_constraint("events", primary_key(["id"]))?;
        cx.safely().drop_index("idx_events_note", "events")
    });
    assert!(safely.blocked < MOMENT, "{safely:?}");
    assert!(safely.inserted > 100, "{safely:?}");
    let plainly = live(|cx| cx.add_constraint("events", check("slow(id)")));
    assert!(plainly.blocked > MOMENT, "{plainly:?}");
}
