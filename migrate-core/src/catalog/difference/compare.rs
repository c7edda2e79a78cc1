use std::collections::BTreeMap;
use std::fmt::Display;

use super::describe::{BESIDE_DEFINITION, DEFINITION, Describe, Described};
use super::tree::{AttributeChange, Change, DifferenceOptions, What};
use super::{constraints, indexes, text};
use crate::catalog::model::Identifier;
use crate::catalog::{Attribute, Catalog, Column, Composite, Domain, MaterializedView, NotNull, Table, View};

/// What differs below an object, and what that says of the object itself.
#[derive(Default)]
pub(super) struct Inside {
    attributes: Vec<AttributeChange>,
    parts: Vec<Change>,
}

/// The changes from one catalog to another.
pub(super) fn catalogs(from: &Catalog, to: &Catalog, options: DifferenceOptions) -> Vec<Change> {
    let Catalog {
        schemas,
        extensions,
        enums,
        domains,
        composites,
        sequences,
        functions,
        tables,
        views,
        materialized_views,
    } = from;
    [
        named(schemas, &to.schemas),
        named(extensions, &to.extensions),
        maps(enums, &to.enums, |_, _| Inside::default()),
        maps(domains, &to.domains, |from, to| domain(from, to, options)),
        maps(composites, &to.composites, |from, to| composite(from, to, options)),
        maps(sequences, &to.sequences, |_, _| Inside::default()),
        maps(functions, &to.functions, |_, _| Inside::default()),
        maps(tables, &to.tables, |from, to| table(from, to, options)),
        maps(views, &to.views, |from, to| view(from, to, options)),
        maps(materialized_views, &to.materialized_views, |from, to| materialized_view(from, to, options)),
    ]
    .concat()
}

/// The change from one object to another; none when they are alike but for what is ignored.
pub(super) fn changed<V: Describe>(name: &str, from: &V, to: &V, inside: Inside) -> Option<Change> {
    changed_but_for(name, from, to, inside, &[])
}

/// The same, passing over some attributes.
pub(super) fn changed_but_for<V: Describe>(
    name: &str,
    from: &V,
    to: &V,
    inside: Inside,
    ignored: &[&str],
) -> Option<Change> {
    let mut attributes = attributes(&from.attributes(), &to.attributes());
    attributes.retain(|change| !ignored.contains(&&*change.attribute));
    attributes.extend(inside.attributes);
    let what = What::Changed { attributes, parts: inside.parts };
    let empty =
        matches!(&what, What::Changed { attributes, parts } if attributes.is_empty() && parts.is_empty());
    (!empty).then(|| Change { kind: to.kind(), name: name.to_owned(), what })
}

/// An object that only the other catalog has.
pub(super) fn added<V: Describe>(name: &str, object: &V) -> Change {
    let what = What::Added { summary: object.summary() };
    Change { kind: object.kind(), name: name.to_owned(), what }
}

/// An object that the other catalog does not have.
pub(super) fn removed<V: Describe>(name: &str, object: &V) -> Change {
    let what = What::Removed { summary: object.summary() };
    Change { kind: object.kind(), name: name.to_owned(), what }
}

fn attributes(from: &[Described], to: &[Described]) -> Vec<AttributeChange> {
    let differing = from.iter().zip(to).filter(|(from, to)| from != to);
    let mut changes: Vec<_> = differing
        .map(|((attribute, from), (_, to))| AttributeChange {
            attribute: (*attribute).to_owned(),
            from: from.clone(),
            to: to.clone(),
        })
        .collect();
    let told = |change: &AttributeChange| {
        change.attribute != DEFINITION && !BESIDE_DEFINITION.contains(&&*change.attribute)
    };
    if changes.iter().any(told) {
        changes.retain(|change| change.attribute != DEFINITION);
    }
    changes
}

/// Compares what stands under the same key.
fn maps<K: Ord + Display, V: Describe + PartialEq>(
    from: &BTreeMap<K, V>,
    to: &BTreeMap<K, V>,
    inside: impl Fn(&V, &V) -> Inside,
) -> Vec<Change> {
    by_key(from, to, ToString::to_string, inside)
}

/// Compares what stands under the same plain name and has no parts.
fn named<V: Describe + PartialEq>(from: &BTreeMap<String, V>, to: &BTreeMap<String, V>) -> Vec<Change> {
    by_key(from, to, |name| Identifier(name).to_string(), |_, _| Inside::default())
}

fn by_key<K: Ord, V: Describe + PartialEq>(
    from: &BTreeMap<K, V>,
    to: &BTreeMap<K, V>,
    name: impl Fn(&K) -> String,
    inside: impl Fn(&V, &V) -> Inside,
) -> Vec<Change> {
    let gone = from.iter().filter(|(key, _)| !to.contains_key(key));
    let mut changes: BTreeMap<&K, Change> = gone.map(|(key, old)| (key, removed(&name(key), old))).collect();
    for (key, new) in to {
        let change = match from.get(key) {
            None => Some(added(&name(key), new)),
            Some(old) if old == new => None,
            Some(old) => changed(&name(key), old, new, inside(old, new)),
        };
        changes.extend(change.map(|change| (key, change)));
    }
    changes.into_values().collect()
}

/// What stands in an order under a name.
trait Ordered: Describe + PartialEq {
    fn name(&self) -> &str;

    /// The attributes in which the two differ by the names of constraints alone.
    fn named_apart(&self, _other: &Self) -> &'static [&'static str] {
        &[]
    }
}

impl Ordered for Column {
    fn name(&self) -> &str {
        &self.name
    }

    fn named_apart(&self, other: &Self) -> &'static [&'static str] {
        // One that says no more than `NOT NULL` is as good as none, as before PostgreSQL 18.
        let beyond = |not_null: &Option<NotNull>| match not_null {
            Some(NotNull { name: _, validated: true, no_inherit: false, comment: None }) | None => None,
            Some(not_null) => Some(NotNull { name: String::new(), ..not_null.clone() }),
        };
        if beyond(&self.not_null) == beyond(&other.not_null) { &["not null"] } else { &[] }
    }
}

impl Ordered for Attribute {
    fn name(&self) -> &str {
        &self.name
    }
}

/// Compares columns by name, and the order of those that both sides have.
fn ordered<V: Ordered>(from: &[V], to: &[V], options: DifferenceOptions) -> Inside {
    let old: BTreeMap<&str, &V> = from.iter().map(|column| (column.name(), column)).collect();
    let new: BTreeMap<&str, &V> = to.iter().map(|column| (column.name(), column)).collect();
    let mut inside = Inside::default();
    for column in to {
        let name = Identifier(column.name()).to_string();
        let change = match old.get(column.name()) {
            None => Some(added(&name, column)),
            Some(old) if *old == column => None,
            Some(old) => {
                let ignored = if options.ignore_constraint_names { old.named_apart(column) } else { &[] };
                changed_but_for(&name, *old, column, Inside::default(), ignored)
            }
        };
        inside.parts.extend(change);
    }
    let gone = from.iter().filter(|column| !new.contains_key(column.name()));
    inside.parts.extend(gone.map(|column| removed(&Identifier(column.name()).to_string(), column)));
    let common = |columns: &[V], others: &BTreeMap<&str, &V>| {
        let names = columns.iter().map(Ordered::name).filter(|name| others.contains_key(name));
        text::list(names.map(Identifier))
    };
    let (old_order, new_order) = (common(from, &new), common(to, &old));
    if old_order != new_order && !options.ignore_column_order {
        let attribute = "column order".to_owned();
        inside.attributes.push(AttributeChange { attribute, from: old_order, to: new_order });
    }
    inside
}

fn domain(from: &Domain, to: &Domain, options: DifferenceOptions) -> Inside {
    Inside { parts: constraints::lists(&from.checks, &to.checks, options), ..Inside::default() }
}

fn composite(from: &Composite, to: &Composite, options: DifferenceOptions) -> Inside {
    ordered(&from.attributes, &to.attributes, options)
}

fn table(from: &Table, to: &Table, options: DifferenceOptions) -> Inside {
    let mut inside = ordered(&from.columns, &to.columns, options);
    inside.parts.extend(constraints::tables(from, to, options));
    inside.parts.extend(indexes::tables(from, to, options));
    inside.parts.extend(named(&from.triggers, &to.triggers));
    inside.parts.extend(named(&from.rules, &to.rules));
    inside.parts.extend(named(&from.policies, &to.policies));
    inside
}

fn view(from: &View, to: &View, options: DifferenceOptions) -> Inside {
    let mut inside = ordered(&from.columns, &to.columns, options);
    inside.parts.extend(named(&from.triggers, &to.triggers));
    inside.parts.extend(named(&from.rules, &to.rules));
    inside
}

fn materialized_view(from: &MaterializedView, to: &MaterializedView, options: DifferenceOptions) -> Inside {
    let mut inside = ordered(&from.columns, &to.columns, options);
    inside.parts.extend(named(&from.indexes, &to.indexes));
    inside
}
