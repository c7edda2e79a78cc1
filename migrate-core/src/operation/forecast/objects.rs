//! Everything but the inside of tables.

use super::facts::{DataType, IndexFacts, Relation, RelationKind};
use super::sql_type::SqlType;
use super::state::State;
use super::words::mentioned;
use crate::connection::Dialect;
use crate::operation::TableLock::{
    AccessExclusive, AccessShare, Exclusive, Share, ShareRowExclusive, ShareUpdateExclusive,
};
use crate::operation::{
    Assumption, CommentTarget, Dropped, Effect, Function, Index, KeyTarget, Name, Operation, ReindexTarget,
    Sql, Table, Trigger, View,
};

impl State<'_> {
    pub(super) fn whole(&mut self, operation: &Operation) -> Effect {
        let mut effect = Effect::default();
        match operation {
            Operation::DropTable(table) => self.drop_table(&mut effect, table),
            Operation::RenameTable { from, to } | Operation::RenameSequence { from, to } => {
                self.rename_table(&mut effect, from, to);
            }
            Operation::DropIndex { index, table } => self.drop_index(&mut effect, index, table),
            Operation::RenameIndex { table, from, to } => self.rename_index(&mut effect, table, (from, to)),
            Operation::Reindex { target, concurrently } => self.reindex(&mut effect, target, *concurrently),
            Operation::CreateEnum(enum_type) => {
                self.new_types.insert(self.told(&enum_type.name), DataType::Enum);
            }
            Operation::DropEnum(it) if it.cascade => self.drop_type(&mut effect, &it.name),
            Operation::CreateView(view) => self.create_view(&mut effect, view),
            Operation::DropView { view, .. } => self.drop_view(&mut effect, view),
            Operation::RefreshView { name, concurrently } => {
                self.refresh_view(&mut effect, name, *concurrently);
            }
            Operation::CreateFunction(function) => self.create_function(&mut effect, function),
            Operation::DropFunction { function, .. } if function.cascade => {
                self.drop_triggers_of(&mut effect, &function.name);
            }
            Operation::CreateTrigger(trigger) => self.create_trigger(&mut effect, trigger),
            Operation::DropTrigger { trigger, table } => self.drop_trigger(&mut effect, trigger, table),
            Operation::DropExtension(it) if it.cascade => {
                effect.assumed.insert(Assumption::Dependents(it.name.clone()));
            }
            Operation::CreateSequence(sequence) => {
                if let Some((table, _)) = &sequence.owned_by {
                    self.lock(&mut effect, &self.told(table), AccessShare);
                }
                self.new.insert(self.told(&sequence.name));
            }
            Operation::DropSequence(it) => {
                let name = self.told(&it.name);
                if !(it.if_exists && self.is_absent(&name)) {
                    self.lock(&mut effect, &name, AccessExclusive);
                }
            }
            Operation::DropSchema(it) if it.cascade => self.drop_schema(&mut effect, &it.name.name),
            Operation::Comment { on, .. } => return self.comment(on),
            Operation::Execute(_) => effect.unknown = true,
            _ => {}
        }
        effect
    }

    fn drop_table(&mut self, effect: &mut Effect, table: &Dropped<Table>) {
        let name = self.told(&table.name);
        if table.if_exists && self.is_absent(&name) {
            return;
        }
        if !self.new.contains(&name) {
            let _ = self.look_at(&name, effect);
        }
        for dropped in self.tree(&name) {
            self.drop_one_table(effect, &dropped, table.cascade);
        }
    }

    fn drop_one_table(&mut self, effect: &mut Effect, name: &Name, cascade: bool) {
        self.lock(effect, name, AccessExclusive);
        let relation = self.relations.get(name).cloned().unwrap_or_default();
        let sequences = relation.columns.values().filter_map(|column| column.sequence.clone());
        for sequence in sequences {
            self.lock(effect, &sequence, AccessExclusive);
        }
        // A partition is taken out of its table first.
        let is_partitioned =
            |parent: &Name| self.relations.get(parent).is_some_and(|it| it.kind == RelationKind::Partitioned);
        for parent in relation.parents.iter().filter(|parent| is_partitioned(parent)) {
            self.lock(effect, parent, AccessExclusive);
        }
        for other in self.referred(name) {
            self.lock_tree(effect, &other, AccessExclusive);
        }
        if cascade {
            for other in self.referring(name) {
                self.lock_tree(effect, &other, AccessExclusive);
            }
            self.lock_views(effect, name, None);
        }
        self.relations.remove(name);
        self.new.remove(name);
    }

    fn rename_table(&mut self, effect: &mut Effect, from: &Name, to: &str) {
        let from = self.told(from);
        let to = from.sibling(to);
        self.lock(effect, &from, AccessExclusive);
        if self.new.remove(&from) {
            self.new.insert(to.clone());
        }
        if let Some(relation) = self.relations.remove(&from) {
            self.relations.insert(to.clone(), relation);
        }
        for relation in self.relations.values_mut() {
            if relation.parents.remove(&from) {
                relation.parents.insert(to.clone());
            }
            for constraint in relation.constraints.values_mut() {
                if let super::ConstraintKind::ForeignKey { table, .. } = &mut constraint.kind
                    && *table == from
                {
                    table.clone_from(&to);
                }
            }
        }
    }

    pub(super) fn create_index(&mut self, index: &Index, concurrently: bool) -> Effect {
        let mut effect = Effect::default();
        let table = self.told(&index.table);
        let lock = if concurrently { ShareUpdateExclusive } else { Share };
        self.lock_tree(&mut effect, &table, lock);
        let there = self.relations.get(&table).is_some_and(|it| it.indexes.contains_key(&index.name));
        if index.if_not_exists && there {
            return effect;
        }
        self.scan(&mut effect, &table);
        effect.waits_for_transactions = concurrently;
        if let Some(relation) = self.relations.get_mut(&table) {
            relation.indexes.insert(index.name.clone(), index_facts(index));
        }
        effect
    }

    fn drop_index(&mut self, effect: &mut Effect, index: &Dropped<Index>, table: &Name) {
        let table = self.told(table);
        let name = &index.name.name;
        let indexes = self.relations.get(&table).map(|relation| &relation.indexes);
        let absent = self.complete && indexes.is_none_or(|indexes| !indexes.contains_key(name));
        if index.if_exists && absent {
            return;
        }
        let lock = if index.concurrently { ShareUpdateExclusive } else { AccessExclusive };
        self.lock_tree(effect, &table, lock);
        effect.waits_for_transactions = index.concurrently;
        if let Some(relation) = self.relations.get_mut(&table) {
            relation.indexes.remove(name);
        }
    }

    fn rename_index(&mut self, effect: &mut Effect, table: &Name, (from, to): (&str, &str)) {
        let table = self.told(table);
        if !self.new.contains(&table) {
            self.lock(effect, &Self::beside(&table, from), ShareUpdateExclusive);
        }
        if let Some(relation) = self.relations.get_mut(&table)
            && let Some(index) = relation.indexes.remove(from)
        {
            relation.indexes.insert(to.to_owned(), index);
        }
    }

    fn reindex(&mut self, effect: &mut Effect, target: &ReindexTarget, concurrently: bool) {
        let (table, indexes) = match target {
            ReindexTarget::Table(table) => {
                let table = self.told(table);
                let relation = self.look_at(&table, effect);
                let indexes = relation.into_iter().flat_map(|relation| relation.indexes.keys());
                let indexes: Vec<_> = indexes.map(|index| Self::beside(&table, index)).collect();
                (Some(table), indexes)
            }
            ReindexTarget::Index(index) => {
                let index = self.told(index);
                let is_its = |(table, relation): (&Name, &Relation)| {
                    table.schema == index.schema && relation.indexes.contains_key(&index.name)
                };
                let table = self.relations.iter().find(|it| is_its(*it)).map(|(table, _)| table.clone());
                if table.is_none() {
                    effect.assumed.insert(Assumption::Index(index.clone()));
                }
                (table, vec![index])
            }
        };
        effect.waits_for_transactions = concurrently;
        if let Some(table) = &table {
            if self.new.contains(table) {
                return;
            }
            self.lock_tree(effect, table, if concurrently { ShareUpdateExclusive } else { Share });
            self.scan(effect, table);
        }
        for index in indexes {
            if !concurrently {
                self.lock(effect, &index, AccessExclusive);
            }
            effect.rebuilds.insert(index);
        }
    }

    /// The columns of the type go with it.
    fn drop_type(&mut self, effect: &mut Effect, name: &Name) {
        if !self.complete {
            effect.assumed.insert(Assumption::Dependents(name.clone()));
        }
        let name = self.told(name);
        let is_of = |type_: &Option<String>| {
            type_.as_ref().is_some_and(|type_| self.told(&SqlType::parse(type_).name) == name)
        };
        let tables = self.relations.iter().filter(|(_, it)| it.columns.values().any(|it| is_of(&it.type_)));
        let tables: Vec<_> = tables.map(|(table, _)| table.clone()).collect();
        for table in tables {
            self.lock(effect, &table, AccessExclusive);
        }
    }

    fn create_view(&mut self, effect: &mut Effect, view: &View) {
        let name = self.told(&view.name);
        if view.or_replace && !self.is_absent(&name) {
            self.lock(effect, &name, AccessExclusive);
        }
        self.read(effect, &view.query, view.materialized && view.with_data);
        if !self.relations.contains_key(&name) {
            self.new.insert(name.clone());
        }
        let kind = if view.materialized { RelationKind::MaterializedView } else { RelationKind::View };
        let query = view.query.for_dialect(Dialect::Postgres).ok().map(str::to_owned);
        self.relations.insert(name, Relation { kind, query, ..Relation::default() });
    }

    /// What a query reads, as far as its words tell.
    fn read(&self, effect: &mut Effect, query: &Sql<'static>, all_rows: bool) {
        let query = query.for_dialect(Dialect::Postgres).unwrap_or_default();
        for table in self.named_in(query) {
            self.lock(effect, &table, AccessShare);
            if all_rows {
                self.scan(effect, &table);
            }
        }
    }

    fn drop_view(&mut self, effect: &mut Effect, view: &Dropped<View>) {
        let name = self.told(&view.name);
        if view.if_exists && self.is_absent(&name) {
            return;
        }
        self.lock(effect, &name, AccessExclusive);
        if view.cascade {
            self.lock_views(effect, &name, None);
        }
        self.relations.remove(&name);
        self.new.remove(&name);
    }

    fn refresh_view(&mut self, effect: &mut Effect, name: &Name, concurrently: bool) {
        let name = self.told(name);
        let relation = self.look_at(&name, effect).cloned().unwrap_or_default();
        self.lock(effect, &name, if concurrently { Exclusive } else { AccessExclusive });
        self.scan(effect, &name);
        if !concurrently {
            self.rewrite(effect, &name);
        }
        self.read(effect, &relation.query.unwrap_or_default().into(), true);
    }

    fn create_function(&self, effect: &mut Effect, function: &Function) {
        // The server reads the body of a function in SQL as a query.
        if function.language.eq_ignore_ascii_case("sql") {
            self.read(effect, &function.body.clone().into(), false);
        }
    }

    fn drop_triggers_of(&mut self, effect: &mut Effect, function: &Name) {
        if !self.complete {
            effect.assumed.insert(Assumption::Dependents(function.clone()));
        }
        let calls = |definition: &String| mentioned(definition).contains(&function.name);
        let tables = self.relations.iter().filter(|(_, relation)| relation.triggers.values().any(calls));
        let tables: Vec<_> = tables.map(|(name, _)| name.clone()).collect();
        for table in tables {
            self.lock(effect, &table, AccessExclusive);
        }
    }

    fn create_trigger(&mut self, effect: &mut Effect, trigger: &Trigger) {
        let table = self.told(&trigger.table);
        self.lock_tree(effect, &table, ShareRowExclusive);
        if trigger.or_replace {
            // It is dropped first, see `render`.
            let known = self.look_at(&table, effect).map(|it| it.triggers.contains_key(&trigger.name));
            let lock = if known == Some(false) { AccessShare } else { AccessExclusive };
            self.lock_tree(effect, &table, lock);
        }
        if let Some(relation) = self.relations.get_mut(&table) {
            let action = trigger.action.for_dialect(Dialect::Postgres).unwrap_or_default();
            relation.triggers.insert(trigger.name.clone(), action.to_owned());
        }
    }

    fn drop_trigger(&mut self, effect: &mut Effect, trigger: &Dropped<Trigger>, table: &Name) {
        let table = self.told(table);
        let name = &trigger.name.name;
        let known = self.relations.get(&table).map(|relation| relation.triggers.contains_key(name));
        let absent = trigger.if_exists && known == Some(false);
        self.lock_tree(effect, &table, if absent { AccessShare } else { AccessExclusive });
        if let Some(relation) = self.relations.get_mut(&table) {
            relation.triggers.remove(name);
        }
    }

    fn drop_schema(&mut self, effect: &mut Effect, schema: &str) {
        if !self.complete {
            effect.assumed.insert(Assumption::Dependents(schema.into()));
        }
        let inside = self.relations.keys().filter(|name| name.schema.as_deref() == Some(schema));
        let inside: Vec<_> = inside.cloned().collect();
        for name in inside {
            self.drop_one_table(effect, &name, true);
        }
    }

    pub(super) fn comment(&mut self, target: &CommentTarget) -> Effect {
        let mut effect = Effect::default();
        let (name, lock) = match target {
            CommentTarget::Table(name)
            | CommentTarget::Column(name, _)
            | CommentTarget::View(name)
            | CommentTarget::MaterializedView(name)
            | CommentTarget::Sequence(name)
            | CommentTarget::Index(name) => (name, ShareUpdateExclusive),
            CommentTarget::Constraint(name, _) | CommentTarget::Trigger(name, _) => (name, AccessShare),
            CommentTarget::Type(_)
            | CommentTarget::Schema(_)
            | CommentTarget::Extension(_)
            | CommentTarget::Function(..) => return effect,
        };
        self.lock(&mut effect, &self.told(name), lock);
        effect
    }
}

fn index_facts(index: &Index) -> IndexFacts {
    let mut facts = IndexFacts::default();
    for key in &index.keys {
        match &key.on {
            KeyTarget::Column(column) => facts.columns.push(column.clone()),
            KeyTarget::Expression(sql) => {
                facts.expressions.extend(sql.for_dialect(Dialect::Postgres).map(str::to_owned));
            }
        }
    }
    let predicate = index.predicate.as_ref().and_then(|sql| sql.for_dialect(Dialect::Postgres).ok());
    facts.expressions.extend(predicate.map(str::to_owned));
    facts
}
