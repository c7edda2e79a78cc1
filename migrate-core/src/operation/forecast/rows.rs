//! `INSERT` and `DELETE`.

use super::facts::ConstraintKind;
use super::state::State;
use crate::operation::TableLock::{RowExclusive, RowShare};
use crate::operation::{Assumption, Effect, Name, Rows};

impl State<'_> {
    pub(super) fn insert(&mut self, rows: &Rows) -> Effect {
        let mut effect = Effect::default();
        let table = self.told(&rows.table);
        self.write(&mut effect, &table);
        let relation = self.relations.get(&table).cloned().unwrap_or_default();
        for (column, facts) in &relation.columns {
            if let Some(sequence) = facts.sequence.as_ref().filter(|_| !rows.columns.contains(column)) {
                self.lock(&mut effect, sequence, RowExclusive);
            }
        }
        for referred in self.referred(&table) {
            self.lock_tree(&mut effect, &referred, RowShare);
        }
        effect
    }

    pub(super) fn delete(&mut self, rows: &Rows) -> Effect {
        let mut effect = Effect::default();
        let table = self.told(&rows.table);
        self.write(&mut effect, &table);
        if !self.is_indexed(&table, &rows.key) {
            self.scan(&mut effect, &table);
        }
        let mut referring = Vec::new();
        for (name, relation) in &self.relations {
            for constraint in relation.constraints.values() {
                if let ConstraintKind::ForeignKey { table: referenced, follows, .. } = &constraint.kind
                    && *referenced == table
                {
                    referring.push((name.clone(), constraint.columns.clone(), *follows));
                }
            }
        }
        for (name, columns, follows) in referring {
            self.lock_tree(&mut effect, &name, if follows { RowExclusive } else { RowShare });
            if !self.is_indexed(&name, &columns) {
                self.scan(&mut effect, &name);
            }
        }
        effect
    }

    fn write(&self, effect: &mut Effect, table: &Name) {
        self.lock_tree(effect, table, RowExclusive);
        if let Some(relation) = self.look_at(table, effect)
            && !relation.triggers.is_empty()
        {
            effect.assumed.insert(Assumption::Triggers(table.clone()));
        }
    }

    /// Whether an index begins with one of the columns.
    fn is_indexed(&self, table: &Name, columns: &[String]) -> bool {
        self.relations.get(table).is_some_and(|relation| {
            let mut firsts = relation.indexes.values().filter_map(|index| index.columns.first());
            let keys = relation.constraints.values().filter(|constraint| {
                matches!(constraint.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique)
            });
            let mut keys = keys.filter_map(|constraint| constraint.columns.first());
            firsts.any(|first| columns.contains(first)) || keys.any(|first| columns.contains(first))
        })
    }
}
