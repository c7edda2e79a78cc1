//! No value of the model is forgotten by the comparison: each is changed in turn.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{check, index, name, unique};
use crate::catalog::{
    Action, Attribute, Catalog, Column, ColumnName, Composite, Constraint, Deferrable, Difference, Domain,
    Enum, Exclusion, Extension, ForeignKey, ForeignServer, Function, FunctionKind, FunctionName, Generated,
    GeneratedKind, Identity, IdentityKind, Index, IndexKey, Match, MaterializedView, NotNull, PartitionOf,
    Policy, PolicyCommand, PrimaryKey, Rule, Schema, Sequence, SequenceOptions, Table, TableOptions, Trigger,
    TriggerState, View,
};

/// A catalog in which every field holds something.
fn full() -> Catalog {
    let some = |text: &str| Some(text.to_owned());
    let texts = |text: &str| vec![text.to_owned()];
    let map = |key: &str| BTreeMap::from([(key.to_owned(), "1".to_owned())]);
    let sequence = SequenceOptions {
        type_: "bigint".to_owned(),
        start: 1,
        increment: 1,
        min: 1,
        max: 9,
        cache: 1,
        cycle: false,
    };
    let column = Column {
        nullable: false,
        not_null: Some(NotNull {
            name: "n".to_owned(),
            validated: true,
            no_inherit: false,
            comment: some("c"),
        }),
        default: some("0"),
        generated: Some(Generated { kind: GeneratedKind::Stored, expression: "b".to_owned() }),
        identity: Some(Identity {
            kind: IdentityKind::Always,
            sequence: Some(name("s")),
            options: Some(sequence.clone()),
        }),
        collation: some("c"),
        storage: some("main"),
        compression: some("lz4"),
        statistics_target: Some(1),
        options: map("n_distinct"),
        comment: some("c"),
        ..Column::new("a", "integer")
    };
    let full_index = Index {
        include: texts("b"),
        predicate: some("a > 0"),
        options: map("fillfactor"),
        partition_of: Some(name("above")),
        comment: some("c"),
        keys: vec![
            IndexKey { opclass: some("o"), collation: some("c"), ..IndexKey::column("a") },
            IndexKey::expression("a + 1"),
        ],
        ..index(&[])
    };
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
        predicate: some("a > 0"),
    };
    let key = PrimaryKey { columns: texts("a"), include: texts("b") };
    let trigger = Trigger {
        definition: "t".to_owned(),
        state: TriggerState::Always,
        inherited: false,
        comment: some("c"),
    };
    let rule = Rule { definition: "r".to_owned(), state: TriggerState::Enabled, comment: some("c") };
    let policy = Policy {
        command: PolicyCommand::All,
        permissive: true,
        roles: texts("public"),
        using: some("true"),
        check: some("true"),
        comment: some("c"),
    };
    let options = TableOptions {
        virtual_module: some("fts5(a)"),
        parameters: map("fillfactor"),
        tablespace: some("t"),
        access_method: some("m"),
        partition_by: some("RANGE (a)"),
        partition_of: Some(PartitionOf { table: name("above"), bound: "DEFAULT".to_owned() }),
        inherits: vec![name("parent")],
        of_type: some("t"),
        foreign: Some(ForeignServer { server: "s".to_owned(), options: map("path") }),
        ..TableOptions::default()
    };
    let checks = vec![Constraint {
        deferrable: Deferrable::InitiallyDeferred,
        comment: some("c"),
        ..check(Some("k"), "a > 0")
    }];
    let table = Table {
        columns: vec![column.clone(), Column { name: "b".to_owned(), ..column.clone() }],
        primary_key: Some(Constraint::new(some("p"), key, "PRIMARY KEY (a)")),
        uniques: vec![unique(None, "a")],
        checks: checks.clone(),
        foreign_keys: vec![Constraint::new(some("f"), reference, "FOREIGN KEY (a)")],
        exclusions: vec![Constraint::new(some("e"), exclusion, "EXCLUDE (a)")],
        indexes: BTreeMap::from([
            ("i".to_owned(), full_index.clone()),
            ("p".to_owned(), Index { constraint: some("p"), ..index(&["a"]) }),
        ]),
        triggers: BTreeMap::from([("t".to_owned(), trigger.clone())]),
        rules: BTreeMap::from([("r".to_owned(), rule.clone())]),
        policies: BTreeMap::from([("p".to_owned(), policy)]),
        options,
        comment: some("c"),
    };
    let owner = ColumnName { table: name("t"), column: "a".to_owned() };
    Catalog {
        schemas: BTreeMap::from([("public".to_owned(), Schema { comment: some("c") })]),
        extensions: BTreeMap::from([(
            "x".to_owned(),
            Extension { schema: "public".to_owned(), version: "1".to_owned(), comment: some("c") },
        )]),
        enums: BTreeMap::from([(
            name("e"),
            Enum { values: vec!["a".to_owned(), "b".to_owned()], comment: some("c") },
        )]),
        domains: BTreeMap::from([(
            name("d"),
            Domain {
                type_: "text".to_owned(),
                nullable: true,
                default: some("0"),
                collation: some("c"),
                checks,
                comment: some("c"),
            },
        )]),
        composites: BTreeMap::from([(
            name("c"),
            Composite {
                attributes: vec![Attribute {
                    name: "a".to_owned(),
                    type_: "text".to_owned(),
                    collation: some("c"),
                    comment: some("c"),
                }],
                comment: some("c"),
            },
        )]),
        sequences: BTreeMap::from([(
            name("s"),
            Sequence { options: sequence, owned_by: Some(owner), unlogged: false, comment: some("c") },
        )]),
        functions: BTreeMap::from([(
            FunctionName { name: name("f"), arguments: "text".to_owned() },
            Function {
                kind: FunctionKind::Window,
                returns: some("text"),
                language: "sql".to_owned(),
                definition: "f".to_owned(),
                comment: some("c"),
            },
        )]),
        tables: BTreeMap::from([(name("t"), table)]),
        views: BTreeMap::from([(
            name("v"),
            View {
                columns: vec![column.clone()],
                definition: "SELECT 1".to_owned(),
                options: map("o"),
                triggers: BTreeMap::from([("t".to_owned(), trigger)]),
                rules: BTreeMap::from([("r".to_owned(), rule)]),
                comment: some("c"),
            },
        )]),
        materialized_views: BTreeMap::from([(
            name("m"),
            MaterializedView {
                columns: vec![column],
                definition: "SELECT 1".to_owned(),
                populated: true,
                options: map("o"),
                tablespace: some("t"),
                access_method: some("m"),
                indexes: BTreeMap::from([("i".to_owned(), full_index)]),
                comment: some("c"),
            },
        )]),
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
        path.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
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
