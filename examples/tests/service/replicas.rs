//! Eight replicas on one empty PostgreSQL database, the first table of which takes five seconds to create.
//!
//! The database is what is slow, by an event trigger, so that the service runs as it is shipped.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use migrate_tests::testkit::{Database, Postgres};
use serde_json::json;

use super::process::{Service, get, until};
use super::{all_applied, revisions};
use crate::connections::empty;

const REPLICAS: usize = 8;

/// Less than the five seconds by what a busy machine may lose between two looks.
const NEARLY: Duration = Duration::from_secs(4);

/// Whoever creates the table `users` sleeps, and says so: a sequence counts also what is rolled back.
const SLOWNESS: &str = "CREATE SEQUENCE public.attempts; \
     CREATE FUNCTION public.slowly() RETURNS event_trigger LANGUAGE plpgsql AS $$ \
     BEGIN IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.users') THEN \
     PERFORM nextval('public.attempts'); PERFORM pg_sleep(5); END IF; END $$; \
     CREATE EVENT TRIGGER slowly ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.slowly()";

fn slow_database() -> Database {
    let database = Postgres::shared().database();
    empty(&database);
    database.execute(SLOWNESS);
    database
}

fn attempts(database: &Database) -> String {
    database.one("SELECT CASE WHEN is_called THEN last_value ELSE 0 END::text FROM public.attempts")
}

/// The replica that is asleep within its migration.
fn sleeping(database: &Database) -> Option<String> {
    let names = database.column(
        "SELECT application_name FROM pg_stat_activity \
         WHERE wait_event = 'PgSleep' AND datname = current_database()",
    );
    assert!(names.len() <= 1, "two replicas run the same step: {names:?}");
    names.into_iter().next()
}

fn assert_each_revision_ran_once(database: &Database) {
    assert_eq!(database.ledger(), all_applied());
    let mut events = database.events();
    events.sort();
    let mut once: Vec<_> = revisions().iter().map(|revision| format!("upgrade {revision}")).collect();
    once.sort();
    assert_eq!(events, once);
}

struct Replica {
    name: String,
    service: Service,
    address: String,
}

/// Starts them at once; the server knows each by its name.
fn start(database: &Database) -> Vec<Replica> {
    let started = (0..REPLICAS).map(|number| {
        let name = format!("replica-{number}");
        let url = format!("{}?application_name={name}", database.url());
        (name, Service::start(&[("DATABASE_URL", &url)]))
    });
    let listening = |(name, mut service): (String, Service)| {
        let address = service.address();
        Replica { name, service, address }
    };
    started.collect::<Vec<_>>().into_iter().map(listening).collect()
}

/// Waits until one of them is in the middle of the slow migration.
fn busy(database: &Database) -> String {
    let mut name = None;
    until("a replica creates users", || {
        name = sleeping(database);
        name.is_some()
    });
    name.expect("a name")
}

fn become_healthy(replicas: &[Replica]) {
    for replica in replicas {
        until("all are healthy", || get(&replica.address, "/health").0 == 200);
    }
}

fn end(replicas: Vec<Replica>) {
    for replica in &replicas {
        replica.service.signal("TERM");
    }
    for replica in replicas {
        let ended = replica.service.ended();
        assert_eq!(ended.status.code(), Some(0), "{}: {}", replica.name, ended.log);
    }
}

#[test]
fn all_become_healthy_and_each_revision_ran_once() {
    let database = slow_database();
    let replicas = start(&database);
    busy(&database);
    let slow_since = Instant::now();
    // All of them answer meanwhile, and say that they are not ready.
    for replica in &replicas {
        let (code, body) = get(&replica.address, "/health");
        assert_eq!((code, body["status"].as_str()), (503, Some("behind")), "{body}");
        let turned_away = json!({ "error": "the database is being migrated; try again in a moment" });
        assert_eq!(get(&replica.address, "/characters"), (503, turned_away));
    }
    become_healthy(&replicas);
    for replica in &replicas {
        until("all serve", || get(&replica.address, "/characters") == (200, json!([])));
    }
    assert!(slow_since.elapsed() > NEARLY, "the migration was not slow");
    assert_eq!(attempts(&database), "1");
    assert_each_revision_ran_once(&database);
    end(replicas);
}

#[test]
fn all_others_become_healthy_when_the_one_that_migrates_is_killed() {
    let database = slow_database();
    let mut replicas = start(&database);
    let name = busy(&database);
    let at = replicas.iter().position(|replica| replica.name == name).expect("one of the eight");
    let killed = replicas.swap_remove(at);
    killed.service.signal("KILL");
    assert_eq!(killed.service.ended().status.code(), None);

    become_healthy(&replicas);
    assert_eq!(attempts(&database), "2", "another replica did what the killed one had begun");
    assert_each_revision_ran_once(&database);
    end(replicas);
}

#[test]
fn one_that_waits_for_another_ends_at_once_and_the_other_after_its_step() {
    let database = slow_database();
    let replicas = start(&database);
    let (name, since) = (busy(&database), Instant::now());
    let (migrating, waiting): (Vec<_>, Vec<_>) =
        replicas.into_iter().partition(|replica| replica.name == name);
    end(waiting);
    assert!(since.elapsed() < NEARLY, "{:?}", since.elapsed());
    assert_eq!(sleeping(&database), Some(name), "the step goes on");
    end(migrating);
    assert_eq!(database.ledger(), ["4b1f0c7a92de applied"]);
    assert_eq!(database.events(), ["upgrade 4b1f0c7a92de"]);
}

#[test]
fn a_second_signal_ends_a_service_in_the_middle_of_a_step_at_once() {
    let database = slow_database();
    let mut service = Service::start(&[("DATABASE_URL", database.url())]);
    let address = service.address();
    busy(&database);
    let since = Instant::now();
    service.signal("TERM");
    until("it does not listen any more", || TcpStream::connect(&address).is_err());
    assert!(sleeping(&database).is_some(), "the step goes on");
    service.signal("TERM");
    let ended = service.ended();
    assert_eq!(ended.status.code(), Some(143), "{}", ended.log);
    assert!(ended.log.contains("another signal ends the service at once"), "{}", ended.log);
    assert!(since.elapsed() < NEARLY, "{:?}", since.elapsed());
    until("the server has noticed", || sleeping(&database).is_none());
    assert!(!database.has_table("users"), "the server takes the step back");
    assert_eq!(database.ledger(), [] as [&str; 0]);
}
