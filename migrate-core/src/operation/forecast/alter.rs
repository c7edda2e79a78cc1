//! `CREATE TABLE` and `ALTER TABLE`.

use std::collections::BTreeSet;

use super::facts::{ColumnFacts, ConstraintFacts, ConstraintKind, DataType, Facts, Relation, RelationKind};
use super::not_null::proves_not_null;
use super::sql_type::SqlType;
use super::state::State;
use super::type_change::is_own;
use super::volatility::{Volatility, volatility};
use crate::connection::Dialect;
use crate::operation::TableLock::{AccessExclusive, RowShare, ShareRowExclusive, ShareUpdateExclusive};
use crate::operation::constraint::References;
use crate::operation::render::postgres::type_text;
use crate::operation::{
    Assumption, Column, ColumnChange, ColumnDefault, ColumnType, Constraint, Effect, Name, Table,
    TableChange, Value, column_constraint_name,
};

/// One `ALTER TABLE`.
pub(super) struct Altered<'c> {
    pub(super) table: Name,
    pub(super) effect: Effect,
    /// The constraints that it drops, before anything else.
    dropped: BTreeSet<String>,
    /// The columns that it adds without a value.
    added_empty: BTreeSet<&'c str>,
}

impl State<'_> {
    pub(super) fn create_table(&mut self, table: &Table) -> Effect {
        let name = self.told(&table.name);
        let mut effect = Effect::default();
        if table.if_not_exists && self.relations.contains_key(&name) {
            return effect;
        }
        if table.if_not_exists && !self.complete {
            effect.assumed.insert(Assumption::Existence(name.clone()));
        } else {
            self.new.insert(name.clone());
        }
        for references in references(table) {
            let referenced = self.told(&references.table);
            if referenced != name {
                self.lock_tree(&mut effect, &referenced, ShareRowExclusive);
            }
        }
        self.relations.insert(name.clone(), Relation::default());
        for column in &table.columns {
            self.note_column(&name, column);
        }
        for constraint in &table.constraints {
            self.note_constraint(&name, constraint);
        }
        if table.options.partition_by.is_some()
            && let Some(relation) = self.relations.get_mut(&name)
        {
            relation.kind = RelationKind::Partitioned;
        }
        effect
    }

    pub(super) fn alter_table(&mut self, table: &Name, changes: &[&TableChange]) -> Effect {
        let table = self.told(table);
        let mut altered = Altered {
            dropped: changes.iter().filter_map(|change| dropped(change, &table)).collect(),
            added_empty: changes.iter().filter_map(|change| added_empty(change)).collect(),
            effect: Effect::default(),
            table,
        };
        for change in changes {
            self.change(&mut altered, change);
        }
        altered.effect
    }

    fn change(&mut self, altered: &mut Altered<'_>, change: &TableChange) {
        let table = altered.table.clone();
        let lock = match change {
            TableChange::AddConstraint(constraint) if matches!(**constraint, Constraint::ForeignKey(_)) => {
                ShareRowExclusive
            }
            TableChange::ValidateConstraint(_) => ShareUpdateExclusive,
            _ => AccessExclusive,
        };
        self.lock_tree(&mut altered.effect, &table, lock);
        match change {
            TableChange::AddColumn(column) => self.add_column(altered, column),
            TableChange::DropColumn(column) => self.drop_column(altered, &column.name.name, column.cascade),
            TableChange::AlterColumn { column, change } => self.alter_column(altered, column, change),
            TableChange::RenameColumn { from, to } => self.rename_column(&table, from, to),
            TableChange::AddConstraint(constraint) => self.add_constraint(altered, constraint),
            TableChange::DropConstraint(constraint) => {
                self.drop_constraint(altered, &constraint.name_in(&table.name), constraint.cascade);
            }
            TableChange::RenameConstraint { from, to } => {
                if let Some(relation) = self.relations.get_mut(&table)
                    && let Some(constraint) = relation.constraints.remove(from)
                {
                    relation.constraints.insert(to.clone(), constraint);
                }
            }
            TableChange::ValidateConstraint(name) => self.validate(altered, name),
        }
    }

    fn add_column(&mut self, altered: &mut Altered<'_>, column: &Column) {
        let table = altered.table.clone();
        let there = self.relations.get(&table).is_some_and(|it| it.columns.contains_key(&column.name));
        if column.if_not_exists && there {
            return;
        }
        if self.fills_rows(column, &mut altered.effect, &table) {
            self.rewrite(&mut altered.effect, &table);
        }
        if !column.checks.is_empty() || column.unique || column.primary_key {
            self.scan(&mut altered.effect, &table);
        }
        if let Some(references) = &column.references {
            let referenced = self.told(&references.table);
            self.lock_tree(&mut altered.effect, &referenced, ShareRowExclusive);
            // Rows without a value refer to nothing.
            if has_value(column) {
                self.scan(&mut altered.effect, &table);
                self.scan(&mut altered.effect, &referenced);
            }
        }
        self.note_column(&table, column);
    }

    /// Whether each row gets a value of its own when the column is added.
    fn fills_rows(&self, column: &Column, effect: &mut Effect, table: &Name) -> bool {
        use ColumnType::{BigSerial, Serial, SmallSerial};
        let type_ = column.type_.on_dialect(Dialect::Postgres);
        let numbered = column.identity.is_some() || matches!(type_, SmallSerial | Serial | BigSerial);
        let stored = column.generated.as_ref().is_some_and(|generated| generated.stored);
        if numbered || stored {
            return true;
        }
        if let Some(ColumnDefault::Expression(sql)) = &column.default {
            let sql = sql.for_dialect(Dialect::Postgres).unwrap_or_default();
            let (volatility, unknown) = volatility(sql, |function| self.volatility(function));
            effect.assumed.extend(unknown.into_iter().map(Assumption::Volatility));
            if volatility == Volatility::Volatile {
                return true;
            }
        }
        self.has_rules(type_, effect, (table, &column.name))
    }

    /// Whether values of a type are checked, even where there is none: those of a domain.
    fn has_rules(&self, type_: &ColumnType, effect: &mut Effect, (table, column): (&Name, &str)) -> bool {
        let parsed = match type_ {
            ColumnType::Named(_) | ColumnType::Custom(_) => {
                type_text(type_).map(|text| SqlType::parse(&text))
            }
            _ => None,
        };
        let Some(type_) = parsed.filter(|type_| !type_.array && !type_.base().is_some_and(is_own)) else {
            return false;
        };
        match self.data_type(&type_.name) {
            Some(DataType::Domain { checked, .. }) => checked,
            Some(_) => false,
            None => {
                let (table, column) = (table.clone(), column.to_owned());
                effect.assumed.insert(Assumption::ColumnType { table, column });
                true
            }
        }
    }

    fn drop_column(&mut self, altered: &mut Altered<'_>, column: &str, cascade: bool) {
        let table = altered.table.clone();
        let relation = self.look_at(&table, &mut altered.effect);
        let facts = relation.and_then(|relation| relation.columns.get(column));
        if let Some(sequence) = facts.and_then(|facts| facts.sequence.clone()) {
            self.lock(&mut altered.effect, &sequence, AccessExclusive);
            self.relations.remove(&sequence);
        }
        for other in self.joined_by(&table, column) {
            self.lock_tree(&mut altered.effect, &other, AccessExclusive);
        }
        if cascade {
            self.lock_views(&mut altered.effect, &table, Some(column));
        }
        for name in self.tree(&table) {
            if let Some(relation) = self.relations.get_mut(&name) {
                relation.columns.remove(column);
                relation
                    .constraints
                    .retain(|_, constraint| !constraint.columns.iter().any(|it| it == column));
                relation.indexes.retain(|_, index| !index.columns.iter().any(|it| it == column));
            }
        }
    }

    /// Locks the views that go with what they show.
    pub(super) fn lock_views(&self, effect: &mut Effect, name: &Name, column: Option<&str>) {
        if !self.complete {
            effect.assumed.insert(Assumption::Dependents(name.clone()));
        }
        for view in self.views_of(name, column) {
            self.lock(effect, &view, AccessExclusive);
        }
    }

    fn alter_column(&mut self, altered: &mut Altered<'_>, column: &str, change: &ColumnChange) {
        if change.type_.is_some() || change.collation.is_some() {
            self.change_type(altered, column, change);
        }
        if let Some(identity) = &change.identity {
            let lock = if identity.is_some() { ShareRowExclusive } else { AccessExclusive };
            let relation = self.look_at(&altered.table, &mut altered.effect);
            let facts = relation.and_then(|relation| relation.columns.get(column));
            if let Some(sequence) = facts.and_then(|facts| facts.sequence.clone()) {
                self.lock(&mut altered.effect, &sequence, lock);
            }
        }
        if change.nullable == Some(false) {
            self.require_value(altered, column);
        }
        if change.nullable == Some(true) {
            self.note(&altered.table, column, |facts| facts.not_null = false);
        }
    }

    /// Reads the table for NULLs, unless something proves that there is none.
    fn require_value(&mut self, altered: &mut Altered<'_>, column: &str) {
        for table in self.tree(&altered.table) {
            let relation = self.look_at(&table, &mut altered.effect);
            let proven = relation.is_some_and(|relation| {
                let not_null = relation.columns.get(column).is_some_and(|facts| facts.not_null);
                let mut checks =
                    relation.constraints.iter().filter(|(name, _)| !altered.dropped.contains(*name));
                not_null
                    || checks.any(|(_, it)| match &it.kind {
                        ConstraintKind::Check { expression } => {
                            it.validated && proves_not_null(expression, column)
                        }
                        _ => false,
                    })
            });
            let empty = self.relations.get(&table).is_some_and(|it| it.kind == RelationKind::Partitioned);
            if !proven && !empty && !self.new.contains(&table) {
                altered.effect.scans.insert(table.clone());
            }
        }
        self.note(&altered.table, column, |facts| facts.not_null = true);
    }

    fn add_constraint(&mut self, altered: &mut Altered<'_>, constraint: &Constraint) {
        let table = altered.table.clone();
        match constraint {
            Constraint::PrimaryKey(key) => match &key.using_index {
                None => self.scan(&mut altered.effect, &table),
                Some(index) => {
                    let relation = self.look_at(&table, &mut altered.effect);
                    let columns = relation.and_then(|relation| relation.indexes.get(index));
                    match columns.map(|index| index.columns.clone()) {
                        Some(columns) => {
                            columns.iter().for_each(|column| self.require_value(altered, column))
                        }
                        None => self.scan(&mut altered.effect, &table),
                    }
                }
            },
            Constraint::Unique(unique) if unique.using_index.is_some() => {}
            Constraint::Check(check) if check.not_valid => {}
            Constraint::Unique(_) | Constraint::Check(_) | Constraint::Exclude(_) => {
                self.scan(&mut altered.effect, &table);
            }
            Constraint::ForeignKey(key) => {
                let referenced = self.told(&key.references.table);
                self.lock_tree(&mut altered.effect, &referenced, ShareRowExclusive);
                if !key.not_valid {
                    self.scan(&mut altered.effect, &table);
                    // Rows without a value refer to nothing.
                    if !key.columns.iter().any(|column| altered.added_empty.contains(column.as_str())) {
                        self.scan(&mut altered.effect, &referenced);
                    }
                }
            }
        }
        self.note_constraint(&table, constraint);
    }

    fn drop_constraint(&mut self, altered: &mut Altered<'_>, name: &str, cascade: bool) {
        let table = altered.table.clone();
        let known = self.relations.get(&table).and_then(|relation| relation.constraints.get(name)).cloned();
        match known.map(|constraint| constraint.kind) {
            Some(ConstraintKind::ForeignKey { table: referenced, .. }) => {
                self.lock_tree(&mut altered.effect, &referenced, AccessExclusive);
            }
            Some(ConstraintKind::PrimaryKey | ConstraintKind::Unique) if cascade => {
                for other in self.referring(&table) {
                    self.lock_tree(&mut altered.effect, &other, AccessExclusive);
                }
            }
            None if !self.complete => {
                let (table, constraint) = (table.clone(), name.to_owned());
                altered.effect.assumed.insert(Assumption::Constraint { table, constraint });
            }
            _ => {}
        }
        for name_in_tree in self.tree(&table) {
            if let Some(relation) = self.relations.get_mut(&name_in_tree) {
                relation.constraints.remove(name);
                relation.indexes.retain(|_, index| index.constraint.as_deref() != Some(name));
            }
        }
    }

    fn validate(&mut self, altered: &mut Altered<'_>, name: &str) {
        let table = altered.table.clone();
        let known = self.relations.get(&table).and_then(|relation| relation.constraints.get(name)).cloned();
        match known {
            Some(constraint) if constraint.validated => return,
            Some(ConstraintFacts { kind: ConstraintKind::ForeignKey { table: referenced, .. }, .. }) => {
                self.lock_tree(&mut altered.effect, &referenced, RowShare);
                self.scan(&mut altered.effect, &referenced);
            }
            Some(_) => {}
            None => {
                let (table, constraint) = (table.clone(), name.to_owned());
                altered.effect.assumed.insert(Assumption::Constraint { table, constraint });
            }
        }
        self.scan(&mut altered.effect, &table);
        if let Some(constraint) = self.relations.get_mut(&table).and_then(|it| it.constraints.get_mut(name)) {
            constraint.validated = true;
        }
    }

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

    pub(super) fn note(&mut self, table: &Name, column: &str, note: impl Fn(&mut ColumnFacts)) {
        for name in self.tree(table) {
            if let Some(facts) = self.relations.get_mut(&name).and_then(|it| it.columns.get_mut(column)) {
                note(facts);
            }
        }
    }

    fn note_column(&mut self, table: &Name, column: &Column) {
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

    fn note_constraint(&mut self, table: &Name, constraint: &Constraint) {
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
            columns.iter().for_each(|column| self.note(table, column, |facts| facts.not_null = true));
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

    fn rename_column(&mut self, table: &Name, from: &str, to: &str) {
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

fn references(table: &Table) -> impl Iterator<Item = &References> {
    let of_columns = table.columns.iter().filter_map(|column| column.references.as_ref());
    let of_table = table.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::ForeignKey(key) => Some(&key.references),
        _ => None,
    });
    of_columns.chain(of_table)
}

fn dropped(change: &TableChange, table: &Name) -> Option<String> {
    match change {
        TableChange::DropConstraint(constraint) => Some(constraint.name_in(&table.name)),
        _ => None,
    }
}

fn added_empty(change: &TableChange) -> Option<&str> {
    match change {
        TableChange::AddColumn(column) if !has_value(column) => Some(&column.name),
        _ => None,
    }
}

fn has_value(column: &Column) -> bool {
    !matches!(column.default, None | Some(ColumnDefault::Literal(Value::Null)))
        || column.identity.is_some()
        || column.generated.is_some()
}
