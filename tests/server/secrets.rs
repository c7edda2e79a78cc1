//! I9: a password never leaves, whatever goes wrong.

use migrate_core::connection::DatabaseUrl;
use migrate_core::runner::Error;
use migrate_tests::testkit::{History, Postgres, Step, connect};

use crate::worker;

const STRANGE: &str = r#"p%41@:/'"\ ?#&=ss"#;

/// Every text that an attempt to use the URL brings forth.
fn texts(url: &str) -> Vec<String> {
    let mut texts = Vec::new();
    match DatabaseUrl::parse(url) {
        Ok(parsed) => {
            texts.extend([parsed.to_string(), format!("{parsed:?}"), format!("{parsed:#?}")]);
            match parsed.connect() {
                Ok(_) => texts.push("connected".to_owned()),
                Err(error) => texts.extend([error.to_string(), format!("{error:?}")]),
            }
        }
        Err(error) => texts.extend([error.to_string(), format!("{error:?}")]),
    }
    let worker = worker::run(url, &["upgrade", "heads"]);
    texts.extend([worker.stdout, worker.stderr]);
    texts
}

#[track_caller]
fn assert_hidden(url: &str, secrets: &[&str]) {
    for text in texts(url) {
        for secret in secrets {
            assert!(!text.contains(secret), "`{secret}` shows in: {text}");
        }
    }
}

#[test]
fn a_wrong_password_is_not_shown() {
    let port = Postgres::shared().port();
    assert_hidden(&format!("postgres://postgres:hunter2@127.0.0.1:{port}/postgres"), &["hunter2"]);
    assert_hidden(
        &format!("host=127.0.0.1 port={port} user=postgres password=hunter2 dbname=postgres"),
        &["hunter2"],
    );
    assert_hidden(&format!("postgres://postgres@127.0.0.1:{port}/postgres?password=hunter2"), &["hunter2"]);
}

#[test]
fn a_wrong_host_port_or_database_does_not_show_the_password() {
    let port = Postgres::shared().port();
    for url in [
        "postgres://app:hunter2@no-such-host.invalid/db".to_owned(),
        "postgres://app:hunter2@127.0.0.1:1/db".to_owned(),
        "postgres://app:hunter2@127.0.0.1:notaport/db".to_owned(),
        format!("postgres://postgres:hunter2@127.0.0.1:{port}/no_such_database"),
    ] {
        assert_hidden(&url, &["hunter2"]);
    }
}

#[test]
fn a_malformed_url_does_not_show_the_password() {
    for url in [
        "postgres://app:hunter2@[::1/db",
        "postgres://app:hunter2@host/db?no_such_option=1",
        "postgres://app:hun%zzter2@host/db",
        "postgres:/app:hunter2@host/db",
        "postgres//app:hunter2@host/db",
        "postgress://app:hunter2@host/db",
        "app:hunter2@host/db",
        "host=db no_such_option=1 password=hunter2",
        "host=db password='hunter2",
        "host=db password = hunter2 no_such_option=1",
        "postgres://app:hunter2@/var/run@x:y/db",
        "postgres://app:hunter2@host:5432:5433/db",
    ] {
        assert_hidden(url, &["hunter2", "hun%zzter2", "zzter2"]);
    }
}

#[test]
fn a_password_of_strange_characters_works_and_is_not_shown() {
    let database = Postgres::shared().database();
    database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC; GRANT INSERT ON applied_log TO PUBLIC");
    let url = database.login(STRANGE);
    let migrator = History::chain(&["a1"]).migrator();
    migrator.upgrade(&mut connect(&url), "heads").unwrap();
    let parsed = DatabaseUrl::parse(&url).unwrap();
    let (_, rest) = url.split_once("://").unwrap();
    let (user, rest) = rest.split_once(':').unwrap();
    let (encoded, location) = rest.rsplit_once('@').unwrap();
    for text in [parsed.to_string(), format!("{parsed:?}")] {
        assert!(!text.contains(STRANGE) && !text.contains(encoded), "{text}");
        assert!(text.contains(location), "{text}");
    }
    // The same from parts, where nothing is encoded.
    let (address, name) = location.split_once('/').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let parts = DatabaseUrl::postgres_parts(Some(host), Some(port), Some(name), Some(user), Some(STRANGE));
    let mut connection = parts.connect().unwrap();
    assert!(migrator.upgrade(&mut connection, "heads").unwrap().steps.is_empty());
    assert!(!format!("{parts} {parts:?}").contains(STRANGE));
    let wrong =
        DatabaseUrl::postgres_parts(Some(host), Some(port), Some("nowhere"), Some(user), Some(STRANGE));
    let error = wrong.connect().err().unwrap();
    assert!(!format!("{error} {error:?}").contains(STRANGE), "{error}");
}

#[test]
fn the_errors_of_a_run_and_the_ledger_hold_no_password() {
    let database = Postgres::shared().database();
    let migrator = History::new().with(Step::new("a1").up(|cx| cx.execute("SELECT 1/0"))).migrator();
    let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
    assert!(matches!(error, Error::Stopped { .. }));
    let (_, password) = Postgres::superuser();
    let details = database.rows("SELECT event::text FROM migrate_event AS event");
    assert!(!format!("{error} {error:?} {details:?}").contains(password));
}
