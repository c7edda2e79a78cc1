//! Who waits for which lock, tried out.

use migrate_core::connection::Driver as _;
use migrate_tests::locks::FIXTURE;
use migrate_tests::testkit::{LockMode, Postgres};

type Blocks = fn(LockMode) -> bool;

/// Statements, and the question whether they wait for a lock on `users`.
const STATEMENTS: [(&str, Blocks); 9] = [
    ("SELECT FROM users LIMIT 1", LockMode::blocks_reads),
    ("INSERT INTO users (id, email) VALUES (10000, 'new')", LockMode::blocks_writes),
    ("UPDATE users SET bio = '' WHERE id = 1", LockMode::blocks_writes),
    ("DELETE FROM users WHERE false", LockMode::blocks_writes),
    ("SELECT FROM users WHERE id = 1 FOR UPDATE", LockMode::blocks_row_locks),
    // The foreign key looks at the user, with a lock on its row.
    ("INSERT INTO memberships (user_id, role) VALUES (1, 'x')", LockMode::blocks_row_locks),
    ("ANALYZE users", LockMode::blocks_maintenance),
    ("ALTER TABLE users VALIDATE CONSTRAINT of_age", LockMode::blocks_maintenance),
    ("ALTER TABLE users SET (fillfactor = 90)", LockMode::blocks_maintenance),
];

fn check(server: &Postgres) {
    let database = server.database();
    database.execute(FIXTURE);
    database.execute("ALTER TABLE users ADD CONSTRAINT of_age CHECK (age >= 0) NOT VALID");
    let (mut holder, mut other) = (database.connect(), database.connect());
    other.batch("SET lock_timeout = '50ms'").unwrap();
    for mode in LockMode::ALL {
        holder.batch(&format!("BEGIN; LOCK TABLE users IN {mode} MODE")).unwrap();
        for (statement, blocks) in STATEMENTS {
            other.batch("BEGIN").unwrap();
            let outcome = other.batch(statement).map_err(|error| error.to_string());
            other.batch("ROLLBACK").unwrap();
            let expected =
                if blocks(mode) { Err("canceling statement due to lock timeout".to_owned()) } else { Ok(()) };
            assert_eq!(outcome, expected, "{statement} while somebody holds {mode}");
        }
        holder.batch("ROLLBACK").unwrap();
    }
}

#[test]
fn whoever_should_wait_waits_and_nobody_else() {
    check(Postgres::shared());
    check(Postgres::eighteen());
}

#[test]
fn a_mode_is_known_by_the_name_in_the_catalog() {
    let database = Postgres::shared().database();
    for mode in LockMode::ALL {
        let mut connection = database.connect();
        connection.batch(&format!("BEGIN; LOCK TABLE applied_log IN {mode} MODE")).unwrap();
        let held = connection
            .query(
                "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() \
                 AND relation = 'applied_log'::regclass",
                &[],
            )
            .unwrap();
        let held: Vec<_> = held.iter().map(|row| LockMode::from_catalog(row[0].as_ref().unwrap())).collect();
        assert_eq!(held, [Some(mode)]);
    }
    assert_eq!(LockMode::from_catalog("SIReadLock"), None);
}
