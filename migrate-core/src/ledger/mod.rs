//! The framework's own tables: what is applied, and what happened when.
//!
//! `migrate_ledger` holds one row per applied or running revision; `migrate_event` is append-only and holds
//! every upgrade, downgrade, stamp and failure; `migrate_journal` holds the operations of a step outside a
//! transaction while it is not finished; `migrate_lease` backs the lease lock. `migrate_checkpoint` says how far
//! each backfill is and `migrate_rejected_row` which rows it put aside; both are made with the first backfill.
//! Statements are few and plain, and the same text runs on every server wherever that is possible.

mod adopt;
mod backfills;
mod checkpoint;
mod journal;
mod read;
mod script;
mod tables;
mod write;

use std::fmt;

pub(crate) use self::adopt::{adopt, undone};
pub use self::backfills::RejectedRow;
pub(crate) use self::backfills::{
    Entry, SpanRow, forget_blocking, lock_rejected, read_rejected, read_spans, reject_again, rejected_keys,
    set_backfill_state, settle_rejected,
};
pub(crate) use self::checkpoint::{
    CheckpointState, Extent, Owner, Piece, Rejection, Seen, Spans, Sums, Whole, ensure_backfill, extents,
    forget_backfill, has_backfill, reject_row, session,
};
pub(crate) use self::journal::{
    JournalKey, JournalRow, begin_operation, end_operation, ensure_journal, forget_operation, forget_step,
    read_journal,
};
pub(crate) use self::read::{LOCATION, exists, glance, locate, read_rows};
pub use self::read::{LedgerRow, RowState};
pub(crate) use self::script::Texts;
pub(crate) use self::tables::create;
pub(crate) use self::write::{
    Claim, Facts, MARK_TRANSACTION, SAME_TRANSACTION, Undone, claim, finish_downgrade, finish_upgrade,
    lock_table, mark_reverting, record_failure, release, stamp, take_over,
};
use crate::connection::Dialect;

/// The format of the ledger that this version writes.
///
/// Each row carries the format it was written in; a row of a newer one stops the run before anything happens.
pub const FORMAT: u32 = 1;

/// The framework's own tables, without their prefix.
const TABLES: [&str; 6] = ["ledger", "event", "journal", "lease", tables::CHECKPOINT, tables::REJECTED_ROW];

/// Where the framework's tables are and what they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerNames {
    schema: Option<String>,
    prefix: String,
}

impl LedgerNames {
    /// Tables with this prefix, in this schema or in the connection's own.
    #[must_use]
    pub fn new(schema: Option<String>, prefix: String) -> Self {
        Self { schema, prefix }
    }

    /// The schema, when one was chosen.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The prefix of the tables' names.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The same names in a given schema, so that a body that changes the search path moves nothing.
    pub(crate) fn within(&self, schema: Option<String>) -> Self {
        Self { schema: self.schema.clone().or(schema), prefix: self.prefix.clone() }
    }

    pub(crate) fn ledger(&self) -> String {
        self.qualified("ledger")
    }

    pub(crate) fn event(&self) -> String {
        self.qualified("event")
    }

    pub(crate) fn lease(&self) -> String {
        self.qualified("lease")
    }

    pub(crate) fn journal(&self) -> String {
        self.qualified(tables::JOURNAL)
    }

    pub(crate) fn checkpoint(&self) -> String {
        self.qualified(tables::CHECKPOINT)
    }

    pub(crate) fn rejected_row(&self) -> String {
        self.qualified(tables::REJECTED_ROW)
    }

    /// Whether a table is one of the framework's own.
    pub(crate) fn is_own(&self, schema: Option<&str>, table: &str) -> bool {
        let in_schema = self.schema.is_none() || schema.is_none() || schema == self.schema();
        in_schema && table.strip_prefix(self.prefix()).is_some_and(|name| TABLES.contains(&name))
    }

    fn qualified(&self, table: &str) -> String {
        self.quoted(table, quote_name)
    }

    /// One of the tables as a dialect spells its name.
    fn table(&self, dialect: Dialect, table: &str) -> String {
        match dialect {
            Dialect::Postgres | Dialect::Sqlite => self.qualified(table),
            Dialect::Mysql => self.quoted(table, |name| format!("`{}`", name.replace('`', "``"))),
        }
    }

    fn quoted(&self, table: &str, quote: impl Fn(&str) -> String) -> String {
        let table = quote(&format!("{}{table}", self.prefix));
        match &self.schema {
            Some(schema) => format!("{}.{table}", quote(schema)),
            None => table,
        }
    }
}

impl Default for LedgerNames {
    fn default() -> Self {
        Self::new(None, "migrate_".to_owned())
    }
}

impl fmt::Display for LedgerNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ledger())
    }
}

pub(crate) fn quote_name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a literal of the server.
pub(crate) fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text as every server takes it: PostgreSQL has no NUL in a text.
pub(crate) fn storable(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\\0").into() } else { text.into() }
}

/// The server's expression for the current time as it is stored.
pub(crate) fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "clock_timestamp()",
        Dialect::Sqlite => "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        Dialect::Mysql => "UTC_TIMESTAMP(6)",
    }
}

/// A list of placeholders `$from, …` for `count` values.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    (from..from + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}
