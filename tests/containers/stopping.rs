//! `docker stop` in the middle.

use diesel::connection::SimpleConnection as _;
use migrate_core::AnyConnection;
use migrate_tests::testkit::{Database, Postgres};

use crate::project::{Project, empty};
use crate::running::until;

/// The backfill of the example, and what is right below it.
const BACKFILL: &str = "91c5f2a83b6d";
const BELOW: &str = "6e1b94d07c3a";

/// A transaction that keeps others from what the SQL locks, until it is dropped.
fn holding(database: &Database, sql: &str) -> AnyConnection {
    let mut connection = database.connect();
    connection.batch_execute(&format!("BEGIN; {sql}")).unwrap();
    connection
}

fn waits_for_a_lock(database: &Database) -> bool {
    let waiting = "SELECT CAST(count(*) AS text) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    database.one(waiting) != "0"
}

#[test]
fn a_step_is_finished_before_the_container_stops() {
    let server = Postgres::shared();
    let database = empty(server);
    let project = Project::on(server, &database);
    project.exec("app", &["migrate", "upgrade", "4b1f0c7a92de"]).finish().with_code(0);

    let holder = holding(&database, "LOCK TABLE users IN ACCESS SHARE MODE");
    let mut migrate = project.up("migrate");
    until("a step that waits", || waits_for_a_lock(&database));
    migrate.terminate();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(migrate.is_running(), "the step is not left half done");
    drop(holder);
    let ended = migrate.finish().with_code(16);
    assert!(ended.stderr.contains("Stopping after this batch or step"), "{}", ended.stderr);
    assert_eq!(database.ledger(), ["4b1f0c7a92de applied", "8e3d5a61c0f4 applied"]);

    project.up("migrate").finish().with_code(0);
    assert_eq!(database.ledger().len(), migrations_crate::MANIFEST.revisions().len());
}

#[test]
fn a_backfill_goes_on_where_the_container_was_stopped() {
    const ROWS: u32 = 30_000;
    let server = Postgres::shared();
    let database = empty(server);
    let project = Project::on(server, &database);
    project.exec("app", &["migrate", "upgrade", BELOW]).finish().with_code(0);
    fill(&database, ROWS);

    // The rows behind the first batches are held: the backfill comes to them and waits.
    let holder = holding(&database, "SELECT FROM messages WHERE id > 15000 FOR UPDATE");
    let migrate = project.up("migrate");
    until("a batch that waits", || waits_for_a_lock(&database));
    migrate.terminate();
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(holder);
    migrate.finish().with_code(16);
    let left = |database: &Database| -> u32 {
        database.one("SELECT CAST(count(*) AS text) FROM messages WHERE content IS NULL").parse().unwrap()
    };
    let rest = left(&database);
    assert!(rest > 0 && rest < ROWS, "{rest} rows are left");
    assert!(!database.ledger().contains(&format!("{BACKFILL} applied")));

    // The column that was filled is the one that is left: the last revision drops the other.
    let ended = project.up("migrate").finish().with_code(0);
    assert_eq!(left(&database), 0, "{}", ended.stderr);
    assert_eq!(database.ledger().len(), migrations_crate::MANIFEST.revisions().len());
    let done =
        format!("SELECT CAST(sum(row_count) AS text) FROM migrate_checkpoint WHERE revision = '{BACKFILL}'");
    assert_eq!(database.one(&done), ROWS.to_string(), "no row was done twice");
}

fn fill(database: &Database, rows: u32) {
    database.execute(&format!(
        "INSERT INTO users (email, display_name) VALUES ('ada@example.org', 'Ada');
         INSERT INTO characters (slug, name) VALUES ('elena', 'Elena');
         INSERT INTO conversations (user_id, character_id) SELECT users.id, characters.id FROM users, characters;
         INSERT INTO messages (conversation_id, role, body)
         SELECT conversations.id, 'user', 'hello ' || number FROM conversations, generate_series(1, {rows}) AS number"
    ));
}
