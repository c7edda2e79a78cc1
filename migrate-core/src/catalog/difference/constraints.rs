use super::compare::{Inside, added, changed_but_for, removed};
use super::describe::{Describe as _, DescribeRule};
use super::tree::{Change, DifferenceOptions};
use crate::catalog::model::Identifier;
use crate::catalog::{Constraint, Table};

/// The changes of all constraints of a table.
pub(super) fn tables(from: &Table, to: &Table, options: DifferenceOptions) -> Vec<Change> {
    let (old, new) = (from.primary_key.as_slice(), to.primary_key.as_slice());
    let primary_key = match (old, new) {
        // A table has one, so two are the same one, whatever they say.
        ([old], [new]) => pair(old, new, options).into_iter().collect(),
        _ => lists(old, new, options),
    };
    [
        primary_key,
        lists(&from.uniques, &to.uniques, options),
        lists(&from.checks, &to.checks, options),
        lists(&from.foreign_keys, &to.foreign_keys, options),
        lists(&from.exclusions, &to.exclusions, options),
    ]
    .concat()
}

/// The changes from one list of constraints to another.
///
/// Two of the same name are the same one; of the rest, two of the same definition are, which finds renamed ones
/// and those without a name. When names are ignored, the definition comes first.
pub(super) fn lists<R: DescribeRule>(
    from: &[Constraint<R>],
    to: &[Constraint<R>],
    options: DifferenceOptions,
) -> Vec<Change> {
    let by_name = |old: &Constraint<R>, new: &Constraint<R>| old.name.is_some() && old.name == new.name;
    let by_definition = |old: &Constraint<R>, new: &Constraint<R>| old.definition == new.definition;
    let mut old: Vec<_> = from.iter().collect();
    let mut new: Vec<_> = to.iter().collect();
    let mut changes = Vec::new();
    let mut take = |same: &dyn Fn(&Constraint<R>, &Constraint<R>) -> bool| {
        old.retain(|old| {
            let Some(position) = new.iter().position(|new| same(old, new)) else { return true };
            changes.extend(pair(old, new.remove(position), options));
            false
        });
    };
    if options.ignore_constraint_names {
        take(&by_definition);
        take(&by_name);
    } else {
        take(&by_name);
        take(&by_definition);
    }
    changes.extend(old.into_iter().map(|old| removed(&name(old), old)));
    changes.extend(new.into_iter().map(|new| added(&name(new), new)));
    changes
}

fn pair<R: DescribeRule>(
    old: &Constraint<R>,
    new: &Constraint<R>,
    options: DifferenceOptions,
) -> Option<Change> {
    let ignored: &[&str] = if options.ignore_constraint_names { &["name"] } else { &[] };
    let shown = if old.name.is_some() { name(old) } else { old.summary() };
    changed_but_for(&shown, old, new, Inside::default(), ignored)
}

fn name<R>(constraint: &Constraint<R>) -> String {
    constraint.name.as_deref().map(|name| Identifier(name).to_string()).unwrap_or_default()
}
