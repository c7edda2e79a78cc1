//! SQL as text: one for every server, or one per dialect.

use std::borrow::Cow;

use crate::connection::Dialect;

/// SQL for [`Context::execute`](crate::Context::execute), and for expressions within operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql<'s> {
    every: Option<Cow<'s, str>>,
    postgres: Option<Cow<'s, str>>,
    sqlite: Option<Cow<'s, str>>,
    mysql: Option<Cow<'s, str>>,
    undo: Option<Box<Self>>,
}

/// Starts a statement whose text differs between servers.
///
/// ```
/// use migrate_core::prelude::*;
///
/// let now = per_dialect().postgres("SELECT now()").sqlite("SELECT datetime('now')");
/// ```
///
/// Running it on a server that it has no text for is an error that names the server.
#[must_use]
pub fn per_dialect<'s>() -> Sql<'s> {
    Sql::default()
}

/// Starts a statement with one text for every server, to add an [`undo`](Sql::undo) to it.
#[must_use]
pub fn sql<'s>(text: impl Into<Cow<'s, str>>) -> Sql<'s> {
    Sql { every: Some(text.into()), ..Sql::default() }
}

impl<'s> Sql<'s> {
    /// The text for PostgreSQL.
    #[must_use]
    pub fn postgres(self, sql: impl Into<Cow<'s, str>>) -> Self {
        Self { postgres: Some(sql.into()), ..self }
    }

    /// The text for SQLite.
    #[must_use]
    pub fn sqlite(self, sql: impl Into<Cow<'s, str>>) -> Self {
        Self { sqlite: Some(sql.into()), ..self }
    }

    /// The text for MySQL and MariaDB.
    #[must_use]
    pub fn mysql(self, sql: impl Into<Cow<'s, str>>) -> Self {
        Self { mysql: Some(sql.into()), ..self }
    }

    /// The SQL that takes it back, for [`Context::revert`](crate::Context::revert).
    ///
    /// ```
    /// # use migrate_core::prelude::*;
    /// let grant = sql("GRANT SELECT ON users TO report").undo("REVOKE SELECT ON users FROM report");
    /// ```
    #[must_use]
    pub fn undo(self, sql: impl Into<Self>) -> Self {
        Self { undo: Some(Box::new(sql.into())), ..self }
    }

    /// The text for a dialect.
    pub fn for_dialect(&self, dialect: Dialect) -> Result<&str, NoSqlForDialect> {
        let own = match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::Sqlite => &self.sqlite,
            Dialect::Mysql => &self.mysql,
        };
        own.as_deref().or(self.every.as_deref()).ok_or(NoSqlForDialect { dialect })
    }

    /// What takes it back, if that was said; taken back in turn by this, unless it says otherwise.
    #[must_use]
    pub fn undone_by(&self) -> Option<Self> {
        let mut undo = (**self.undo.as_ref()?).clone();
        undo.undo.get_or_insert_with(|| Box::new(Self { undo: None, ..self.clone() }));
        Some(undo)
    }

    /// The same with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Sql<'static> {
        let own = |text: Option<Cow<'s, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Sql {
            every: own(self.every),
            postgres: own(self.postgres),
            sqlite: own(self.sqlite),
            mysql: own(self.mysql),
            undo: self.undo.map(|undo| Box::new(undo.into_owned())),
        }
    }
}

impl<'s> From<&'s str> for Sql<'s> {
    fn from(text: &'s str) -> Self {
        sql(text)
    }
}

impl From<String> for Sql<'_> {
    fn from(text: String) -> Self {
        sql(text)
    }
}

impl<'s> From<&'s String> for Sql<'s> {
    fn from(text: &'s String) -> Self {
        sql(text.as_str())
    }
}

/// A migration ran [`per_dialect`] SQL on a server that it has no text for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no SQL for {dialect} in this statement")]
pub struct NoSqlForDialect {
    /// The server's dialect.
    pub dialect: Dialect,
}
