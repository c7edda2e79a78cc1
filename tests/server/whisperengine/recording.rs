//! What Alembic left behind, and the same of a database of ours.

use std::collections::BTreeMap;

use migrate_core::catalog::{Catalog, ObjectName, Scope, read};
use migrate_core::connection::{Driver as _, MigrationConnection as _};
use migrate_tests::testkit::Database;
use serde::Deserialize;
use serde_json::Value;

/// Rows for the revisions to convert; inserted after `untracked`.
pub(super) const SEED: &str = include_str!("../../fixtures/whisperengine/seed.sql");

/// A run of real Alembic over the originals.
pub(super) struct Recording {
    /// The catalog after each revision, in the order of the run.
    pub(super) catalogs: Vec<(String, Catalog)>,
    /// The rows after the last one, by table.
    pub(super) rows: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct Stored {
    revisions: Vec<Step>,
    rows: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct Step {
    revision: String,
    changes: Value,
}

impl Recording {
    pub(super) fn load() -> Self {
        let stored: Stored =
            serde_json::from_str(include_str!("../../fixtures/whisperengine/catalog.json")).unwrap();
        let mut catalog = Value::Null;
        let after_each = stored.revisions.into_iter().map(|step| {
            merge(&mut catalog, step.changes);
            (step.revision, serde_json::from_value(catalog.clone()).unwrap())
        });
        Self { catalogs: after_each.collect(), rows: stored.rows }
    }
}

/// Applies a JSON merge patch (RFC 7386).
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(&key);
        } else {
            merge(target.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// What a database holds, without the table of the testkit.
pub(super) fn catalog(database: &Database) -> Catalog {
    let scope = Scope::default().without([ObjectName::bare("applied_log")]);
    read(database.connect().driver(), &scope).unwrap()
}

/// The catalog as it is recorded: a mark instead of each comment and of the body of each function.
pub(super) fn marked(mut catalog: Catalog) -> Catalog {
    let mark = |comment: &mut Option<String>| {
        if let Some(comment) = comment {
            "comment".clone_into(comment);
        }
    };
    catalog.schemas.values_mut().for_each(|schema| mark(&mut schema.comment));
    catalog.extensions.values_mut().for_each(|extension| mark(&mut extension.comment));
    for table in catalog.tables.values_mut() {
        mark(&mut table.comment);
        table.columns.iter_mut().for_each(|column| mark(&mut column.comment));
    }
    for function in catalog.functions.values_mut() {
        let (head, rest) = function.definition.split_once("$function$").unwrap();
        let (_, end) = rest.rsplit_once("$function$").unwrap();
        function.definition = format!("{head}$function$body$function${end}");
    }
    catalog
}

/// The rows that are recorded.
pub(super) fn rows(database: &Database) -> BTreeMap<String, Vec<Value>> {
    let mut connection = database.connect();
    connection.batch("SET TIME ZONE 'UTC'").unwrap();
    let mut rows = |sql: String| -> Vec<Value> {
        let rows = connection.query(&sql, &[]).unwrap();
        rows.into_iter().flatten().map(|row| serde_json::from_str(&row.unwrap()).unwrap()).collect()
    };
    let tables = ["characters", "universal_users", "character_emotional_states"];
    let mut all: BTreeMap<_, _> = tables
        .map(|table| {
            let sql = format!("SELECT (to_jsonb(it) - 'id')::text FROM {table} AS it ORDER BY 1");
            (table.to_owned(), rows(sql))
        })
        .into();
    let function = "get_user_facts_with_relations";
    all.insert(function.to_owned(), rows(format!("SELECT to_jsonb(it)::text FROM {function}('u1') AS it")));
    all
}
