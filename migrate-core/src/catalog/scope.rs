use std::collections::BTreeSet;

use super::ObjectName;
use crate::ledger::LedgerNames;

/// What of a database is read.
///
/// By default everything but the server's own schemas and the framework's own tables under their default names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    schemas: Option<BTreeSet<String>>,
    tables: Option<BTreeSet<ObjectName>>,
    ledger: Option<LedgerNames>,
    left_out: BTreeSet<ObjectName>,
}

impl Scope {
    /// These tables and what is part of them, nothing else.
    ///
    /// On PostgreSQL a name without a schema means what it means to the session, by its search path. A name that
    /// is no table is left out without an error.
    pub fn tables(names: impl IntoIterator<Item = ObjectName>) -> Self {
        Self { tables: Some(names.into_iter().collect()), ..Self::default() }
    }

    /// The objects of these schemas alone. SQLite has none and reads everything.
    #[must_use]
    pub fn in_schemas<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.schemas = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Leaves out the framework's tables under these names, and no longer those under the default ones.
    #[must_use]
    pub fn without_ledger(mut self, names: &LedgerNames) -> Self {
        self.ledger = Some(names.clone());
        self
    }

    /// Reads the framework's tables, too.
    #[must_use]
    pub fn with_ledger(mut self) -> Self {
        self.ledger = None;
        self
    }

    /// Leaves out objects of any kind by their name; one without a schema in every schema.
    #[must_use]
    pub fn without(mut self, names: impl IntoIterator<Item = ObjectName>) -> Self {
        self.left_out.extend(names);
        self
    }

    /// The only tables to read, when not all.
    pub(in crate::catalog) fn only_tables(&self) -> Option<&BTreeSet<ObjectName>> {
        self.tables.as_ref()
    }

    /// Whether a schema is read.
    #[cfg(feature = "postgres")]
    pub(in crate::catalog) fn has_schema(&self, name: &str) -> bool {
        self.schemas.as_ref().is_none_or(|schemas| schemas.contains(name))
    }

    /// Whether an object in a schema that is read is read itself.
    pub(in crate::catalog) fn has(&self, schema: Option<&str>, name: &str) -> bool {
        let ledger = self.ledger.as_ref().is_some_and(|ledger| ledger.is_own(schema, name));
        let left_out = self.left_out.iter().any(|left_out| {
            left_out.name == name && left_out.schema.as_deref().is_none_or(|only| Some(only) == schema)
        });
        !ledger && !left_out
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self { schemas: None, tables: None, ledger: Some(LedgerNames::default()), left_out: BTreeSet::new() }
    }
}
