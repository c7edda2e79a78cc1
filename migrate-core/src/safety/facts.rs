use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use crate::operation::{Name, Operation, TableChange};
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
    /// What is attached to each table and view, and goes when that goes.
    pub attached: BTreeMap<Name, BTreeSet<Attached>>,
    /// What stands in the definition of each function besides its body and is not the default, in the words of SQL
    /// (PostgreSQL).
    pub attributes: BTreeMap<Name, BTreeSet<String>>,
    /// Tables that earlier steps of the same run create: nobody uses them yet.
    pub new_tables: BTreeSet<Name>,
    /// How long a statement of the run may wait for a lock.
    pub lock_timeout: LockTimeout,
}

/// Something that goes when the table, the view or the column goes to which it is attached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attached {
    /// What it is.
    pub kind: AttachedKind,
    /// Its name; of what has none, what it says.
    pub name: String,
    /// The columns with each of which it goes; only with the whole if there is none.
    pub columns: BTreeSet<String>,
}

/// What is attached to a table or a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AttachedKind {
    /// An index of no constraint.
    Index,
    /// A constraint, but for NOT NULL.
    Constraint,
    /// A trigger.
    Trigger,
    /// A policy of row level security.
    Policy,
    /// A rule.
    Rule,
    /// Extended statistics.
    Statistics,
    /// A sequence that is not the column's own numbering.
    Sequence,
    /// What roles other than the owner may do: their names.
    Privileges,
    /// A comment.
    Comment,
    /// That row level security is on, or that the replica identity is not the primary key: in the words of SQL.
    Setting,
    /// An option in `WITH (…)`.
    Option,
    /// A publication that it is in.
    Publication,
}

impl fmt::Display for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, name, columns: _ } = self;
        match kind {
            AttachedKind::Index => write!(f, "index {name}"),
            AttachedKind::Constraint => write!(f, "constraint {name}"),
            AttachedKind::Trigger => write!(f, "trigger {name}"),
            AttachedKind::Policy => write!(f, "policy {name}"),
            AttachedKind::Rule => write!(f, "rule {name}"),
            AttachedKind::Statistics => write!(f, "statistics {name}"),
            AttachedKind::Sequence => write!(f, "sequence {name}"),
            AttachedKind::Privileges => write!(f, "the privileges of {name}"),
            AttachedKind::Comment => f.write_str("its comment"),
            AttachedKind::Setting => f.write_str(name),
            AttachedKind::Option => write!(f, "option {name}"),
            AttachedKind::Publication => write!(f, "its place in publication {name}"),
        }
    }
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

    /// What is attached to a table or a view.
    pub fn attached_to(&self, name: &Name) -> impl Iterator<Item = &Attached> {
        self.attached.iter().filter(move |(other, _)| same(other, name)).flat_map(|(_, attached)| attached)
    }

    /// Takes note of what a step of the run has done, for the steps after it.
    pub fn after(&mut self, step: &StepPreview) {
        for preview in &step.operations {
            match &preview.operation {
                Operation::CreateTable(table) => {
                    self.new_tables.insert(table.name.clone());
                }
                Operation::RenameTable { from, to } => {
                    if self.new_tables.remove(from) {
                        self.new_tables.insert(from.sibling(to));
                    }
                    let (renamed, rest) = std::mem::take(&mut self.attached)
                        .into_iter()
                        .partition(|(name, _)| same(name, from));
                    let renamed: BTreeMap<Name, BTreeSet<Attached>> = renamed;
                    self.attached = rest;
                    self.attached.extend(renamed.into_iter().map(|(name, it)| (name.sibling(to), it)));
                }
                Operation::DropTable(table) => {
                    self.new_tables.remove(&table.name);
                    self.attached.retain(|name, _| !same(name, &table.name));
                }
                Operation::DropIndex { index, .. } => self.forget(&index.name.name),
                Operation::DropTrigger { trigger, .. } => self.forget(&trigger.name.name),
                Operation::AlterTable(alter) => {
                    for change in &alter.changes {
                        if let TableChange::DropConstraint(constraint) = change {
                            self.forget(&constraint.name_in(&alter.table.name));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Takes note that something attached was dropped by its name.
    fn forget(&mut self, name: &str) {
        self.attached.values_mut().for_each(|all| all.retain(|it| it.name != name));
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
    fn what_an_earlier_step_drops_is_not_attached_any_more() {
        use crate::prelude::*;
        let attached = |kind, name: &str| Attached { kind, name: name.to_owned(), columns: BTreeSet::new() };
        let all = [
            attached(AttachedKind::Index, "i"),
            attached(AttachedKind::Trigger, "t"),
            attached(AttachedKind::Constraint, "users_a_key"),
            attached(AttachedKind::Policy, "p"),
        ];
        let both = [("users".into(), all.clone().into()), ("gone".into(), all.into())];
        let mut facts = Facts { attached: both.into(), ..Facts::default() };
        let dropping = crate::safety::testing::step(|cx| {
            cx.drop_index("i", "users")?;
            cx.drop_trigger("t", "users")?;
            cx.drop_constraint(unique(["a"]), "users")?;
            cx.drop_table("gone")?;
            cx.rename_table("users", "people")
        });
        facts.after(&dropping.step);
        let left: Vec<_> = facts.attached.iter().collect();
        let policy = BTreeSet::from([attached(AttachedKind::Policy, "p")]);
        assert_eq!(left, [(&"people".into(), &policy)]);
    }

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
