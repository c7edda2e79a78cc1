//! A relative path in a URL, and the directory that it is meant from.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::DatabaseUrl;

/// What has a meaning of its own in SQLite's URIs.
const RESERVED: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

impl DatabaseUrl {
    /// Has the relative path of an SQLite file begin at `directory`, and not at the directory of the process.
    ///
    /// So a URL that stands in a file can be meant from where that file is. Everything else stays as it is: a
    /// server, a database in memory, an absolute path, and a path that would not be UTF-8 any more.
    #[must_use]
    pub fn relative_to(&self, directory: &Path) -> Self {
        let written = self.to_string();
        let moved = match (self.sqlite_path(), written.strip_prefix("file:")) {
            (Some(path), _) => within(directory, path).map(|path| format!("sqlite://{path}")),
            (None, Some(uri)) => uri_within(directory, uri),
            (None, None) => None,
        };
        moved.and_then(|url| Self::parse(&url).ok()).unwrap_or_else(|| self.clone())
    }
}

fn within(directory: &Path, path: &str) -> Option<String> {
    let is_relative = Path::new(path).is_relative();
    is_relative.then(|| directory.join(path).to_str().map(ToOwned::to_owned)).flatten()
}

/// SQLite's own form, whose path is percent-encoded.
fn uri_within(directory: &Path, uri: &str) -> Option<String> {
    let in_memory = uri.starts_with(":memory:") || uri.contains("mode=memory") || uri.contains("vfs=memdb");
    if in_memory || uri.starts_with('/') {
        return None;
    }
    Some(format!("file:{}/{uri}", utf8_percent_encode(directory.to_str()?, RESERVED)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(url: &str) -> String {
        DatabaseUrl::parse(url).unwrap().relative_to(Path::new("/srv/50% a?b")).to_string()
    }

    #[test]
    fn a_relative_path_begins_at_the_directory() {
        assert_eq!(moved("sqlite://app.db"), "sqlite:///srv/50% a?b/app.db");
        assert_eq!(moved("sqlite:data/app.db"), "sqlite:///srv/50% a?b/data/app.db");
        assert_eq!(moved("file:app.db?mode=ro"), "file:/srv/50%25%20a%3Fb/app.db?mode=ro");
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for url in [
            "sqlite:///var/app.db",
            "sqlite::memory:",
            "file::memory:?cache=shared",
            "file:shared?mode=memory&cache=shared",
            "file:///var/app.db",
            "postgres://app@db/app.db",
        ] {
            assert_eq!(moved(url), url);
        }
        let secret = DatabaseUrl::parse("postgres://app:hunter2@db/app").unwrap();
        assert_eq!(secret.relative_to(Path::new("/srv")), secret);
    }
}
