use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::operation::{Name, Operation};
use crate::preview::StepPreview;

/// What is known of the database and of the run besides the step itself; nothing, by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The server's major version.
    pub version: Option<u32>,
    /// The server's estimate of each table's rows.
    pub rows: BTreeMap<Name, u64>,
    /// Indexes that a `CONCURRENTLY` left behind unfinished, each with its table (PostgreSQL).
    pub invalid_indexes: BTreeMap<Name, Name>,
    /// Columns that hold no NULL for sure: declared so, or by a validated CHECK.
    pub not_null: BTreeSet<(Name, String)>,
    /// The columns of each index, in order, by table.
    pub indexes: BTreeMap<Name, Vec<Vec<String>>>,
    /// Tables that earlier steps of the same run create: nobody uses them yet.
    pub new_tables: BTreeSet<Name>,
    /// How long a statement of the run may wait for a lock.
    pub lock_timeout: LockTimeout,
}

/// How long a statement of a run may wait for a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LockTimeout {
    /// That is not known: there is no run yet.
    #[default]
    Unknown,
    /// Without end.
    Endless,
    /// So long.
    After(Duration),
}

impl From<Option<Duration>> for LockTimeout {
    fn from(timeout: Option<Duration>) -> Self {
        timeout.map_or(Self::Endless, Self::After)
    }
}

impl Facts {
    /// The estimate of a table's rows.
    #[must_use]
    pub fn rows_of(&self, table: &Name) -> Option<u64> {
        self.rows.iter().find(|(name, _)| same(name, table)).map(|(_, rows)| *rows)
    }

    /// Whether a column holds no NULL for sure.
    #[must_use]
    pub fn is_not_null(&self, table: &Name, column: &str) -> bool {
        self.not_null.iter().any(|(name, other)| other == column && same(name, table))
    }

    /// Whether an index begins with these columns, in any order.
    #[must_use]
    pub fn is_indexed(&self, table: &Name, columns: &[String]) -> bool {
        let of_table = self.indexes.iter().filter(|(name, _)| same(name, table));
        of_table.flat_map(|(_, indexes)| indexes).any(|index| begins_with(index, columns))
    }

    /// Takes note of what a step of the run has done, for the steps after it.
    pub fn after(&mut self, step: &StepPreview) {
        for preview in &step.operations {
            match &preview.operation {
                Operation::CreateTable(table) => {
                    self.new_tables.insert(table.name.clone());
                }
                Operation::RenameTable { from, to } if self.new_tables.remove(from) => {
                    self.new_tables.insert(from.sibling(to));
                }
                Operation::DropTable(table) => {
                    self.new_tables.remove(&table.name);
                }
                _ => {}
            }
        }
    }

    /// Whether the server is older than a major version, as far as that is known.
    #[must_use]
    pub fn is_before(&self, version: u32) -> bool {
        self.version.is_some_and(|own| own < version)
    }
}

/// Whether two names may mean one thing: a missing schema may be any.
pub(super) fn same(one: &Name, other: &Name) -> bool {
    let schemas = (&one.schema, &other.schema);
    one.name == other.name && (schemas.0.is_none() || schemas.1.is_none() || schemas.0 == schemas.1)
}

/// Whether an index of these columns finds rows by those.
pub(super) fn begins_with(index: &[String], columns: &[String]) -> bool {
    !columns.is_empty()
        && index.get(..columns.len()).is_some_and(|first| columns.iter().all(|column| first.contains(column)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_schema_may_mean_any() {
        let name = |schema: Option<&str>| Name { schema: schema.map(str::to_owned), name: "users".into() };
        assert!(same(&name(None), &name(Some("app"))));
        assert!(same(&name(Some("app")), &name(Some("app"))));
        assert!(!same(&name(Some("app")), &name(Some("other"))));
        assert!(!same(&name(None), &"teams".into()));
    }

    #[test]
    fn an_index_serves_its_first_columns_in_any_order() {
        let columns = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
        let index = columns(&["a", "b", "c"]);
        assert!(begins_with(&index, &columns(&["b", "a"])));
        assert!(!begins_with(&index, &columns(&["b"])));
        assert!(!begins_with(&index, &columns(&["a", "b", "c", "d"])));
        assert!(!begins_with(&index, &[]));
    }
}
