//! A catalog as what a forecast begins with.

use std::collections::BTreeMap;

use super::{
    Catalog, Check, Constraint, Domain, FunctionKind, Index, IndexTarget, ObjectName, Table, Trigger, View,
};
use crate::operation::Name;
use crate::operation::forecast::{
    ColumnFacts, ConstraintFacts, ConstraintKind, DataType, Facts, IndexFacts, Relation, RelationKind,
    Volatility,
};

/// A catalog of PostgreSQL together with what a session adds to it.
#[derive(Debug, Clone)]
pub struct CatalogFacts<'c> {
    catalog: &'c Catalog,
    default_schema: String,
    utc: Option<bool>,
}

impl Catalog {
    /// What is known of the database for a session whose names without a schema are in `default_schema` (its
    /// `current_schema()`), and whose `TimeZone` is UTC, another, or not known.
    pub fn facts(&self, default_schema: impl Into<String>, utc: Option<bool>) -> CatalogFacts<'_> {
        CatalogFacts { catalog: self, default_schema: default_schema.into(), utc }
    }
}

impl Facts for CatalogFacts<'_> {
    fn relations(&self) -> Option<BTreeMap<Name, Relation>> {
        let tables = self.catalog.tables.iter().map(|(name, table)| (self.told(name), self.table(table)));
        let views = self.catalog.views.iter().map(|(name, view)| (self.told(name), plain_view(view)));
        let stored = self.catalog.materialized_views.iter().map(|(name, view)| {
            let relation = Relation {
                kind: RelationKind::MaterializedView,
                indexes: indexes(&view.indexes),
                query: Some(view.definition.clone()),
                ..Relation::default()
            };
            (self.told(name), relation)
        });
        let sequences =
            self.catalog.sequences.keys().map(|name| {
                (self.told(name), Relation { kind: RelationKind::Sequence, ..Relation::default() })
            });
        let mut relations: BTreeMap<_, _> = tables.chain(views).chain(stored).chain(sequences).collect();
        self.own_sequences(&mut relations);
        Some(relations)
    }

    fn default_schema(&self) -> Option<&str> {
        Some(&self.default_schema)
    }

    fn data_type(&self, name: &Name) -> Option<DataType> {
        let schema = name.schema.as_ref().unwrap_or(&self.default_schema);
        let object = ObjectName::new(schema, &name.name);
        if self.catalog.enums.contains_key(&object) {
            return Some(DataType::Enum);
        }
        if let Some(Domain { type_, nullable, checks, .. }) = self.catalog.domains.get(&object) {
            return Some(DataType::Domain { base: type_.clone(), checked: !checks.is_empty() || !nullable });
        }
        // A catalog of chosen tables has no schemas, and no types either.
        (!self.catalog.schemas.is_empty()).then_some(DataType::Other)
    }

    fn is_utc(&self) -> Option<bool> {
        self.utc
    }

    fn volatility(&self, function: &str) -> Option<Volatility> {
        let functions = self
            .catalog
            .functions
            .iter()
            .filter(|(name, it)| name.name.name == function && matches!(it.kind, FunctionKind::Function));
        // Of several with this name the worst.
        functions.map(|(_, function)| volatility(&function.definition)).max()
    }
}

impl CatalogFacts<'_> {
    fn told(&self, name: &ObjectName) -> Name {
        let schema = name.schema.clone().filter(|schema| *schema != self.default_schema);
        Name { schema, name: name.name.clone() }
    }

    fn table(&self, table: &Table) -> Relation {
        let partitioned = table.options.partition_by.is_some();
        let parents = table.options.partition_of.iter().map(|it| &it.table).chain(&table.options.inherits);
        let columns = table.columns.iter().map(|column| {
            let facts = ColumnFacts {
                type_: Some(column.type_.clone()),
                not_null: !column.nullable && column.not_null.as_ref().is_none_or(|it| it.validated),
                collation: column.collation.clone(),
                sequence: column
                    .identity
                    .as_ref()
                    .and_then(|it| it.sequence.as_ref())
                    .map(|it| self.told(it)),
            };
            (column.name.clone(), facts)
        });
        Relation {
            kind: if partitioned { RelationKind::Partitioned } else { RelationKind::Table },
            columns: columns.collect(),
            constraints: self.constraints(table),
            indexes: indexes(&table.indexes),
            triggers: triggers(&table.triggers),
            parents: parents.map(|name| self.told(name)).collect(),
            query: None,
        }
    }

    fn constraints(&self, table: &Table) -> BTreeMap<String, ConstraintFacts> {
        use super::Action::{Cascade, SetDefault, SetNull};
        let keys = table.primary_key.iter();
        let keys = keys.filter_map(|it| facts(it, ConstraintKind::PrimaryKey, &it.rule.columns));
        let uniques =
            table.uniques.iter().filter_map(|it| facts(it, ConstraintKind::Unique, &it.rule.columns));
        let checks = table.checks.iter().filter_map(|it| {
            let Constraint { rule: Check { expression, .. }, .. } = it;
            facts(it, ConstraintKind::Check { expression: expression.clone() }, &[])
        });
        let exclusions = table.exclusions.iter().filter_map(|it| facts(it, ConstraintKind::Exclude, &[]));
        let foreign_keys = table.foreign_keys.iter().filter_map(|it| {
            let kind = ConstraintKind::ForeignKey {
                table: self.told(&it.rule.table),
                columns: it.rule.referenced.clone(),
                follows: matches!(it.rule.on_delete, Cascade | SetNull | SetDefault),
            };
            facts(it, kind, &it.rule.columns)
        });
        keys.chain(uniques).chain(checks).chain(exclusions).chain(foreign_keys).collect()
    }

    /// A sequence that a column owns goes with the column, and an identity's is locked with it.
    fn own_sequences(&self, relations: &mut BTreeMap<Name, Relation>) {
        for (name, sequence) in &self.catalog.sequences {
            let Some(owner) = &sequence.owned_by else { continue };
            let column = relations.get_mut(&self.told(&owner.table)).map(|table| &mut table.columns);
            if let Some(column) = column.and_then(|columns| columns.get_mut(&owner.column)) {
                column.sequence = Some(self.told(name));
            }
        }
    }
}

fn facts<R>(
    constraint: &Constraint<R>,
    kind: ConstraintKind,
    columns: &[String],
) -> Option<(String, ConstraintFacts)> {
    let facts = ConstraintFacts { kind, validated: constraint.validated, columns: columns.to_vec() };
    Some((constraint.name.clone()?, facts))
}

fn plain_view(view: &View) -> Relation {
    Relation {
        kind: RelationKind::View,
        triggers: triggers(&view.triggers),
        query: Some(view.definition.clone()),
        ..Relation::default()
    }
}

fn triggers(triggers: &BTreeMap<String, Trigger>) -> BTreeMap<String, String> {
    triggers.iter().map(|(name, trigger)| (name.clone(), trigger.definition.clone())).collect()
}

fn indexes(indexes: &BTreeMap<String, Index>) -> BTreeMap<String, IndexFacts> {
    let index_facts = |index: &Index| {
        let mut facts = IndexFacts { constraint: index.constraint.clone(), ..IndexFacts::default() };
        for key in &index.keys {
            match &key.target {
                IndexTarget::Column(column) => facts.columns.push(column.clone()),
                IndexTarget::Expression(expression) => facts.expressions.push(expression.clone()),
            }
        }
        facts.expressions.extend(index.predicate.clone());
        facts
    };
    indexes.iter().map(|(name, index)| (name.clone(), index_facts(index))).collect()
}

/// As `pg_get_functiondef` says it: a function that says nothing is volatile.
fn volatility(definition: &str) -> Volatility {
    let head = definition.split_once("\nAS ").map_or(definition, |(head, _)| head);
    let says = |word| head.split_whitespace().any(|it| it == word);
    if says("IMMUTABLE") {
        Volatility::Immutable
    } else if says("STABLE") {
        Volatility::Stable
    } else {
        Volatility::Volatile
    }
}
