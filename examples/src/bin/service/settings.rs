//! What the environment says.

use migrate_core::connection::{DatabaseUrl, UrlError};

/// How the service is to run.
pub(crate) struct Settings {
    pub(crate) url: DatabaseUrl,
    pub(crate) listen: String,
    pub(crate) on_start: OnStart,
}

/// What the service does about its schema when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnStart {
    Upgrade,
    Check,
}

/// What is wrong with the environment.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("no database is named: set DATABASE_URL, or POSTGRES_HOST and its companions")]
    NoDatabase,
    #[error("DATABASE_URL is not understood")]
    Url(#[source] UrlError),
    #[error("ON_START is `{0}`, and can be `upgrade` or `check`")]
    OnStart(String),
}

impl Settings {
    /// Reads the variables; one that is empty counts as not set.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let on_start = match variable("ON_START").as_deref() {
            None | Some("upgrade") => OnStart::Upgrade,
            Some("check") => OnStart::Check,
            Some(other) => return Err(SettingsError::OnStart(other.to_owned())),
        };
        let listen = variable("LISTEN").unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        Ok(Self { url: database(variable)?, listen, on_start })
    }
}

fn database(variable: impl Fn(&str) -> Option<String>) -> Result<DatabaseUrl, SettingsError> {
    if let Some(url) = variable("DATABASE_URL") {
        return DatabaseUrl::parse(&url).map_err(SettingsError::Url);
    }
    let [host, port, name, user, password] =
        ["HOST", "PORT", "DB", "USER", "PASSWORD"].map(|part| variable(&format!("POSTGRES_{part}")));
    if host.is_none() {
        return Err(SettingsError::NoDatabase);
    }
    Ok(DatabaseUrl::postgres_parts(
        host.as_deref(),
        port.as_deref(),
        name.as_deref(),
        user.as_deref(),
        password.as_deref(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Settings::read(|name| value(name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_url_comes_before_its_parts_and_what_is_empty_is_not_set() {
        let parts = [("POSTGRES_HOST", "db"), ("POSTGRES_USER", "app"), ("POSTGRES_PASSWORD", "hunter2")];
        let settings = read(&parts).unwrap();
        assert_eq!(settings.url.to_string(), "postgres://app:***@db");
        assert_eq!(settings.listen, "127.0.0.1:3000");
        assert_eq!(settings.on_start, OnStart::Upgrade);
        let more = [("DATABASE_URL", "sqlite:app.db"), ("LISTEN", "[::]:80"), ("ON_START", "check")];
        let settings = read(&[&more[..], &parts].concat()).unwrap();
        assert_eq!(settings.url.to_string(), "sqlite:app.db");
        assert_eq!((settings.listen.as_str(), settings.on_start), ("[::]:80", OnStart::Check));
        let empty = read(&[&[("DATABASE_URL", ""), ("ON_START", "")][..], &parts].concat()).unwrap();
        assert_eq!(empty.url.to_string(), "postgres://app:***@db");
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refused = |variables: &[(&str, &str)]| read(variables).err().map(|error| error.to_string());
        assert!(matches!(read(&[]), Err(SettingsError::NoDatabase)));
        assert!(matches!(read(&[("DATABASE_URL", "mongodb://x")]), Err(SettingsError::Url(_))));
        let said = refused(&[("DATABASE_URL", "sqlite:a"), ("ON_START", "Upgrade!")]);
        assert_eq!(said.as_deref(), Some("ON_START is `Upgrade!`, and can be `upgrade` or `check`"));
    }
}
