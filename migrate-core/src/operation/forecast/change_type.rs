//! `ALTER COLUMN … TYPE`, with what stands on the column.

use super::alter::Altered;
use super::facts::{ConstraintKind, IndexFacts};
use super::sql_type::SqlType;
use super::state::State;
use super::type_change::{TypeChange, type_change};
use super::words::mentioned;
use crate::connection::Dialect;
use crate::operation::TableLock::AccessExclusive;
use crate::operation::render::postgres::type_text;
use crate::operation::{Assumption, ColumnChange, Effect, EnumColumn, Name};

impl State<'_> {
    pub(super) fn change_type(&mut self, altered: &mut Altered<'_>, column: &str, change: &ColumnChange) {
        let table = altered.table.clone();
        let was = change.was.as_deref();
        let facts = self.look_at(&table, &mut altered.effect).and_then(|it| it.columns.get(column)).cloned();
        let old = facts.as_ref().and_then(|facts| facts.type_.clone());
        let old = old.or_else(|| was.and_then(|was| type_text(&was.type_)));
        let new = change.type_.as_ref().or(was.map(|was| &was.type_)).and_then(type_text);
        let cost = match (&old, &new) {
            (Some(_), Some(new)) if !is_cast(change, column, new) => TypeChange::Rewrite,
            (Some(old), Some(new)) => type_change(old, new, self),
            _ => TypeChange::Unknown,
        };
        if cost == TypeChange::Unknown {
            let (table, column) = (table.clone(), column.to_owned());
            altered.effect.assumed.insert(Assumption::ColumnType { table, column });
        }
        let collation = change.collation.clone().or_else(|| was.and_then(|was| was.collation.clone()));
        let recollated = facts.is_some_and(|facts| facts.collation != collation);
        if matches!(cost, TypeChange::Rewrite | TypeChange::Unknown) {
            self.rewrite(&mut altered.effect, &table);
        } else {
            let reindexed = recollated || cost == TypeChange::Reindex;
            self.rebuild_what_stands_on(&mut altered.effect, &table, column, reindexed);
        }
        for other in self.joined_by(&table, column) {
            self.lock_tree(&mut altered.effect, &other, AccessExclusive);
            if cost != TypeChange::Nothing {
                self.scan(&mut altered.effect, &table);
                self.scan(&mut altered.effect, &other);
            }
        }
        self.note(&table, column, |facts| {
            facts.type_.clone_from(&new);
            facts.collation.clone_from(&collation);
        });
    }

    /// Indexes that do not fit any more are built anew, and conditions are checked again; the rows stay.
    fn rebuild_what_stands_on(&self, effect: &mut Effect, table: &Name, column: &str, reindexed: bool) {
        for table in self.tree(table) {
            let Some(relation) = self.relations.get(&table).filter(|_| !self.new.contains(&table)) else {
                continue;
            };
            let in_it = |sql: &String| mentioned(sql).contains(column);
            let is_rebuilt = |index: &IndexFacts| {
                let is_key = index.columns.iter().any(|it| it == column);
                let stands_on = is_key || index.expressions.iter().any(in_it);
                stands_on && (reindexed || !index.expressions.is_empty())
            };
            let indexes = relation.indexes.iter().filter(|(_, index)| is_rebuilt(index));
            let indexes: Vec<_> = indexes.map(|(name, _)| Self::beside(&table, name)).collect();
            let checked = relation.constraints.values().any(|constraint| match &constraint.kind {
                ConstraintKind::Check { expression } => constraint.validated && in_it(expression),
                _ => false,
            });
            if checked || !indexes.is_empty() {
                self.scan(effect, &table);
            }
            effect.rebuilds.extend(indexes);
        }
    }

    pub(super) fn convert_enum(&mut self, table: &Name, columns: &[&EnumColumn]) -> Effect {
        let mut effect = Effect::default();
        let table = self.told(table);
        self.lock_tree(&mut effect, &table, AccessExclusive);
        self.rewrite(&mut effect, &table);
        for column in columns {
            for other in self.joined_by(&table, &column.column) {
                self.lock_tree(&mut effect, &other, AccessExclusive);
                self.scan(&mut effect, &other);
            }
        }
        effect
    }
}

/// Whether the values are converted as the server does it by itself: without `USING`, or by a plain cast.
fn is_cast(change: &ColumnChange, column: &str, new: &str) -> bool {
    let Some(using) = &change.using else { return true };
    let using = using.for_dialect(Dialect::Postgres).unwrap_or_default();
    let (value, cast) = using.split_once("::").unwrap_or((using, new));
    let value = value.trim();
    let is_column =
        value == column || value.strip_prefix('"').and_then(|it| it.strip_suffix('"')) == Some(column);
    is_column && SqlType::parse(cast) == SqlType::parse(new)
}
