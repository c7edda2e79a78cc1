//! Settings and connections.

use std::fs;
use std::path::Path;

use migrate_core::connection::{Dialect, UrlError, WaitError};

use super::{CommandError, ErrorKind, pages};
use crate::render::text::took;
use crate::settings::{Database, Origin, SettingsError};

/// How a URL looks, for those whose did not.
const FORMS: &str = "a URL looks like sqlite://app.db or postgres://user:password@host:5432/database";

/// Settings that name no database.
pub(crate) fn settings(error: &SettingsError, package: &str) -> CommandError {
    match error {
        SettingsError::Url { source, .. } => {
            advise(CommandError::new(ErrorKind::Connection, "bad_url", error).cause(source), source, package)
        }
        SettingsError::Safety { source } => CommandError::new(ErrorKind::Usage, "bad_safety", error)
            .cause(source)
            .hint("rules and levels look like drop-column=deny,json-column=allow")
            .hint(format_args!("the rules are in {}", pages::SAFETY)),
        SettingsError::Switch { .. } => {
            CommandError::new(ErrorKind::Usage, "bad_switch", error).hint("a switch is 1 or 0")
        }
        SettingsError::Time { .. } => {
            CommandError::new(ErrorKind::Usage, "bad_time", error).hint("a time looks like 30s, 2m or 90")
        }
        SettingsError::File { .. } => CommandError::new(ErrorKind::Connection, "bad_env_file", error)
            .hint("a value with spaces, `#` or `$` stands in single quotes: NAME='va lue'"),
    }
}

/// A database that did not open.
pub(crate) fn connecting(error: &UrlError, database: &Database, package: &str) -> CommandError {
    let told = unopened(error, database, package, "");
    let is_one_option_away = error.may_pass() && database.url.dialect() != Dialect::Sqlite;
    if is_one_option_away { told.hint("`--wait 60s` waits for a server that is starting") } else { told }
}

/// A server that was waited for and did not come, or that would not have us.
pub(crate) fn waiting(error: &WaitError, database: &Database, package: &str) -> CommandError {
    match error {
        WaitError::Final(error) => unopened(error, database, package, ""),
        WaitError::TimedOut { tries, waited, source } => {
            let how = format!(" within {}, in {}", took(*waited), tries_made(*tries));
            unopened(source, database, package, &how)
        }
        WaitError::Stopped { waited } => {
            let message = format!("asked to stop after waiting for {} for {}", database.url, took(*waited));
            CommandError::new(ErrorKind::Halted, "halted", message).hint("nothing was begun")
        }
        _ => CommandError::new(ErrorKind::Connection, "no_connection", error).sources(error),
    }
}

/// A failure to connect in a few words.
pub(crate) fn briefly(failure: Option<&UrlError>) -> String {
    match failure {
        Some(UrlError::Connect { reason, .. }) => {
            let line = reason.lines().next().unwrap_or(reason);
            let cause = line.rsplit_once(" failed: ").map_or(line, |(_, cause)| cause);
            cause.trim_start_matches("FATAL:").trim().to_owned()
        }
        Some(other) => other.to_string(),
        None => "no answer yet".to_owned(),
    }
}

fn tries_made(tries: u32) -> String {
    if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") }
}

fn unopened(error: &UrlError, database: &Database, package: &str, how: &str) -> CommandError {
    let UrlError::Connect { url, reason } = error else {
        return advise(CommandError::new(ErrorKind::Connection, "bad_url", error), error, package);
    };
    let message = format!("could not connect to {url}{how}");
    let told = CommandError::new(ErrorKind::Connection, "no_connection", message);
    let told = reason.lines().map(str::trim).filter(|line| !line.is_empty()).fold(told, CommandError::cause);
    let told = match database.url.dialect() {
        Dialect::Sqlite => file(told, database.url.sqlite_path()),
        _ => server(told, reason),
    };
    match &database.origin {
        Origin::Default => told.hint("nothing named a database: set DATABASE_URL or pass --database-url"),
        origin => told.hint(format_args!("the database was named by {origin}")),
    }
}

fn advise(told: CommandError, error: &UrlError, package: &str) -> CommandError {
    match error {
        UrlError::UnknownScheme { scheme } if matches!(scheme.as_str(), "mysql" | "mariadb") => {
            told.hint("MySQL and MariaDB are not supported yet; PostgreSQL and SQLite are")
        }
        UrlError::UnknownScheme { .. } | UrlError::Empty => told.hint(FORMS),
        UrlError::MissingFeature { feature, .. } => {
            let told = told.hint(format_args!("cargo run -p {package} --features {feature} -- <command>"));
            if *feature == "postgres" {
                told.hint("that needs the system's libpq; `--features postgres-bundled` builds it instead")
            } else {
                told
            }
        }
        _ => told,
    }
}

fn file(told: CommandError, path: Option<&str>) -> CommandError {
    let Some(path) = path.map(Path::new) else { return told };
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if path.is_dir() {
        told.hint(format_args!(
            "{0} is a directory: name a file in it, as in sqlite://{0}/app.db",
            path.display()
        ))
    } else if let Some(missing) = directory.filter(|directory| !directory.exists()) {
        told.hint(format_args!("the directory {} does not exist", missing.display()))
    } else if fs::metadata(path).is_ok_and(|file| file.permissions().readonly()) {
        told.hint(format_args!("{} is read-only", path.display()))
    } else {
        told.hint(format_args!("may this user read and write {}?", path.display()))
    }
}

fn server(told: CommandError, reason: &str) -> CommandError {
    const ADVICE: &[(&str, &str)] = &[
        ("password authentication failed", "user or password is wrong"),
        ("no password supplied", "the server wants a password: set it in the URL or as POSTGRES_PASSWORD"),
        ("could not translate host name", "the host name does not resolve from here"),
        ("does not exist", "create it first (createdb), or correct the name"),
        ("Connection refused", "is the server up, and is the port right?"),
        ("timeout expired", "does a firewall stand between here and the server?"),
        ("SSL", "add ?sslmode=require or ?sslmode=disable to the URL, as the server wants it"),
        ("too many clients", "the server has no connection left"),
        ("starting up", "the server is starting"),
    ];
    let found = ADVICE.iter().find(|(text, _)| reason.contains(text));
    told.hint(found.map_or("is the server up and reachable from here?", |(_, advice)| *advice))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use migrate_core::connection::DatabaseUrl;

    use super::*;

    fn database(url: &str) -> Database {
        Database { url: DatabaseUrl::parse(url).unwrap(), origin: Origin::Flag }
    }

    #[test]
    fn a_missing_feature_comes_with_the_command_that_adds_it() {
        let database = database("postgres://db/service");
        let error = UrlError::MissingFeature { dialect: Dialect::Postgres, feature: "postgres" };
        let told = connecting(&error, &database, "migrate-cli");
        assert_eq!(told.message, "this program was built without PostgreSQL support");
        assert_eq!(told.hints[0], "cargo run -p migrate-cli --features postgres -- <command>");
    }

    #[test]
    fn what_a_server_says_decides_the_advice() {
        let database = database("postgres://app:hunter2@db/service");
        for (reason, hint) in [
            ("FATAL:  password authentication failed for user \"app\"", "user or password is wrong"),
            (
                "FATAL:  database \"service\" does not exist",
                "create it first (createdb), or correct the name",
            ),
            ("something new", "is the server up and reachable from here?"),
        ] {
            let error = UrlError::Connect { url: database.url.to_string(), reason: reason.to_owned() };
            let told = connecting(&error, &database, "migrate-cli");
            assert_eq!(told.hints, [hint, "the database was named by --database-url"]);
            assert_eq!(told.message, "could not connect to postgres://app:***@db/service");
        }
    }

    #[test]
    fn a_server_that_may_come_has_the_option_that_waits_for_it() {
        let database = database("postgres://app:hunter2@db/service");
        let failed = |cause: &str| UrlError::Connect {
            url: database.url.to_string(),
            reason: format!("connection to server at \"db\" (10.0.0.2), port 5432 failed: {cause}"),
        };
        let refused = failed("Connection refused\n\tIs the server running on that host?");
        assert_eq!(
            connecting(&refused, &database, "migrate-cli").hints,
            [
                "is the server up, and is the port right?",
                "the database was named by --database-url",
                "`--wait 60s` waits for a server that is starting",
            ]
        );
        assert_eq!(briefly(Some(&refused)), "Connection refused");
        let starting = failed("FATAL:  the database system is starting up");
        assert_eq!(briefly(Some(&starting)), "the database system is starting up");
        assert_eq!(briefly(None), "no answer yet");

        let (tries, waited) = (31, Duration::from_millis(30_020));
        let told = waiting(
            &WaitError::TimedOut { tries, waited, source: refused.clone() },
            &database,
            "migrate-cli",
        );
        assert_eq!(
            told.message,
            "could not connect to postgres://app:***@db/service within 30.0 s, in 31 tries"
        );
        assert_eq!((told.kind, told.code), (ErrorKind::Connection, "no_connection"));
        assert_eq!(
            told.hints,
            ["is the server up, and is the port right?", "the database was named by --database-url"]
        );

        let told = waiting(&WaitError::Stopped { waited }, &database, "migrate-cli");
        assert_eq!(told.message, "asked to stop after waiting for postgres://app:***@db/service for 30.0 s");
        assert_eq!((told.kind, told.code), (ErrorKind::Halted, "halted"));
    }
}
