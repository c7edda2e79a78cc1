//! Indexes.

use super::constraint::owned;
use super::name::{Dropped, Name};
use super::sql::Sql;

/// The definition of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in SQL")]
#[non_exhaustive]
pub struct Index {
    /// Its name; on PostgreSQL it lives in its table's schema.
    pub name: String,
    /// Its table; empty until [`on`](Self::on).
    pub table: Name,
    /// What it is sorted by.
    pub keys: Vec<IndexKey>,
    /// Whether no two rows may be alike.
    pub unique: bool,
    /// The access method: `btree` if absent.
    pub using: Option<String>,
    /// Which rows it has: a partial index.
    pub predicate: Option<Sql<'static>>,
    /// Columns that it carries along (PostgreSQL).
    pub include: Vec<String>,
    /// Whether two NULLs are alike in a unique index (PostgreSQL from 15 on).
    pub nulls_not_distinct: bool,
    /// Storage parameters: `fillfactor`, `fastupdate` (PostgreSQL).
    pub options: Vec<(String, String)>,
    /// The tablespace (PostgreSQL).
    pub tablespace: Option<String>,
    /// Whether it is built while the table stays writable (PostgreSQL, not in a transaction).
    pub concurrently: bool,
    /// Whether it is no error if there is one of this name.
    pub if_not_exists: bool,
}

/// What an index is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct IndexKey {
    /// A column, or an expression.
    pub on: KeyTarget,
    /// Whether large values come first.
    pub descending: bool,
    /// Whether NULLs come first (PostgreSQL); the server's default if absent.
    pub nulls_first: Option<bool>,
    /// The operator class (PostgreSQL), with its parameters: `gin_trgm_ops`, `tsvector_ops (siglen = 100)`.
    pub opclass: Option<String>,
    /// The collation.
    pub collation: Option<String>,
    /// How many characters or bytes of a long text are in the index (MySQL).
    pub length: Option<u32>,
}

/// A column or an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTarget {
    /// A column.
    Column(String),
    /// An expression.
    Expression(Sql<'static>),
}

/// An index: `index("idx_users_email").on("users", ["email"])`.
pub fn index(name: impl Into<String>) -> Index {
    Index {
        name: name.into(),
        table: "".into(),
        keys: Vec::new(),
        unique: false,
        using: None,
        predicate: None,
        include: Vec::new(),
        nulls_not_distinct: false,
        options: Vec::new(),
        tablespace: None,
        concurrently: false,
        if_not_exists: false,
    }
}

/// A column as a key of an index: `key("created_at").desc().nulls_last()`.
pub fn key(column: impl Into<String>) -> IndexKey {
    IndexKey::new(KeyTarget::Column(column.into()))
}

/// An expression as a key of an index: `key_expression("lower(email)")`.
pub fn key_expression(expression: impl Into<Sql<'static>>) -> IndexKey {
    IndexKey::new(KeyTarget::Expression(expression.into()))
}

impl IndexKey {
    fn new(on: KeyTarget) -> Self {
        Self { on, descending: false, nulls_first: None, opclass: None, collation: None, length: None }
    }

    /// Large values first.
    pub fn desc(self) -> Self {
        Self { descending: true, ..self }
    }

    /// NULLs first (PostgreSQL; the others sort them in their own way).
    pub fn nulls_first(self) -> Self {
        Self { nulls_first: Some(true), ..self }
    }

    /// NULLs last (PostgreSQL; the others sort them in their own way).
    pub fn nulls_last(self) -> Self {
        Self { nulls_first: Some(false), ..self }
    }

    /// The operator class (PostgreSQL, left out elsewhere): `key("name").opclass("gin_trgm_ops")`.
    pub fn opclass(self, opclass: impl Into<String>) -> Self {
        Self { opclass: Some(opclass.into()), ..self }
    }

    /// The collation (an error on MySQL, where it is the column's).
    pub fn collate(self, collation: impl Into<String>) -> Self {
        Self { collation: Some(collation.into()), ..self }
    }

    /// Only the first so many characters or bytes (MySQL; the whole of them elsewhere).
    pub fn length(self, length: u32) -> Self {
        Self { length: Some(length), ..self }
    }
}

impl From<&str> for IndexKey {
    fn from(column: &str) -> Self {
        key(column)
    }
}

impl From<String> for IndexKey {
    fn from(column: String) -> Self {
        key(column)
    }
}

impl Index {
    /// The table, and what it is sorted by: names of columns, or keys made with [`key`] and [`key_expression`].
    pub fn on<K: Into<IndexKey>>(self, table: impl Into<Name>, keys: impl IntoIterator<Item = K>) -> Self {
        Self { table: table.into(), ..self }.keys(keys)
    }

    /// What it is sorted by, for an index that is created with its table
    /// ([`with_index`](super::Table::with_index)).
    pub fn keys<K: Into<IndexKey>>(self, keys: impl IntoIterator<Item = K>) -> Self {
        Self { keys: keys.into_iter().map(Into::into).collect(), ..self }
    }

    /// Refuses two rows that are alike.
    pub fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// The access method: `hash`, `gist`, `spgist` or an extension's (PostgreSQL); `hash`, `fulltext` or `spatial`
    /// on MySQL. An error on a server that has none of the name: SQLite has `btree` alone.
    pub fn using(self, method: impl Into<String>) -> Self {
        Self { using: Some(method.into()), ..self }
    }

    /// A GIN index: for arrays, `jsonb` and text search (PostgreSQL).
    pub fn gin(self) -> Self {
        self.using("gin")
    }

    /// A GiST index: for ranges and shapes (PostgreSQL).
    pub fn gist(self) -> Self {
        self.using("gist")
    }

    /// A BRIN index: small, for large tables whose rows lie in the order of the key (PostgreSQL).
    pub fn brin(self) -> Self {
        self.using("brin")
    }

    /// Only rows for which a condition holds: a partial index (PostgreSQL, SQLite; an error on MySQL).
    pub fn filter(self, predicate: impl Into<Sql<'static>>) -> Self {
        Self { predicate: Some(predicate.into()), ..self }
    }

    /// Carries columns along, so that queries need not look at the table (PostgreSQL; left out elsewhere, where the
    /// index finds and refuses the same rows).
    pub fn include<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Self { include: owned(columns), ..self }
    }

    /// Two NULLs are alike in a unique index (PostgreSQL from 15 on; an error elsewhere).
    pub fn nulls_not_distinct(self) -> Self {
        Self { nulls_not_distinct: true, ..self }
    }

    /// A storage parameter: `.option("fillfactor", "70")` (PostgreSQL, left out elsewhere).
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// The tablespace (PostgreSQL, left out elsewhere).
    pub fn tablespace(self, tablespace: impl Into<String>) -> Self {
        Self { tablespace: Some(tablespace.into()), ..self }
    }

    /// Builds it while the table stays writable (PostgreSQL; a plain build elsewhere).
    ///
    /// Not in a transaction, so the migration says `transaction = false`. An invalid leftover of an attempt
    /// that failed is dropped first.
    pub fn concurrently(self) -> Self {
        Self { concurrently: true, ..self }
    }

    /// Not an error if there is one of this name (PostgreSQL, SQLite; an error on MySQL).
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<Index> for Dropped<Index> {
    fn from(index: Index) -> Self {
        let concurrently = index.concurrently;
        Self { concurrently, ..Self::defined(index.name.clone(), index) }
    }
}

/// What is built anew by [`reindex`](crate::Context::reindex) (PostgreSQL, SQLite).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReindexTarget {
    /// One index.
    Index(Name),
    /// All indexes of a table.
    Table(Name),
}
