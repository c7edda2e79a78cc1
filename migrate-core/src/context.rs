//! What a migration's body is given.

use std::borrow::Cow;

use crate::connection::{Dialect, MigrationConnection};
use crate::error::Result;
use crate::plan::Direction;

/// What a migration's body works with: its connection, and facts about the run.
pub struct Context<'a, C: MigrationConnection> {
    connection: &'a mut C,
    revision: &'static str,
    direction: Direction,
}

impl<'a, C: MigrationConnection> Context<'a, C> {
    pub(crate) fn new(connection: &'a mut C, revision: &'static str, direction: Direction) -> Self {
        Self { connection, revision, direction }
    }

    /// The Diesel connection, for typed queries.
    ///
    /// ```ignore
    /// let moved = diesel::update(users::table.filter(users::old_status.eq("active")))
    ///     .set(users::new_status.eq("verified"))
    ///     .execute(cx.connection()?)?;
    /// ```
    ///
    /// A `Result` because a body can also be asked for its SQL without a database.
    pub fn connection(&mut self) -> Result<&mut C> {
        Ok(self.connection)
    }

    /// Runs SQL: a string for every server, or one text per dialect from [`per_dialect`].
    ///
    /// Several statements in one string run one after the other.
    pub fn execute<'s>(&mut self, sql: impl Into<Sql<'s>>) -> Result<()> {
        let text = self.text(sql)?;
        self.connection.batch(&text)?;
        Ok(())
    }

    /// The text of [`per_dialect`] SQL for the server that the body runs on: for a part of a statement.
    ///
    /// ```ignore
    /// let id = cx.text(per_dialect().postgres("BIGSERIAL PRIMARY KEY").sqlite("INTEGER PRIMARY KEY"))?;
    /// cx.execute(format!("CREATE TABLE users (id {id}, email TEXT NOT NULL)"))?;
    /// ```
    pub fn text<'s>(&self, sql: impl Into<Sql<'s>>) -> Result<Cow<'s, str>> {
        Ok(sql.into().for_dialect(self.dialect())?)
    }

    /// The dialect of the server that the body runs on.
    pub fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// The revision that runs.
    pub fn revision(&self) -> &'static str {
        self.revision
    }

    /// Whether the body was called to upgrade or to downgrade.
    pub fn direction(&self) -> Direction {
        self.direction
    }
}

/// SQL for [`Context::execute`].
#[derive(Debug, Clone, Default)]
pub struct Sql<'s> {
    every: Option<Cow<'s, str>>,
    postgres: Option<Cow<'s, str>>,
    sqlite: Option<Cow<'s, str>>,
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

    fn for_dialect(self, dialect: Dialect) -> Result<Cow<'s, str>, NoSqlForDialect> {
        let own = match dialect {
            Dialect::Postgres => self.postgres,
            Dialect::Sqlite => self.sqlite,
        };
        own.or(self.every).ok_or(NoSqlForDialect { dialect })
    }
}

impl<'s> From<&'s str> for Sql<'s> {
    fn from(sql: &'s str) -> Self {
        Self { every: Some(sql.into()), ..Self::default() }
    }
}

impl From<String> for Sql<'_> {
    fn from(sql: String) -> Self {
        Self { every: Some(sql.into()), ..Self::default() }
    }
}

impl<'s> From<&'s String> for Sql<'s> {
    fn from(sql: &'s String) -> Self {
        sql.as_str().into()
    }
}

/// A migration ran [`per_dialect`] SQL on a server that it has no text for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no SQL for {dialect} in this statement")]
pub struct NoSqlForDialect {
    /// The server's dialect.
    pub dialect: Dialect,
}
