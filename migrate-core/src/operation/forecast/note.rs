//! What a step changes, kept for the statements after.

use super::facts::{ColumnFacts, ConstraintFacts, ConstraintKind};
use super::state::State;
use crate::connection::Dialect;
use crate::operation::constraint::References;
use crate::operation::render::postgres::type_text;
use crate::operation::{Column, ColumnType, Constraint, Name, column_constraint_name};

impl State<'_> {
    /// Notes something of a column, in the table's partitions and children, too.
    pub(super) fn note(&mut self, table: &Name, column: &str, note: impl Fn(&mut ColumnFacts)) {
        for name in self.tree(table) {
            if let Some(facts) = self.relations.get_mut(&name).and_then(|it| it.columns.get_mut(column)) {
                note(facts);
            }
        }
    }

    pub(super) fn note_column(&mut self, table: &Name, column: &Column) {
        let type_ = match column.type_.on_dialect(Dialect::Postgres) {
            ColumnType::SmallSerial => Some("smallint".to_owned()),
            ColumnType::Serial => Some("integer".to_owned()),
            ColumnType::BigSerial => Some("bigint".to_owned()),
            other => type_text(other),
        };
        let facts = ColumnFacts {
            type_,
            not_null: !column.nullable || column.primary_key,
            collation: column.collation.clone(),
            sequence: None,
        };
        let named = |label| column_constraint_name(&table.name, &column.name, label);
        let mut constraints = Vec::new();
        let of = |kind| ConstraintFacts { kind, validated: true, columns: vec![column.name.clone()] };
        if column.primary_key {
            constraints
                .push((column_constraint_name(&table.name, "", "pkey"), of(ConstraintKind::PrimaryKey)));
        }
        if column.unique {
            constraints.push((named("key"), of(ConstraintKind::Unique)));
        }
        for check in &column.checks {
            let expression = check.for_dialect(Dialect::Postgres).unwrap_or_default().to_owned();
            constraints.push((named("check"), of(ConstraintKind::Check { expression })));
        }
        if let Some(references) = &column.references {
            let kind = self.foreign_key(references);
            constraints.push((named("fkey"), of(kind)));
        }
        for name in self.tree(table) {
            if let Some(relation) = self.relations.get_mut(&name) {
                relation.columns.insert(column.name.clone(), facts.clone());
                relation.constraints.extend(constraints.iter().cloned());
            }
        }
    }

    pub(super) fn note_constraint(&mut self, table: &Name, constraint: &Constraint) {
        let name = constraint.name_in(&table.name);
        let (kind, columns, validated) = match constraint {
            Constraint::PrimaryKey(key) => (ConstraintKind::PrimaryKey, key.columns.clone(), true),
            Constraint::Unique(unique) => (ConstraintKind::Unique, unique.columns.clone(), true),
            Constraint::Exclude(_) => (ConstraintKind::Exclude, Vec::new(), true),
            Constraint::Check(check) => {
                let expression =
                    check.condition.for_dialect(Dialect::Postgres).unwrap_or_default().to_owned();
                (ConstraintKind::Check { expression }, Vec::new(), !check.not_valid)
            }
            Constraint::ForeignKey(key) => {
                (self.foreign_key(&key.references), key.columns.clone(), !key.not_valid)
            }
        };
        if kind == ConstraintKind::PrimaryKey {
            for column in &columns {
                self.note(table, column, |facts| facts.not_null = true);
            }
        }
        let validated = validated || self.new.contains(table);
        if let Some(relation) = self.relations.get_mut(table) {
            relation.constraints.insert(name, ConstraintFacts { kind, validated, columns });
        }
    }

    fn foreign_key(&self, references: &References) -> ConstraintKind {
        use crate::operation::Action::{Cascade, SetDefault, SetNull};
        ConstraintKind::ForeignKey {
            table: self.told(&references.table),
            columns: references.columns.clone(),
            follows: matches!(references.on_delete, Some(Cascade | SetNull | SetDefault)),
        }
    }

    pub(super) fn rename_column(&mut self, table: &Name, from: &str, to: &str) {
        for name in self.tree(table) {
            let Some(relation) = self.relations.get_mut(&name) else { continue };
            if let Some(facts) = relation.columns.remove(from) {
                relation.columns.insert(to.to_owned(), facts);
            }
            let of_constraints = relation.constraints.values_mut().map(|it| &mut it.columns);
            let of_indexes = relation.indexes.values_mut().map(|it| &mut it.columns);
            for column in of_constraints.chain(of_indexes).flatten().filter(|column| *column == from) {
                to.clone_into(column);
            }
        }
    }
}
