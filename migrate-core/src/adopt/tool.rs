use std::fmt;

use crate::catalog::ObjectName;

/// A migration tool whose ledger can be taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tool {
    /// Diesel's own migrations, `diesel_migrations`.
    Diesel,
    /// Alembic.
    Alembic,
    /// sqlx.
    Sqlx,
    /// refinery.
    Refinery,
    /// `sea-orm-migration`.
    SeaOrm,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Diesel, Self::Alembic, Self::Sqlx, Self::Refinery, Self::SeaOrm];

    /// The tool as it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Diesel => "Diesel",
            Self::Alembic => "Alembic",
            Self::Sqlx => "sqlx",
            Self::Refinery => "refinery",
            Self::SeaOrm => "SeaORM",
        }
    }

    /// The tool as it is typed behind `adopt`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Diesel => "diesel",
            Self::Alembic => "alembic",
            Self::Sqlx => "sqlx",
            Self::Refinery => "refinery",
            Self::SeaOrm => "sea-orm",
        }
    }

    /// The table in which it records what it did, unless it was told to use another one.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Diesel => "__diesel_schema_migrations",
            Self::Alembic => "alembic_version",
            Self::Sqlx => "_sqlx_migrations",
            Self::Refinery => "refinery_schema_history",
            Self::SeaOrm => "seaql_migrations",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The ledger that is taken over: a tool, and its table.
///
/// A [`Tool`] alone means the table that it uses unless told otherwise, where the search path finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The tool.
    pub tool: Tool,
    /// Its table.
    pub table: ObjectName,
}

impl Source {
    /// The same tool, which was told to use another table or schema.
    #[must_use]
    pub fn with_table(self, table: ObjectName) -> Self {
        Self { table, ..self }
    }
}

impl From<Tool> for Source {
    fn from(tool: Tool) -> Self {
        Self { tool, table: ObjectName::bare(tool.table()) }
    }
}
