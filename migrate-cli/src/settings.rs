//! Where the database is: the command line, the environment, `.env`, or the default.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_core::connection::{DatabaseUrl, UrlError};
use migrate_core::safety::{LevelError, Levels};

use crate::args::duration;
use crate::ui::World;

/// The database when nothing names one.
pub const DEFAULT_URL: &str = "sqlite://migrate.db";

/// The variable with the levels of the safety rules.
pub const SAFETY: &str = "MIGRATE_SAFETY";

/// The variable that has an upgrade leave backfills for later.
pub const DEFER_BACKFILLS: &str = "MIGRATE_DEFER_BACKFILLS";

/// The variable that has an upgrade begin in a database that holds tables and no ledger.
pub const ALLOW_TABLES: &str = "MIGRATE_ALLOW_TABLES";

/// The variable that says how long to wait for a server that is not there yet.
pub const WAIT: &str = "MIGRATE_WAIT";

/// The variables that together name a PostgreSQL database.
const PARTS: [&str; 5] =
    ["POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD"];

/// A database and who named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
    /// Who said so.
    pub origin: Origin,
}

/// Who named the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `--database-url`.
    Flag,
    /// Variables, and the `.env` file that some of them came from.
    Variables {
        /// Their names.
        names: Vec<&'static str>,
        /// The file, when one was needed.
        file: Option<PathBuf>,
    },
    /// Nobody: [`DEFAULT_URL`].
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("--database-url"),
            Self::Variables { names, file } => {
                f.write_str(&names.join(", "))?;
                file.as_ref().map_or(Ok(()), |file| write!(f, " in {}", file.display()))
            }
            Self::Default => f.write_str("the default"),
        }
    }
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The URL is not understood.
    #[error("the database URL from {origin} cannot be used")]
    Url {
        /// Who named it.
        origin: Origin,
        /// What is wrong with it.
        source: UrlError,
    },
    /// The levels of the safety rules are not understood.
    #[error("{SAFETY} cannot be read")]
    Safety {
        /// What is wrong with them.
        source: LevelError,
    },
    /// A variable that is a switch is neither on nor off.
    #[error("{name} is `{value}`, which is neither on nor off")]
    Switch {
        /// The variable.
        name: &'static str,
        /// What it is set to.
        value: String,
    },
    /// A variable that is a time cannot be read.
    #[error("{name} is `{value}`, which is no time")]
    Time {
        /// The variable.
        name: &'static str,
        /// What it is set to.
        value: String,
    },
    /// `.env` is not understood. The line is not shown: it may hold a password.
    #[error("{} cannot be read: a line is not `NAME=value`, or a quote is not closed", path.display())]
    File {
        /// The file.
        path: PathBuf,
    },
    /// `.env` could not be read, or is not UTF-8.
    #[error("{} cannot be read", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Finds the database.
///
/// First comes `flag`, then the real environment, then the `.env` file of the current directory or the nearest
/// one above, and within each `DATABASE_URL` before the `POSTGRES_*` variables. Variables that only complete
/// the latter (a password beside a host, say) may come from `.env`. An empty variable counts as not set, but an empty
/// `DATABASE_URL` is refused where nothing else names a database: what was to fill it has failed, and the default would
/// be a database that nobody looks for.
///
/// A relative path begins at the current directory. In a `.env` further up it begins there, so that a project has one
/// database, wherever in it a command runs.
pub fn database(world: &World, flag: Option<&str>) -> Result<Database, SettingsError> {
    if let Some(flag) = flag {
        return parse(flag, Origin::Flag);
    }
    let real = |name: &str| world.variable(name).map(ToOwned::to_owned);
    if let Some(url) = real("DATABASE_URL") {
        return parse(&url, Origin::Variables { names: vec!["DATABASE_URL"], file: None });
    }
    let (file, written) = dot_env(&world.directory)?;
    let is_empty_in_file = written.get("DATABASE_URL").is_some_and(String::is_empty);
    let written = |name: &str| written.get(name).filter(|value| !value.is_empty()).cloned();
    let names_one =
        |lookup: &dyn Fn(&str) -> Option<String>| PARTS[..4].iter().any(|name| lookup(name).is_some());
    if !names_one(&real)
        && let Some(url) = written("DATABASE_URL")
    {
        let elsewhere = file.as_deref().and_then(Path::parent).filter(|home| *home != world.directory);
        let origin = Origin::Variables { names: vec!["DATABASE_URL"], file: file.clone() };
        let mut database = parse(&url, origin)?;
        if let Some(home) = elsewhere {
            database.url = database.url.relative_to(home);
        }
        return Ok(database);
    }
    let both = |name: &str| real(name).or_else(|| written(name));
    if !names_one(&both) {
        let is_empty = world.variables.get("DATABASE_URL").is_some_and(String::is_empty);
        if is_empty || is_empty_in_file {
            let file = file.filter(|_| !is_empty);
            return parse("", Origin::Variables { names: vec!["DATABASE_URL"], file });
        }
        return parse(DEFAULT_URL, Origin::Default);
    }
    let names: Vec<_> = PARTS.into_iter().filter(|name| both(name).is_some()).collect();
    let file = file.filter(|_| names.iter().any(|name| real(name).is_none()));
    let [host, port, name, user, password] = PARTS.map(both);
    let url = DatabaseUrl::postgres_parts(
        host.as_deref(),
        port.as_deref(),
        name.as_deref(),
        user.as_deref(),
        password.as_deref(),
    );
    Ok(Database { url, origin: Origin::Variables { names, file } })
}

/// The levels of the safety rules: those of the variable [`SAFETY`], and then those of the command line.
pub fn safety(world: &World, flags: &[Levels]) -> Result<Levels, SettingsError> {
    let written = world.variable(SAFETY).unwrap_or_default();
    let mut levels: Levels = written.parse().map_err(|source| SettingsError::Safety { source })?;
    for later in flags {
        levels.extend(later);
    }
    Ok(levels)
}

/// Whether a switch is on: what the command line says, or else the variable.
pub fn switch(world: &World, name: &'static str, flag: Option<bool>) -> Result<bool, SettingsError> {
    let Some(value) = world.variable(name).filter(|_| flag.is_none()) else {
        return Ok(flag.unwrap_or_default());
    };
    match value.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(SettingsError::Switch { name, value: value.to_owned() }),
    }
}

/// How long to wait for a server that is not there yet: what the command line says, or else the variable [`WAIT`].
pub fn wait(world: &World, flag: Option<Duration>) -> Result<Option<Duration>, SettingsError> {
    let Some(value) = world.variable(WAIT).filter(|_| flag.is_none()) else { return Ok(flag) };
    let failed = |_| SettingsError::Time { name: WAIT, value: value.to_owned() };
    duration(value).map(Some).map_err(failed)
}

fn parse(text: &str, origin: Origin) -> Result<Database, SettingsError> {
    match DatabaseUrl::parse(text) {
        Ok(url) => Ok(Database { url, origin }),
        Err(source) => Err(SettingsError::Url { origin, source }),
    }
}

/// The variables of the nearest `.env`, without touching the environment.
fn dot_env(directory: &Path) -> Result<(Option<PathBuf>, BTreeMap<String, String>), SettingsError> {
    let Some(path) =
        directory.ancestors().map(|directory| directory.join(".env")).find(|path| path.is_file())
    else {
        return Ok((None, BTreeMap::new()));
    };
    let failed = |error: dotenvy::Error| match error {
        dotenvy::Error::Io(source) => SettingsError::NoText { path: path.clone(), source },
        _ => SettingsError::File { path: path.clone() },
    };
    let variables =
        dotenvy::from_path_iter(&path).map_err(failed)?.collect::<Result<_, _>>().map_err(failed)?;
    Ok((Some(path), variables))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn world(directory: &Path, variables: &[(&str, &str)]) -> World {
        World {
            variables: variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            directory: directory.to_owned(),
            now: SystemTime::UNIX_EPOCH,
            stdin: Box::new(io::empty()),
            stdin_is_terminal: false,
            signals: crate::ui::Signals::Left,
        }
    }

    fn found(dot_env: &str, variables: &[(&str, &str)], flag: Option<&str>) -> String {
        let directory = tempfile::tempdir().unwrap();
        let below = directory.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        if !dot_env.is_empty() {
            std::fs::write(directory.path().join(".env"), dot_env).unwrap();
        }
        match database(&world(&below, variables), flag) {
            Ok(Database { url, origin }) => format!("{url} from {origin}"),
            Err(error) => format!("{error}"),
        }
        .replace(&directory.path().display().to_string(), "ROOT")
    }

    #[test]
    fn an_empty_url_is_no_reason_to_take_the_default() {
        let refused = "the database URL from DATABASE_URL cannot be used";
        assert_eq!(found("", &[("DATABASE_URL", "")], None), refused);
        let refused = "the database URL from DATABASE_URL in ROOT/.env cannot be used";
        assert_eq!(found("DATABASE_URL=", &[], None), refused);
        assert_eq!(found("DATABASE_URL=", &[], Some("sqlite://x.db")), "sqlite://x.db from --database-url");
    }

    #[test]
    fn the_nearest_word_wins() {
        let url = ("DATABASE_URL", "postgres://real/db");
        let host = ("POSTGRES_HOST", "realhost");
        let file = "DATABASE_URL=postgres://written/db\nPOSTGRES_HOST=writtenhost\nPOSTGRES_USER=u\n";
        for (dot_env, variables, flag, expected) in [
            ("", vec![], None, "sqlite://migrate.db from the default"),
            (file, vec![url, host], Some("sqlite://x.db"), "sqlite://x.db from --database-url"),
            (file, vec![url, host], None, "postgres://real/db from DATABASE_URL"),
            (file, vec![host], None, "postgres://u@realhost from POSTGRES_HOST, POSTGRES_USER in ROOT/.env"),
            (file, vec![], None, "postgres://written/db from DATABASE_URL in ROOT/.env"),
            (file, vec![("DATABASE_URL", "")], None, "postgres://written/db from DATABASE_URL in ROOT/.env"),
            ("", vec![("DATABASE_URL", ""), host], None, "postgres://realhost from POSTGRES_HOST"),
            ("", vec![host], None, "postgres://realhost from POSTGRES_HOST"),
            ("POSTGRES_PASSWORD=secret", vec![], None, "sqlite://migrate.db from the default"),
        ] {
            assert_eq!(found(dot_env, &variables, flag), expected);
        }
    }

    #[test]
    fn a_relative_path_begins_where_the_file_is_that_has_it() {
        let relative = "sqlite://app.db";
        let written = format!("DATABASE_URL={relative}\n");
        assert_eq!(found(&written, &[], None), "sqlite://ROOT/app.db from DATABASE_URL in ROOT/.env");
        assert_eq!(found(&written, &[("DATABASE_URL", relative)], None), "sqlite://app.db from DATABASE_URL");
        assert_eq!(found(&written, &[], Some(relative)), "sqlite://app.db from --database-url");
        let absolute = "DATABASE_URL=sqlite:///srv/app.db\n";
        assert_eq!(found(absolute, &[], None), "sqlite:///srv/app.db from DATABASE_URL in ROOT/.env");

        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(".env"), &written).unwrap();
        let here = database(&world(directory.path(), &[]), None).unwrap();
        assert_eq!(here.url.to_string(), relative, "nothing changes where the file is beside");
    }

    #[test]
    fn a_password_may_hold_any_character_and_is_never_shown() {
        let variables = [
            ("POSTGRES_HOST", "db"),
            ("POSTGRES_PORT", "5433"),
            ("POSTGRES_DB", "service"),
            ("POSTGRES_USER", "app"),
            ("POSTGRES_PASSWORD", "p%a@s:s/w'o\\r d#"),
        ];
        assert_eq!(
            found("", &variables, None),
            "postgres://app:***@db:5433/service from POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, \
             POSTGRES_PASSWORD"
        );
    }

    #[test]
    fn a_switch_is_on_or_off_and_the_command_line_wins() {
        let directory = tempfile::tempdir().unwrap();
        let told = |value: &str, flag| {
            switch(&world(directory.path(), &[(DEFER_BACKFILLS, value)]), DEFER_BACKFILLS, flag)
                .map_err(|error| error.to_string())
        };
        for (value, flag, expected) in [
            ("", None, false),
            ("1", None, true),
            ("True", None, true),
            ("off", None, false),
            ("1", Some(false), false),
            ("0", Some(true), true),
            ("later", Some(true), true),
        ] {
            assert_eq!(told(value, flag), Ok(expected), "{value}, {flag:?}");
        }
        let error = told("later", None).unwrap_err();
        assert_eq!(error, "MIGRATE_DEFER_BACKFILLS is `later`, which is neither on nor off");
    }

    #[test]
    fn a_wait_is_a_time_and_the_command_line_wins() {
        let directory = tempfile::tempdir().unwrap();
        let told = |value: &str, flag| {
            wait(&world(directory.path(), &[(WAIT, value)]), flag).map_err(|error| error.to_string())
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(told("", None), Ok(None));
        assert_eq!(told("60", None), Ok(seconds(60)));
        assert_eq!(told("2m", seconds(5)), Ok(seconds(5)));
        assert_eq!(told("soon", seconds(5)), Ok(seconds(5)));
        assert_eq!(told("soon", None).unwrap_err(), "MIGRATE_WAIT is `soon`, which is no time");
    }

    #[test]
    fn a_broken_file_is_named_without_its_line() {
        let message = found("POSTGRES_PASSWORD='hunter2", &[], None);
        assert_eq!(message, "ROOT/.env cannot be read: a line is not `NAME=value`, or a quote is not closed");
        assert_eq!(
            found("POSTGRES_PASSWORD='hunter2", &[("DATABASE_URL", "sqlite:x")], None),
            "sqlite:x from DATABASE_URL"
        );
    }
}
