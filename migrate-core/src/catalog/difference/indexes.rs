use std::collections::BTreeMap;

use super::compare::{Inside, added, changed_but_for, removed};
use super::describe::{DEFINITION, Describe as _};
use super::tree::{Change, DifferenceOptions};
use crate::catalog::model::Identifier;
use crate::catalog::{Index, Table};

/// The attributes of an index in which its own name or its constraint's stands.
const NAMES: [&str; 2] = ["constraint", DEFINITION];

/// What tells that two indexes are the same one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'t> {
    Name(&'t str),
    /// When names are ignored: the constraint behind it.
    Constraint(String),
}

/// The changes of a table's indexes.
///
/// One that comes or goes with its constraint is not worth a line of its own.
pub(super) fn tables(from: &Table, to: &Table, options: DifferenceOptions) -> Vec<Change> {
    let (old, new) = (keyed(from, options), keyed(to, options));
    let mut changes = Vec::new();
    for (key, (name, index)) in &old {
        match new.get(key) {
            None if goes_along(index, to, options) => {}
            None => changes.push((*name, removed(&Identifier(name).to_string(), *index))),
            Some((_, other)) => {
                let ignored: &[&str] = if matches!(key, Key::Constraint(_)) { &NAMES } else { &[] };
                let shown = Identifier(name).to_string();
                let change = changed_but_for(&shown, *index, *other, Inside::default(), ignored);
                changes.extend(change.map(|change| (*name, change)));
            }
        }
    }
    let fresh =
        new.iter().filter(|(key, (_, index))| !old.contains_key(key) && !goes_along(index, from, options));
    changes.extend(fresh.map(|(_, (name, index))| (*name, added(&Identifier(name).to_string(), *index))));
    changes.sort_by_key(|(name, _)| *name);
    changes.into_iter().map(|(_, change)| change).collect()
}

fn keyed(table: &Table, options: DifferenceOptions) -> BTreeMap<Key<'_>, (&str, &Index)> {
    let key = |name, index: &Index| match &index.constraint {
        Some(constraint) if options.ignore_constraint_names => {
            Key::Constraint(definition(table, constraint).unwrap_or_else(|| index.summary()))
        }
        _ => Key::Name(name),
    };
    table.indexes.iter().map(|(name, index)| (key(name, index), (&**name, index))).collect()
}

/// Whether the other table lacks the constraint, too, which says it already.
fn goes_along(index: &Index, other: &Table, options: DifferenceOptions) -> bool {
    index
        .constraint
        .as_deref()
        .is_some_and(|constraint| options.ignore_constraint_names || definition(other, constraint).is_none())
}

/// The definition of a constraint that an index can back.
fn definition(table: &Table, constraint: &str) -> Option<String> {
    let primary_key = table.primary_key.iter().map(|key| (&key.name, &key.definition));
    let uniques = table.uniques.iter().map(|unique| (&unique.name, &unique.definition));
    let exclusions = table.exclusions.iter().map(|exclusion| (&exclusion.name, &exclusion.definition));
    let mut all = primary_key.chain(uniques).chain(exclusions);
    all.find(|(name, _)| name.as_deref() == Some(constraint)).map(|(_, definition)| definition.clone())
}
