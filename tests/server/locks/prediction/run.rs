use std::collections::{BTreeMap, BTreeSet};

use migrate_core::catalog::{self, Catalog, Scope};
use migrate_core::operation::forecast::{Facts, Forecast};
use migrate_core::operation::{Name, Operation, TableLock};
use migrate_tests::testkit::{Database, Effects, LockMode};

/// The catalog of a database.
pub(super) fn catalog_of(database: &Database) -> Catalog {
    catalog::read(&mut database.connect(), &Scope::default()).expect("the catalog")
}

/// The statements of operations, and all that they are predicted to do together.
pub(super) fn predict(operations: &[Operation], facts: &dyn Facts) -> (Vec<String>, Effects) {
    let mut forecast = Forecast::new(facts);
    let (mut statements, mut effects) = (Vec::new(), Effects::default());
    for operation in operations {
        for (statement, effect) in forecast.operation(operation).unwrap_or_else(|error| panic!("{error}")) {
            assert!(effect.assumed.is_empty(), "{}: {:?}", statement.sql, effect.assumed);
            statements.push(statement.sql);
            for (name, lock) in effect.locks {
                let mode = mode(lock);
                let held = effects.locks.entry(shown(&name)).or_insert(mode);
                *held = mode.max(*held);
            }
            effects.rewritten.extend(effect.rewrites.iter().map(shown));
            effects.scanned.extend(effect.scans.iter().map(shown));
            effects.rebuilt.extend(effect.rebuilds.iter().map(shown));
        }
    }
    (statements, without_hidden(effects, &facts.relations().unwrap_or_default()))
}

/// An observation has the lock of an index only where it is stronger than that of its table.
fn without_hidden(
    mut effects: Effects,
    relations: &BTreeMap<Name, migrate_core::operation::forecast::Relation>,
) -> Effects {
    for (table, relation) in relations {
        let table_lock = effects.locks.get(&shown(table)).copied();
        let indexes: BTreeSet<_> =
            relation.indexes.keys().map(|index| shown(&table.sibling(index))).collect();
        effects
            .locks
            .retain(|name, lock| !indexes.contains(name) || table_lock.is_none_or(|held| held < *lock));
    }
    effects
}

fn shown(name: &Name) -> String {
    name.to_string()
}

fn mode(lock: TableLock) -> LockMode {
    match lock {
        TableLock::AccessShare => LockMode::AccessShare,
        TableLock::RowShare => LockMode::RowShare,
        TableLock::RowExclusive => LockMode::RowExclusive,
        TableLock::ShareUpdateExclusive => LockMode::ShareUpdateExclusive,
        TableLock::Share => LockMode::Share,
        TableLock::ShareRowExclusive => LockMode::ShareRowExclusive,
        TableLock::Exclusive => LockMode::Exclusive,
        TableLock::AccessExclusive => LockMode::AccessExclusive,
    }
}
