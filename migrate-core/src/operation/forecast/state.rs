//! What is known of the database while a step goes on.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{DataType, Facts, Relation, RelationKind};
use super::volatility::Volatility;
use super::words::mentioned;
use crate::operation::{Assumption, Effect, Name, TableLock};

/// What is known of the database, kept up to date by the operations of the step.
pub(super) struct State<'f> {
    facts: &'f dyn Facts,
    /// Whether what is not here is not there.
    pub(super) complete: bool,
    pub(super) relations: BTreeMap<Name, Relation>,
    /// What the step itself created: nobody else sees it yet.
    pub(super) new: BTreeSet<Name>,
    pub(super) new_types: BTreeMap<Name, DataType>,
}

impl<'f> State<'f> {
    pub(super) fn new(facts: &'f dyn Facts) -> Self {
        let relations = facts.relations();
        Self {
            facts,
            complete: relations.is_some(),
            relations: relations.unwrap_or_default(),
            new: BTreeSet::new(),
            new_types: BTreeMap::new(),
        }
    }

    /// The name that effects are told under.
    pub(super) fn told(&self, name: &Name) -> Name {
        let is_default = name.schema.is_some() && name.schema.as_deref() == self.facts.default_schema();
        if is_default { Name { schema: None, name: name.name.clone() } } else { name.clone() }
    }

    /// A relation; where nothing is known of it the effect says so.
    pub(super) fn look_at(&self, name: &Name, effect: &mut Effect) -> Option<&Relation> {
        let relation = self.relations.get(name);
        if relation.is_none() && !self.complete {
            effect.assumed.insert(Assumption::Table(name.clone()));
        }
        relation
    }

    /// Whether it is known that there is no such relation.
    pub(super) fn is_absent(&self, name: &Name) -> bool {
        self.complete && !self.relations.contains_key(name)
    }

    /// Locks a relation, if anybody else sees it.
    pub(super) fn lock(&self, effect: &mut Effect, name: &Name, lock: TableLock) {
        if !self.new.contains(name) {
            let held = effect.locks.entry(name.clone()).or_insert(lock);
            *held = lock.max(*held);
        }
    }

    /// Locks a table with its partitions and children.
    pub(super) fn lock_tree(&self, effect: &mut Effect, name: &Name, lock: TableLock) {
        for name in self.tree(name) {
            self.lock(effect, &name, lock);
        }
    }

    /// Reads all rows of a table, its partitions and children.
    pub(super) fn scan(&self, effect: &mut Effect, name: &Name) {
        effect.scans.extend(self.with_rows(name));
    }

    /// Writes all rows of a table, its partitions and children anew.
    pub(super) fn rewrite(&self, effect: &mut Effect, name: &Name) {
        let tables = self.with_rows(name);
        effect.rewrites.extend(tables.iter().cloned());
        effect.scans.extend(tables);
    }

    fn with_rows(&self, name: &Name) -> Vec<Name> {
        let has_rows = |name: &Name| {
            let kind = self.relations.get(name).map(|relation| relation.kind);
            !self.new.contains(name)
                && matches!(kind, None | Some(RelationKind::Table | RelationKind::MaterializedView))
        };
        self.tree(name).into_iter().filter(has_rows).collect()
    }

    /// A table, its partitions and children, and theirs.
    pub(super) fn tree(&self, name: &Name) -> Vec<Name> {
        let mut tree = vec![name.clone()];
        let mut next = 0;
        while let Some(parent) = tree.get(next).cloned() {
            let children = self.relations.iter().filter(|(_, relation)| relation.parents.contains(&parent));
            let children: Vec<_> = children.map(|(name, _)| name.clone()).collect();
            tree.extend(children.into_iter().filter(|child| !tree.contains(child)).collect::<Vec<_>>());
            next += 1;
        }
        tree
    }

    /// The relations that a piece of SQL names.
    pub(super) fn named_in(&self, sql: &str) -> Vec<Name> {
        let words = mentioned(sql);
        let names = self.relations.iter().filter(|(_, it)| it.kind != RelationKind::Sequence);
        names.map(|(name, _)| name).filter(|name| words.contains(&name.name)).cloned().collect()
    }

    /// The views that show a relation, or one of its columns, and those that show them.
    pub(super) fn views_of(&self, name: &Name, column: Option<&str>) -> BTreeSet<Name> {
        let shows = |relation: &Relation, name: &Name, column: Option<&str>| {
            relation.query.as_ref().is_some_and(|query| {
                let words = mentioned(query);
                words.contains(&name.name) && column.is_none_or(|column| words.contains(column))
            })
        };
        let mut views = BTreeSet::new();
        let mut to_do = vec![(name.clone(), column)];
        while let Some((name, column)) = to_do.pop() {
            for (view, relation) in &self.relations {
                if *view != name && shows(relation, &name, column) && views.insert(view.clone()) {
                    to_do.push((view.clone(), None));
                }
            }
        }
        views
    }

    /// A name in a table's schema: of one of its indexes.
    pub(super) fn beside(table: &Name, name: &str) -> Name {
        table.sibling(name)
    }
}

/// The step's own types come before those of the database.
impl Facts for State<'_> {
    fn relations(&self) -> Option<BTreeMap<Name, Relation>> {
        self.complete.then(|| self.relations.clone())
    }

    fn default_schema(&self) -> Option<&str> {
        self.facts.default_schema()
    }

    fn data_type(&self, name: &Name) -> Option<DataType> {
        self.new_types.get(&self.told(name)).cloned().or_else(|| self.facts.data_type(name))
    }

    fn is_utc(&self) -> Option<bool> {
        self.facts.is_utc()
    }

    fn volatility(&self, function: &str) -> Option<Volatility> {
        self.facts.volatility(function)
    }
}
