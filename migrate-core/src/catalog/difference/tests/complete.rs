//! No value of the model is forgotten by the comparison: each is changed in turn.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{check, index, name, unique};
use crate::catalog::{
    Action, Attribute, Catalog, Check, Column, ColumnName, Composite, Constraint, Deferrable, Difference,
    Domain, Enum, Exclusion, Extension, ForeignKey, ForeignServer, Function, FunctionKind, FunctionName,
    Generated, GeneratedKind, Identity, IdentityKind, Index, IndexKey, Match, MaterializedView, NotNull,
    PartitionOf, Policy, PolicyCommand, PrimaryKey, Rule, Schema, Sequence, SequenceOptions, Table,
    TableOptions, Trigger, TriggerState, View,
};

/// A catalog in which every field holds something.
fn full() -> Catalog {
    let view = View {
        columns: vec![column()],
        definition: "SELECT 1".to_owned(),
        options: map("o"),
        triggers: BTreeMap::from([("t".to_owned(), trigger())]),
        rules: BTreeMap::from([("r".to_owned(), rule())]),
        comment: Some("c".into()),
    };
    let materialized_view = MaterializedView {
        columns: vec![column()],
        definition: "SELECT 1".to_owned(),
        populated: true,
        options: map("o"),
        tablespace: Some("t".into()),
        access_method: Some("m".into()),
        indexes: BTreeMap::from([("i".to_owned(), full_index())]),
        comment: Some("c".into()),
    };
    let function = Function {
        kind: FunctionKind::Window,
        returns: Some("text".into()),
        language: "sql".to_owned(),
        definition: "f".to_owned(),
        comment: Some("c".into()),
    };
    let extension =
        Extension { schema: "public".to_owned(), version: "1".to_owned(), comment: Some("c".into()) };
    Catalog {
        schemas: BTreeMap::from([("public".to_owned(), Schema { comment: Some("c".into()) })]),
        extensions: BTreeMap::from([("x".to_owned(), extension)]),
        functions: BTreeMap::from([(
            FunctionName { name: name("f"), arguments: "text".to_owned() },
            function,
        )]),
        tables: BTreeMap::from([(name("t"), table())]),
        views: BTreeMap::from([(name("v"), view)]),
        materialized_views: BTreeMap::from([(name("m"), materialized_view)]),
        ..types()
    }
}

fn texts(text: &str) -> Vec<String> {
    vec![text.to_owned()]
}

fn map(key: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(key.to_owned(), "1".to_owned())])
}

fn types() -> Catalog {
    let attribute = Attribute {
        name: "a".to_owned(),
        type_: "text".to_owned(),
        collation: Some("c".into()),
        comment: Some("c".into()),
    };
    let domain = Domain {
        type_: "text".to_owned(),
        nullable: true,
        default: Some("0".into()),
        collation: Some("c".into()),
        checks: vec![full_check()],
        comment: Some("c".into()),
    };
    let sequence = Sequence {
        options: sequence_options(),
        owned_by: Some(ColumnName { table: name("t"), column: "a".to_owned() }),
        unlogged: false,
        comment: Some("c".into()),
    };
    let values = vec!["a".to_owned(), "b".to_owned()];
    Catalog {
        enums: BTreeMap::from([(name("e"), Enum { values, comment: Some("c".into()) })]),
        domains: BTreeMap::from([(name("d"), domain)]),
        composites: BTreeMap::from([(
            name("c"),
            Composite { attributes: vec![attribute], comment: Some("c".into()) },
        )]),
        sequences: BTreeMap::from([(name("s"), sequence)]),
        ..Catalog::default()
    }
}

fn sequence_options() -> SequenceOptions {
    SequenceOptions {
        type_: "bigint".to_owned(),
        start: 1,
        increment: 1,
        min: 1,
        max: 9,
        cache: 1,
        cycle: false,
    }
}

fn column() -> Column {
    let kind = IdentityKind::Always;
    Column {
        nullable: false,
        not_null: Some(NotNull {
            name: "n".to_owned(),
            validated: true,
            no_inherit: false,
            comment: Some("c".into()),
        }),
        default: Some("0".into()),
        generated: Some(Generated { kind: GeneratedKind::Stored, expression: "b".to_owned() }),
        identity: Some(Identity { kind, sequence: Some(name("s")), options: Some(sequence_options()) }),
        collation: Some("c".into()),
        storage: Some("main".into()),
        compression: Some("lz4".into()),
        statistics_target: Some(1),
        options: map("n_distinct"),
        comment: Some("c".into()),
        ..Column::new("a", "integer")
    }
}

fn full_check() -> Constraint<Check> {
    Constraint {
        deferrable: Deferrable::InitiallyDeferred,
        comment: Some("c".into()),
        ..check(Some("k"), "a > 0")
    }
}

fn full_index() -> Index {
    Index {
        keys: vec![
            IndexKey { opclass: Some("o".into()), collation: Some("c".into()), ..IndexKey::column("a") },
            IndexKey::expression("a + 1"),
        ],
        include: texts("b"),
        predicate: Some("a > 0".into()),
        options: map("fillfactor"),
        partition_of: Some(name("above")),
        comment: Some("c".into()),
        ..index(&[])
    }
}

fn trigger() -> Trigger {
    Trigger {
        definition: "t".to_owned(),
        state: TriggerState::Always,
        inherited: false,
        comment: Some("c".into()),
    }
}

fn rule() -> Rule {
    Rule { definition: "r".to_owned(), state: TriggerState::Enabled, comment: Some("c".into()) }
}

fn table() -> Table {
    let reference = ForeignKey {
        columns: texts("a"),
        table: name("u"),
        referenced: texts("b"),
        on_delete: Action::SetNull,
        on_delete_columns: texts("a"),
        on_update: Action::Cascade,
        match_: Match::Full,
    };
    let exclusion = Exclusion {
        keys: vec![IndexKey::column("a")],
        operators: texts("="),
        method: "gist".to_owned(),
        predicate: Some("a > 0".into()),
    };
    let key = PrimaryKey { columns: texts("a"), include: texts("b") };
    let policy = Policy {
        command: PolicyCommand::All,
        permissive: true,
        roles: texts("public"),
        using: Some("true".into()),
        check: Some("true".into()),
        comment: Some("c".into()),
    };
    Table {
        columns: vec![column(), Column { name: "b".to_owned(), ..column() }],
        primary_key: Some(Constraint::new(Some("p".into()), key, "PRIMARY KEY (a)")),
        uniques: vec![unique(None, "a")],
        checks: vec![full_check()],
        foreign_keys: vec![Constraint::new(Some("f".into()), reference, "FOREIGN KEY (a)")],
        exclusions: vec![Constraint::new(Some("e".into()), exclusion, "EXCLUDE (a)")],
        indexes: BTreeMap::from([
            ("i".to_owned(), full_index()),
            ("p".to_owned(), Index { constraint: Some("p".into()), ..index(&["a"]) }),
        ]),
        triggers: BTreeMap::from([("t".to_owned(), trigger())]),
        rules: BTreeMap::from([("r".to_owned(), rule())]),
        policies: BTreeMap::from([("p".to_owned(), policy)]),
        options: table_options(),
        comment: Some("c".into()),
    }
}

fn table_options() -> TableOptions {
    TableOptions {
        virtual_module: Some("fts5(a)".into()),
        parameters: map("fillfactor"),
        tablespace: Some("t".into()),
        access_method: Some("m".into()),
        partition_by: Some("RANGE (a)".into()),
        partition_of: Some(PartitionOf { table: name("above"), bound: "DEFAULT".to_owned() }),
        inherits: vec![name("parent")],
        of_type: Some("t".into()),
        foreign: Some(ForeignServer { server: "s".to_owned(), options: map("path") }),
        ..TableOptions::default()
    }
}

/// Every value that a leaf of the tree may take instead; what is none for its type is refused later.
fn others(value: &Value) -> Vec<Value> {
    const WORDS: [&str; 9] =
        ["disabled", "select", "procedure", "virtual", "by_default", "desc", "first", "full", "restrict"];
    match value {
        Value::Null => vec![Value::from("x"), Value::from(7)],
        Value::Bool(value) => vec![Value::from(!value), Value::Null],
        Value::Number(number) => vec![Value::from(number.as_i64().unwrap_or_default() + 1), Value::Null],
        Value::String(text) => {
            let words = WORDS.iter().chain(&["initially_immediate", "simple"]).map(|word| Value::from(*word));
            words.chain([Value::from(format!("{text}x")), Value::Null]).collect()
        }
        Value::Array(items) => vec![Value::from(&items[..items.len().saturating_sub(1)])],
        Value::Object(_) => vec![Value::Null, Value::Object(serde_json::Map::new())],
    }
}

/// Calls `look` with each tree that differs from this one in one place.
fn each_variant(root: &Value, path: &mut Vec<String>, look: &mut dyn FnMut(&str, Value)) {
    let pointer: String =
        path.iter().flat_map(|step| ["/".to_owned(), step.replace('~', "~0").replace('/', "~1")]).collect();
    let here = root.pointer(&pointer).unwrap().clone();
    for other in others(&here) {
        let mut variant = root.clone();
        *variant.pointer_mut(&pointer).unwrap() = other;
        look(&pointer, variant);
    }
    let steps: Vec<String> = match &here {
        Value::Array(items) => (0..items.len()).map(|place| place.to_string()).collect(),
        Value::Object(fields) => fields.keys().cloned().collect(),
        _ => Vec::new(),
    };
    for step in steps {
        path.push(step);
        each_variant(root, path, look);
        path.pop();
    }
}

#[test]
fn whatever_is_not_equal_differs() {
    let catalog = full();
    let root = serde_json::to_value(&catalog).unwrap();
    let (mut leaves, mut changed) = (BTreeSet::new(), BTreeSet::new());
    each_variant(&root, &mut Vec::new(), &mut |pointer, variant| {
        leaves.insert(pointer.to_owned());
        let Ok(other) = serde_json::from_value::<Catalog>(variant) else { return };
        if other == catalog {
            return;
        }
        changed.insert(pointer.to_owned());
        for (from, to) in [(&catalog, &other), (&other, &catalog)] {
            let difference = from.difference(to);
            assert!(!difference.is_empty() && !difference.to_string().is_empty(), "{pointer}");
            let text = serde_json::to_string(&difference).unwrap();
            assert_eq!(serde_json::from_str::<Difference>(&text).unwrap(), difference);
        }
    });
    // No leaf was passed over because nothing else fits there.
    let untouched: Vec<_> = leaves.difference(&changed).filter(|path| is_leaf(&root, path)).collect();
    assert!(untouched.is_empty(), "{untouched:#?}");
}

fn is_leaf(root: &Value, pointer: &str) -> bool {
    root.pointer(pointer).is_some_and(|value| !value.is_object() && !value.is_array())
}

#[test]
fn a_catalog_comes_back_from_json_and_does_not_differ_from_itself() {
    let catalog = full();
    let text = serde_json::to_string(&catalog).unwrap();
    let back: Catalog = serde_json::from_str(&text).unwrap();
    assert_eq!(back, catalog);
    assert!(catalog.difference(&back).is_empty());
    assert_eq!(catalog.difference(&back).to_string(), "");
}
