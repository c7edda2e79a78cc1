use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use super::error::MakeError;
use crate::AnyConnection;
use crate::connection::{DatabaseUrl, Dialect, Driver as _, UrlError};
use crate::ledger::{quote_name, quote_text};

/// What the name of a scratch database begins with; the second of its making follows.
const PREFIX: &str = "migrate_scratch_";

/// After so many seconds one is taken for left behind, if nobody is connected.
const ABANDONED: u64 = 3600;

/// An empty database that goes when this value does.
///
/// On PostgreSQL a database beside the given one, as the same login, with the same encoding and locale. One whose program
/// was killed is dropped by whoever makes the next one an hour later. On SQLite it is in memory.
#[derive(Debug)]
pub struct ScratchDatabase {
    url: DatabaseUrl,
    /// The database from where it is dropped, and its name there.
    made: Option<(DatabaseUrl, String)>,
}

impl ScratchDatabase {
    /// Makes one for what is at the URL.
    ///
    /// # Errors
    ///
    /// [`MakeError::NotAllowed`] when the login lacks `CREATEDB`.
    pub fn beside(url: &DatabaseUrl) -> Result<Self, MakeError> {
        if url.dialect() == Dialect::Sqlite {
            return Ok(Self { url: DatabaseUrl::parse("sqlite::memory:")?, made: None });
        }
        let mut admin = url.connect()?;
        let rights = admin.query(
            "SELECT CAST(current_user AS text), CASE WHEN rolcreatedb OR rolsuper THEN 'yes' END FROM pg_roles \
             WHERE rolname = current_user",
            &[],
        )?;
        if let Some([Some(login), None]) = rights.first().map(Vec::as_slice) {
            return Err(MakeError::NotAllowed { login: login.clone() });
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        drop_abandoned(&mut admin, now.as_secs())?;
        let name = format!("{PREFIX}{}_{}_{}", now.as_secs(), now.subsec_nanos(), std::process::id());
        let words = like_this_one(&mut admin)?;
        admin.batch(&format!("CREATE DATABASE {name} TEMPLATE template0{words}"))?;
        let made = Some((url.clone(), name.clone()));
        let url = url.on_same_server(&name).unwrap_or_else(|| url.clone());
        Ok(Self { url, made })
    }

    /// Opens a connection to it.
    pub fn connect(&self) -> Result<AnyConnection, UrlError> {
        self.url.connect()
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Drops it, and says if that did not work; dropping the value does the same in silence.
    pub fn remove(mut self) -> Result<(), MakeError> {
        self.drop_database()
    }

    fn drop_database(&mut self) -> Result<(), MakeError> {
        let Some((url, name)) = self.made.take() else { return Ok(()) };
        drop_named(&mut url.connect()?, &name).map_err(Into::into)
    }
}

impl Drop for ScratchDatabase {
    fn drop(&mut self) {
        if let Err(error) = self.drop_database() {
            tracing::warn!(target: "migrate", "the scratch database {} was left behind: {error}", self.url);
        }
    }
}

/// The encoding and the locale of the database, for one from `template0`.
fn like_this_one(admin: &mut AnyConnection) -> diesel::QueryResult<String> {
    // Through JSON, for what older servers do not have.
    let rows = admin.query(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype, row ->> 'datlocprovider', \
         coalesce(row ->> 'datlocale', row ->> 'daticulocale'), row ->> 'daticurules' \
         FROM pg_database, LATERAL (SELECT to_jsonb(pg_database) AS row) AS it WHERE datname = current_database()",
        &[],
    )?;
    let mut columns = rows.into_iter().next().unwrap_or_default().into_iter();
    let mut next = || columns.next().flatten();
    let mut words = String::new();
    for word in ["ENCODING", "LC_COLLATE", "LC_CTYPE"] {
        if let Some(value) = next() {
            let _ = write!(words, " {word} {}", quote_text(&value));
        }
    }
    let (provider, locale, rules) = (next(), next(), next());
    let option = match provider.as_deref() {
        Some("i") => Some("icu"),
        Some("b") => Some("builtin"),
        _ => None,
    };
    if let (Some(provider), Some(locale)) = (option, locale) {
        let _ = write!(words, " LOCALE_PROVIDER {provider} {provider}_LOCALE {}", quote_text(&locale));
        if let Some(rules) = rules {
            let _ = write!(words, " ICU_RULES {}", quote_text(&rules));
        }
    }
    Ok(words)
}

/// Drops what programs left behind that were killed.
fn drop_abandoned(admin: &mut AnyConnection, now: u64) -> diesel::QueryResult<()> {
    let rows = admin.query(
        "SELECT CAST(datname AS text) FROM pg_database WHERE starts_with(datname::text, $1) \
         AND pg_get_userbyid(datdba) = current_user \
         AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pg_stat_activity.datname = pg_database.datname)",
        &[Some(PREFIX)],
    )?;
    for name in rows.into_iter().flatten().flatten() {
        let made = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next()?.parse::<u64>().ok());
        if made.is_some_and(|made| made.saturating_add(ABANDONED) < now) {
            // Somebody else may be about to do the same.
            let _ = admin.batch(&format!("DROP DATABASE IF EXISTS {}", quote_name(&name)));
        }
    }
    Ok(())
}

fn drop_named(admin: &mut AnyConnection, name: &str) -> diesel::QueryResult<()> {
    admin.query(
        "SELECT CAST(pg_terminate_backend(pid) AS text) FROM pg_stat_activity \
         WHERE datname = $1 AND pid <> pg_backend_pid()",
        &[Some(name)],
    )?;
    admin.batch(&format!("DROP DATABASE IF EXISTS {}", quote_name(name)))
}
