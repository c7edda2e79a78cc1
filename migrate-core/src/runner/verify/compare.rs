//! What is compared, and what is not.

use std::collections::BTreeSet;

use super::surroundings::Surroundings;
use crate::adopt::OtherLedger;
use crate::catalog::{Catalog, Difference, DifferenceOptions, ObjectName, Scope};
use crate::ledger::LedgerNames;

/// Everything but what the framework and other tools keep for themselves, and what is to be passed over.
pub(super) fn compared(names: &LedgerNames, ignore: &[ObjectName]) -> Scope {
    let others = OtherLedger::tables().map(ObjectName::bare);
    Scope::default().without_ledger(names).without(others.chain(ignore.iter().cloned()))
}

/// The same in the schemas that are looked at.
pub(super) fn found_scope(
    names: &LedgerNames,
    surroundings: &Surroundings,
    expected: &Catalog,
    ignore: &[ObjectName],
) -> Scope {
    let scope = compared(names, ignore);
    let schemas: BTreeSet<_> = surroundings.schemas.iter().chain(expected.schemas.keys()).cloned().collect();
    if schemas.is_empty() { scope } else { scope.in_schemas(schemas) }
}

/// From what the revisions make to what is there.
pub(super) fn difference(
    expected: &mut Catalog,
    found: &mut Catalog,
    names: &LedgerNames,
    options: DifferenceOptions,
) -> Difference {
    for catalog in [&mut *expected, &mut *found] {
        if let Some(schema) = names.schema() {
            catalog.schemas.remove(schema);
        }
        catalog.sequences.retain(|_, sequence| {
            let owner = sequence.owned_by.as_ref().map(|column| column.table.name.as_str());
            !owner.is_some_and(|table| OtherLedger::tables().any(|other| other == table))
        });
    }
    // Whoever runs a server adds extensions and schemas of their own, and updates extensions when they please.
    found.schemas.retain(|name, _| expected.schemas.contains_key(name));
    found.extensions.retain(|name, _| expected.extensions.contains_key(name));
    for (name, extension) in &mut found.extensions {
        extension.clone_from(&expected.extensions[name]);
    }
    expected.difference_with(found, options)
}
