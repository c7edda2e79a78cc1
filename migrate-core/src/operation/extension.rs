//! Extensions of PostgreSQL.

use super::name::Dropped;

/// An extension of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The schema of its objects.
    pub schema: Option<String>,
    /// Its version; the newest if absent.
    pub version: Option<String>,
    /// Whether extensions that it needs are created, too.
    pub cascade: bool,
    /// Whether it is no error if it is there.
    pub if_not_exists: bool,
}

/// An extension of PostgreSQL: `extension("pg_trgm").if_not_exists()`.
pub fn extension(name: impl Into<String>) -> Extension {
    Extension { name: name.into(), schema: None, version: None, cascade: false, if_not_exists: false }
}

impl Extension {
    /// The schema of its objects.
    pub fn schema(self, schema: impl Into<String>) -> Self {
        Self { schema: Some(schema.into()), ..self }
    }

    /// Its version.
    pub fn version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// Extensions that it needs, too.
    pub fn cascade(self) -> Self {
        Self { cascade: true, ..self }
    }

    /// Not an error if it is there. Its inverse leaves it: who knows who brought it.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<&str> for Extension {
    fn from(name: &str) -> Self {
        extension(name)
    }
}

impl From<Extension> for Dropped<Extension> {
    fn from(extension: Extension) -> Self {
        Self::defined(extension.name.clone(), extension)
    }
}
