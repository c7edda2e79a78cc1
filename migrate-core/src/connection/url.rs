use std::fmt;
use std::time::Duration;

use diesel::Connection as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::conninfo::{self, Shown, quote};
use super::{AnyConnection, Dialect};

/// Where a database is, with its password kept out of sight (I9).
///
/// Accepted: `sqlite://relative.db`, `sqlite:///absolute.db`, `sqlite::memory:`, `file:…` (SQLite's own URI
/// form), `postgres://…` and `postgresql://…` as libpq takes them, and libpq's `key=value` form.
/// `Debug` and `Display` show the URL with the password replaced by `***`; so do the errors of
/// [`connect`](Self::connect). With the feature `r2d2` it is the manager of a pool.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    dialect: Dialect,
    /// What the driver is given.
    target: String,
    /// What people are shown.
    shown: String,
    /// Every spelling of the password that must not leave, the longest first.
    secrets: Vec<String>,
}

/// Why a database URL was not understood, or could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// The URL is empty.
    #[error("the database URL is empty")]
    Empty,
    /// The scheme names no server that this framework knows.
    #[error("`{scheme}` is not a database URL scheme this program knows")]
    UnknownScheme {
        /// The scheme, without `://`.
        scheme: String,
    },
    /// The scheme is known, but this binary was built without its feature.
    #[error("this program was built without {dialect} support")]
    MissingFeature {
        /// The server.
        dialect: Dialect,
        /// The cargo feature that adds it.
        feature: &'static str,
    },
    /// The server or the file did not open.
    #[error("could not connect to {url}: {reason}")]
    Connect {
        /// The URL without its password.
        url: String,
        /// What the driver said, without the password.
        reason: String,
    },
}

impl DatabaseUrl {
    /// Reads a URL; nothing is opened.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err(UrlError::Empty) } else { Ok(Self::sqlite(path, text)) };
        }
        if text.starts_with("file:") || text == ":memory:" {
            return Ok(Self::sqlite(text, text));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::postgres(text.to_owned(), conninfo::of_url(text)));
        }
        match text.split_once(':') {
            Some((scheme, _)) if !scheme.contains(['=', '/', '.', ' ']) => {
                Err(UrlError::UnknownScheme { scheme: scheme.to_owned() })
            }
            _ if text.contains('=') => Ok(Self::postgres(text.to_owned(), conninfo::of_pairs(text))),
            _ => Err(UrlError::UnknownScheme {
                scheme: text.split([':', '/', ' ']).next().unwrap_or("").to_owned(),
            }),
        }
    }

    /// A URL from its parts, as the variables `POSTGRES_HOST`, `POSTGRES_PORT`, … give them.
    ///
    /// Every character is fine in every part: nothing is pasted into a URL.
    #[must_use]
    pub fn postgres_parts(
        host: Option<&str>,
        port: Option<&str>,
        database: Option<&str>,
        user: Option<&str>,
        password: Option<&str>,
    ) -> Self {
        let pairs = [("host", host), ("port", port), ("dbname", database), ("user", user)];
        let mut target: Vec<_> =
            pairs.iter().filter_map(|(key, value)| Some(format!("{key}={}", quote((*value)?)))).collect();
        let mut shown = String::from("postgres://");
        if let Some(user) = user {
            shown.push_str(user);
            shown.push_str(if password.is_some() { ":***@" } else { "@" });
        }
        shown.push_str(host.unwrap_or("localhost"));
        if let Some(port) = port {
            shown.push(':');
            shown.push_str(port);
        }
        if let Some(database) = database {
            shown.push('/');
            shown.push_str(database);
        }
        let mut secrets = Vec::new();
        if let Some(password) = password.filter(|password| !password.is_empty()) {
            target.push(format!("password={}", quote(password)));
            secrets.push(password.to_owned());
            secrets.push(quote(password).trim_matches('\'').to_owned());
        }
        Self::postgres(target.join(" "), Shown::new(shown, secrets))
    }

    fn sqlite(target: &str, shown: &str) -> Self {
        Self {
            dialect: Dialect::Sqlite,
            target: target.to_owned(),
            shown: shown.to_owned(),
            secrets: Vec::new(),
        }
    }

    fn postgres(target: String, shown: Shown) -> Self {
        let Shown { text, secrets } = shown;
        Self { dialect: Dialect::Postgres, target, shown: text, secrets }
    }

    /// Another database of the same server, for the same login; `None` on SQLite, which has no server.
    #[must_use]
    pub fn on_same_server(&self, database: &str) -> Option<Self> {
        if self.dialect != Dialect::Postgres {
            return None;
        }
        let is_url = self.target.starts_with("postgres://") || self.target.starts_with("postgresql://");
        let target = if is_url {
            in_url(&self.target, &utf8_percent_encode(database, NON_ALPHANUMERIC).to_string())
        } else {
            // The last of several is the one that counts.
            format!("{} dbname={}", self.target, quote(database))
        };
        Some(Self { target, shown: in_url(&self.shown, database), ..self.clone() })
    }

    /// The server that the URL names.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The path of an SQLite database file; `None` for a server, for `:memory:` and for `file:` URIs.
    #[must_use]
    pub fn sqlite_path(&self) -> Option<&str> {
        let file =
            self.dialect == Dialect::Sqlite && self.target != ":memory:" && !self.target.starts_with("file:");
        file.then_some(self.target.as_str())
    }

    /// Opens a connection.
    pub fn connect(&self) -> Result<AnyConnection, UrlError> {
        let opened = match self.dialect {
            #[cfg(feature = "postgres")]
            Dialect::Postgres => diesel::PgConnection::establish(&self.target).map(AnyConnection::Postgres),
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => diesel::SqliteConnection::establish(&self.target).map(AnyConnection::Sqlite),
            dialect => {
                let feature = match dialect {
                    Dialect::Postgres => "postgres",
                    Dialect::Sqlite => "sqlite",
                    Dialect::Mysql => "mysql",
                };
                return Err(UrlError::MissingFeature { dialect, feature });
            }
        };
        opened.map_err(|error| self.failed(&error))
    }

    /// What the driver said of this database, without its password.
    pub(super) fn failed(&self, error: &dyn std::error::Error) -> UrlError {
        UrlError::Connect { url: self.shown.clone(), reason: self.redact(error.to_string().trim()) }
    }

    /// The same database, where the driver gives up a server that has not answered after so many seconds, or earlier
    /// if the URL says so.
    pub(super) fn answered_within(&self, limit: Duration) -> Self {
        const KEY: &str = "connect_timeout=";
        let own = self.target.rsplit_once(KEY).and_then(|(_, text)| {
            let text = text.trim_start_matches('\'');
            text[..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())].parse::<u64>().ok()
        });
        // libpq waits without end for 0, and takes the last word where the key stands there twice.
        let seconds = own.filter(|own| *own > 0).unwrap_or(u64::MAX).min(limit.as_secs().max(2));
        let separator = match self.target.contains("://") {
            true if self.target.contains('?') => '&',
            true => '?',
            false => ' ',
        };
        Self { target: format!("{}{separator}{KEY}{seconds}", self.target), ..self.clone() }
    }

    /// Replaces every spelling of the password in a text by `***`.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

/// A URL with another database in its path.
fn in_url(url: &str, database: &str) -> String {
    let (location, query) =
        url.split_once('?').map_or((url, None), |(location, query)| (location, Some(query)));
    let authority = location.find("://").map_or(0, |scheme| scheme + 3);
    let path = location[authority..].find('/').map_or(location.len(), |slash| authority + slash);
    // A parameter would count for more than the path.
    let kept =
        query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.starts_with("dbname="));
    let kept: Vec<_> = kept.collect();
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    format!("{}/{database}{query}", &location[..path])
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.shown).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_a_url_shows_its_password() {
        for (url, password) in [
            ("postgres://app:hunter2@db:5432/service", "hunter2"),
            ("postgres://app@db/service?sslmode=require&password=hunter2", "hunter2"),
            ("postgresql://app:hunt%65r2@db/service", "hunt%65r2"),
            ("postgresql://app:hunt%65r2@db/service", "hunter2"),
            ("postgres://app:hunter2@x@db/service", "hunter2@x"),
            ("postgres://app:/hunter2@db/service", "/hunter2"),
            ("host=db dbname=service user=app password=hunter2", "hunter2"),
            ("host=db password='hunter2 x' dbname=service", "hunter2 x"),
        ] {
            let url = DatabaseUrl::parse(url).unwrap();
            let said = url.redact(&format!("FATAL: {password} is wrong"));
            for text in [url.to_string(), format!("{url:?}"), said] {
                assert!(!text.contains(password) && !text.contains("hunter2"), "{text}");
            }
            assert_eq!(url.dialect(), Dialect::Postgres);
        }
        let parts =
            DatabaseUrl::postgres_parts(Some("db"), None, None, Some("app"), Some("it's \\ %@ hunter2"));
        assert_eq!(parts.to_string(), "postgres://app:***@db");
        assert_eq!(parts.target, r"host='db' user='app' password='it\'s \\ %@ hunter2'");
        assert_eq!(parts.redact("it's \\ %@ hunter2"), "***");
    }

    #[test]
    fn the_shorter_time_to_answer_holds() {
        for (url, limited) in [
            ("postgres://db/x", "postgres://db/x?connect_timeout=10"),
            ("postgres://db/x?sslmode=disable", "postgres://db/x?sslmode=disable&connect_timeout=10"),
            ("postgres://db/x?connect_timeout=3", "postgres://db/x?connect_timeout=3&connect_timeout=3"),
            ("postgres://db/x?connect_timeout=0", "postgres://db/x?connect_timeout=0&connect_timeout=10"),
            ("host=db connect_timeout='60'", "host=db connect_timeout='60' connect_timeout=10"),
        ] {
            let url = DatabaseUrl::parse(url).unwrap().answered_within(Duration::from_secs(10));
            assert_eq!(url.target, limited);
        }
    }

    #[test]
    fn another_database_of_the_same_server_keeps_everything_else() {
        for (url, target) in [
            ("postgres://app:pw@db:5432/service", "postgres://app:pw@db:5432/o%20x"),
            ("postgresql://app@db", "postgresql://app@db/o%20x"),
            ("postgres:///service?host=/tmp&dbname=y", "postgres:///o%20x?host=/tmp"),
            ("postgres://db/service?sslmode=require", "postgres://db/o%20x?sslmode=require"),
            ("host=db dbname=service", "host=db dbname=service dbname='o x'"),
        ] {
            let other = DatabaseUrl::parse(url).unwrap().on_same_server("o x").unwrap();
            assert_eq!(other.target, target);
            assert!(other.to_string().contains("/o x") && !other.to_string().contains("pw"), "{other}");
        }
        let parts = DatabaseUrl::postgres_parts(Some("db"), None, Some("service"), None, Some("hunter2"));
        let other = parts.on_same_server("x").unwrap();
        assert_eq!(other.to_string(), "postgres://db/x");
        assert_eq!(other.redact("hunter2"), "***");
        assert_eq!(DatabaseUrl::parse("sqlite://a.db").unwrap().on_same_server("x"), None);
    }

    #[test]
    fn sqlite_urls_name_a_path() {
        for (url, path) in [
            ("sqlite://migrate.db", Some("migrate.db")),
            ("sqlite:///var/lib/a.db", Some("/var/lib/a.db")),
            ("sqlite:a b.db", Some("a b.db")),
            ("sqlite::memory:", None),
            ("file:a.db?mode=ro", None),
        ] {
            assert_eq!(DatabaseUrl::parse(url).unwrap().sqlite_path(), path, "{url}");
        }
    }

    #[test]
    fn an_unknown_scheme_is_named() {
        for (url, scheme) in
            [("mongodb://x", "mongodb"), ("mysql://a:b@c/d", "mysql"), ("nonsense", "nonsense")]
        {
            assert_eq!(
                DatabaseUrl::parse(url),
                Err(UrlError::UnknownScheme { scheme: scheme.to_owned() }),
                "{url}"
            );
        }
        assert_eq!(DatabaseUrl::parse(" "), Err(UrlError::Empty));
    }
}
