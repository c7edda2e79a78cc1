//! Names of tables, and names to be dropped.

use std::fmt;

/// The name of a table, view, index, sequence, type or function, with its schema if one was given.
///
/// Made from a string, which is the name exactly as it is (a dot in it is a dot), or from a pair of schema and
/// name. Without a schema it is looked up, and created, where the connection's search path says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The schema; `None` for the connection's own. A schema on SQLite is an attached database.
    pub schema: Option<String>,
    /// The name itself, unquoted.
    pub name: String,
}

impl Name {
    /// The same schema, another name.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: name.into() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self { schema: None, name: name.to_owned() }
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self { schema: None, name }
    }
}

impl From<&String> for Name {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl From<&Self> for Name {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

impl<S: Into<String>, N: Into<String>> From<(S, N)> for Name {
    fn from((schema, name): (S, N)) -> Self {
        Self { schema: Some(schema.into()), name: name.into() }
    }
}

/// Something to be dropped: its name, how, and what it was.
///
/// Every `drop_…` takes one, and makes it from a name, from [`if_exists`] or [`cascade`], or from the definition
/// of what is dropped, with which the drop can be reverted.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Dropped<D> {
    /// Its name; the schema is empty for what lives within a table.
    pub name: Name,
    /// What it was, for the inverse.
    pub definition: Option<Box<D>>,
    /// Whether it is no error if there is none.
    pub if_exists: bool,
    /// Whether what depends on it is dropped, too.
    pub cascade: bool,
    /// Whether the table stays writable meanwhile: `DROP INDEX CONCURRENTLY` (PostgreSQL, not in a transaction).
    pub concurrently: bool,
}

impl<D> Dropped<D> {
    pub(super) fn named(name: impl Into<Name>) -> Self {
        Self { name: name.into(), definition: None, if_exists: false, cascade: false, concurrently: false }
    }

    pub(super) fn defined(name: impl Into<Name>, definition: D) -> Self {
        Self { definition: Some(Box::new(definition)), ..Self::named(name) }
    }
}

impl<D, N: Into<Name>> From<N> for Dropped<D> {
    fn from(name: N) -> Self {
        Self::named(name)
    }
}

/// How something is dropped: [`if_exists`], [`cascade`], [`concurrently`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Dropping {
    name: Name,
    if_exists: bool,
    cascade: bool,
    concurrently: bool,
}

/// Drops something only if it is there: `cx.drop_table(if_exists("users"))`.
pub fn if_exists(name: impl Into<Name>) -> Dropping {
    Dropping { name: name.into(), if_exists: true, cascade: false, concurrently: false }
}

/// Drops something together with what depends on it (PostgreSQL; an error elsewhere, where nothing but the thing
/// itself is dropped): `cx.drop_table(cascade("users"))`.
pub fn cascade(name: impl Into<Name>) -> Dropping {
    Dropping { name: name.into(), if_exists: false, cascade: true, concurrently: false }
}

/// Drops an index while its table stays writable (PostgreSQL, not in a transaction):
/// `cx.drop_index(concurrently("idx_users_email"), "users")`.
pub fn concurrently(name: impl Into<Name>) -> Dropping {
    Dropping { name: name.into(), if_exists: false, cascade: false, concurrently: true }
}

impl Dropping {
    /// Not an error if there is none.
    pub fn if_exists(self) -> Self {
        Self { if_exists: true, ..self }
    }

    /// What depends on it, too.
    pub fn cascade(self) -> Self {
        Self { cascade: true, ..self }
    }

    /// Without blocking writers; indexes on PostgreSQL only, not in a transaction.
    pub fn concurrently(self) -> Self {
        Self { concurrently: true, ..self }
    }
}

impl<D> From<Dropping> for Dropped<D> {
    fn from(dropping: Dropping) -> Self {
        let Dropping { name, if_exists, cascade, concurrently } = dropping;
        Self { name, definition: None, if_exists, cascade, concurrently }
    }
}
