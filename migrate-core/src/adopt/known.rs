//! The ledgers of other tools, known by the names of their tables.

use super::Tool;

/// The table in which another migration tool records what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OtherLedger {
    /// The table.
    pub table: &'static str,
    /// The tool, as it calls itself.
    pub tool: &'static str,
    /// The word with which `adopt` takes it over, if it does.
    pub adopt: Option<&'static str>,
}

/// Those that are known; the ones that can be taken over come first.
const KNOWN: [OtherLedger; 13] = [
    adoptable(Tool::Diesel),
    adoptable(Tool::Alembic),
    adoptable(Tool::Sqlx),
    adoptable(Tool::Refinery),
    adoptable(Tool::SeaOrm),
    other("flyway_schema_history", "Flyway"),
    other("databasechangelog", "Liquibase"),
    other("django_migrations", "Django"),
    other("_prisma_migrations", "Prisma"),
    other("goose_db_version", "goose"),
    other("knex_migrations", "Knex"),
    other("__EFMigrationsHistory", "Entity Framework"),
    other("schema_migrations", "another tool"),
];

/// What these tools keep beside their ledger.
const BESIDE: [&str; 3] = ["databasechangeloglock", "knex_migrations_lock", "ar_internal_metadata"];

const fn adoptable(tool: Tool) -> OtherLedger {
    OtherLedger { table: tool.table(), tool: tool.name(), adopt: Some(tool.word()) }
}

const fn other(table: &'static str, tool: &'static str) -> OtherLedger {
    OtherLedger { table, tool, adopt: None }
}

impl OtherLedger {
    /// The ledger that a table is.
    pub(crate) fn of(table: &str) -> Option<Self> {
        KNOWN.into_iter().find(|known| known.table == table)
    }

    /// Every table that is some other tool's own, its ledger or not.
    pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
        KNOWN.into_iter().map(|known| known.table).chain(BESIDE)
    }
}
