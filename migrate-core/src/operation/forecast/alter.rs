//! `CREATE TABLE` and `ALTER TABLE`.

use std::collections::BTreeSet;

use super::facts::{ConstraintFacts, ConstraintKind, DataType, Facts, Relation, RelationKind};
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
    TableChange, Value,
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
                            for column in columns {
                                self.require_value(altered, &column);
                            }
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
