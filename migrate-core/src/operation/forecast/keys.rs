//! Which tables refer to which.

use std::collections::BTreeSet;

use super::facts::{ConstraintFacts, ConstraintKind};
use super::state::State;
use crate::operation::Name;

impl State<'_> {
    /// The tables that refer to a table.
    pub(super) fn referring(&self, table: &Name) -> BTreeSet<Name> {
        let refers = |constraint: &ConstraintFacts| matches!(&constraint.kind, ConstraintKind::ForeignKey { table: referenced, .. } if referenced == table);
        let tables = self.relations.iter().filter(|(_, relation)| relation.constraints.values().any(refers));
        tables.map(|(name, _)| name).filter(|name| *name != table).cloned().collect()
    }

    /// The tables that a table refers to.
    pub(super) fn referred(&self, table: &Name) -> BTreeSet<Name> {
        let constraints = self.relations.get(table).into_iter().flat_map(|it| it.constraints.values());
        let referred = constraints.filter_map(|constraint| match &constraint.kind {
            ConstraintKind::ForeignKey { table, .. } => Some(table.clone()),
            _ => None,
        });
        referred.filter(|referred| referred != table).collect()
    }

    /// The other tables that a foreign key joins to a column, in either direction.
    pub(super) fn joined_by(&self, table: &Name, column: &str) -> BTreeSet<Name> {
        let is_key = |columns: &[String]| {
            let keyed = |columns: &[String]| columns.iter().any(|it| it == column);
            let primary = || {
                let relation = self.relations.get(table)?;
                relation.constraints.values().find(|it| it.kind == ConstraintKind::PrimaryKey)
            };
            if columns.is_empty() { primary().is_some_and(|key| keyed(&key.columns)) } else { keyed(columns) }
        };
        let mut joined = BTreeSet::new();
        for (name, relation) in &self.relations {
            for constraint in relation.constraints.values() {
                let ConstraintKind::ForeignKey { table: referenced, columns, .. } = &constraint.kind else {
                    continue;
                };
                if name == table && constraint.columns.iter().any(|it| it == column) {
                    joined.insert(referenced.clone());
                }
                if referenced == table && is_key(columns) {
                    joined.insert(name.clone());
                }
            }
        }
        joined.remove(table);
        joined
    }
}
