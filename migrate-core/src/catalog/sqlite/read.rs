use std::collections::{BTreeMap, BTreeSet};

use super::{column, index, table};
use crate::catalog::{Catalog, CatalogError, Column, ObjectName, Scope, Trigger, TriggerState, View};
use crate::connection::{Driver, TextRow};
use crate::ledger::quote_name;
use crate::sqlite::{normal, same};

/// Reads the catalog, see [`read`](crate::catalog::read).
pub(in crate::catalog) fn read(driver: &mut dyn Driver, scope: &Scope) -> Result<Catalog, CatalogError> {
    let depth = driver.transaction_depth().ok_or(CatalogError::UnknownTransaction)?;
    if depth > 0 {
        return read_now(driver, scope);
    }
    // The queries see one state. A savepoint takes no write lock, and is allowed in a transaction of any origin.
    driver.batch("SAVEPOINT migrate_catalog")?;
    let catalog = read_now(driver, scope);
    let released = driver.batch("RELEASE migrate_catalog");
    let catalog = catalog?;
    released?;
    Ok(catalog)
}

/// One row of `sqlite_schema`; a table's kind is `table` or `virtual`.
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) part_of: String,
    pub(super) sql: String,
}

fn read_now(driver: &mut dyn Driver, scope: &Scope) -> Result<Catalog, CatalogError> {
    let objects = objects(driver)?;
    // Also those out of scope, for keys refer to them.
    let all_tables: BTreeSet<String> =
        objects.iter().filter(|object| object.kind == "table").map(|table| table.name.clone()).collect();
    let all_tables = all_tables.iter().map(String::as_str).collect();
    let objects: Vec<_> = objects.into_iter().filter(|object| in_scope(object, scope)).collect();
    let names = |kind: &str| {
        objects.iter().filter(|object| object.kind == kind).map(|object| object.name.clone()).collect()
    };
    let (tables, virtuals, views): (BTreeSet<_>, BTreeSet<_>, BTreeSet<_>) =
        (names("table"), names("virtual"), names("view"));
    let mut columns = column::read(driver, &tables)?;
    columns.extend(column::read_each(driver, virtuals.union(&views)));
    let mut indexes = index::read(driver, &tables)?;
    let mut catalog = Catalog::default();
    for object in &objects {
        let name = ObjectName::bare(&object.name);
        let columns = columns.remove(&object.name).unwrap_or_default();
        match object.kind.as_str() {
            "table" => {
                let keys = indexes.remove(&object.name).unwrap_or_default();
                let table = table::table(object, columns, keys, &objects, &all_tables)?;
                catalog.tables.insert(name, table);
            }
            "virtual" => {
                catalog.tables.insert(name, table::virtual_table(object, columns));
            }
            "view" => {
                catalog.views.insert(name, view(object, columns, &objects)?);
            }
            _ => {}
        }
    }
    Ok(catalog)
}

fn view(object: &Object, columns: Vec<column::Told>, objects: &[Object]) -> Result<View, CatalogError> {
    let columns = columns.into_iter().map(|told| Column::new(told.name, told.declared)).collect();
    Ok(View {
        columns,
        definition: text("view", &object.sql)?,
        options: BTreeMap::new(),
        triggers: triggers(object, objects)?,
        rules: BTreeMap::new(),
        comment: None,
    })
}

/// The triggers of a table or view.
pub(super) fn triggers(of: &Object, objects: &[Object]) -> Result<BTreeMap<String, Trigger>, CatalogError> {
    let own = objects.iter().filter(|object| object.kind == "trigger" && same(&object.part_of, &of.name));
    let trigger = |object: &Object| {
        let definition = text("trigger", &object.sql)?;
        let trigger = Trigger { definition, state: TriggerState::Enabled, inherited: false, comment: None };
        Ok((object.name.clone(), trigger))
    };
    own.map(trigger).collect()
}

/// A text in normal form.
pub(super) fn text(what: &'static str, sql: &str) -> Result<String, CatalogError> {
    normal(sql).map_err(|_| CatalogError::Answer { what, text: sql.to_owned() })
}

/// All objects, with the tables told apart by their kind.
fn objects(driver: &mut dyn Driver) -> Result<Vec<Object>, CatalogError> {
    let kinds = "SELECT name, type FROM pragma_table_list WHERE schema = 'main'";
    let pair = |row: TextRow| {
        let mut columns = row.into_iter().flatten();
        Some((columns.next()?, columns.next()?))
    };
    let kinds: BTreeMap<_, _> = driver.query(kinds, &[])?.into_iter().filter_map(pair).collect();
    let rows = driver.query(
        "SELECT type, name, tbl_name, sql FROM main.sqlite_schema \
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        &[],
    )?;
    let object = |row: TextRow| {
        let mut columns = row.into_iter().map(Option::unwrap_or_default);
        let mut next = || columns.next().unwrap_or_default();
        let mut object = Object { kind: next(), name: next(), part_of: next(), sql: next() };
        if let Some(kind) = kinds.get(&object.name).filter(|_| object.kind == "table") {
            object.kind.clone_from(kind);
        }
        object
    };
    let shadows = |object: &Object| kinds.get(&object.part_of).is_some_and(|kind| kind == "shadow");
    Ok(rows.into_iter().map(object).filter(|object| !shadows(object)).collect())
}

fn in_scope(object: &Object, scope: &Scope) -> bool {
    match scope.only_tables() {
        Some(only) => {
            only.iter().any(|name| same(&name.name, &object.part_of))
                && object.kind != "view"
                && scope.has(None, &object.name)
        }
        None => scope.has(None, &object.name) && scope.has(None, &object.part_of),
    }
}

/// Names as the right side of `IN`.
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    format!("({})", names.join(", "))
}

/// A name in quotes where a statement needs it.
pub(super) fn quoted(names: &[String]) -> Result<String, CatalogError> {
    let names: Result<Vec<_>, _> = names.iter().map(|name| text("name", &quote_name(name))).collect();
    Ok(names?.join(", "))
}
