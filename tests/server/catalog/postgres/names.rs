//! Names and texts that break whatever does not quote.

use migrate_core::catalog::{Catalog, FunctionName, IndexKey, IndexTarget, ObjectName};

use super::{catalog, rich};

const LONG: &str = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk";
const NASTY: &str = "a.b\"c'd\\e {}, ";

fn weird(name: &str) -> ObjectName {
    ObjectName::new("We.ird \"schema\"", name)
}

#[test]
fn hostile_names_are_read_as_they_are() {
    let catalog = catalog(&rich());
    let table = &catalog.tables[&weird("Ta'ble, (x)")];
    let columns: Vec<_> = table.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(columns, ["Id", "select", "größe", NASTY, LONG]);
    assert_eq!(LONG.len(), 63);
    assert_eq!(table.primary_key.as_ref().unwrap().name.as_deref(), Some("primary"));
    assert_eq!(table.checks[0].name.as_deref(), Some("ch\"eck"));
    assert_eq!(table.uniques[0].rule.columns, [NASTY]);
    let key = &table.foreign_keys[0].rule;
    assert_eq!(
        (&*key.columns, &key.table, &*key.referenced),
        (&[LONG.to_owned()][..], &weird("Ta'ble, (x)"), &["Id".to_owned()][..])
    );
    let index = &table.indexes["in dex"];
    assert_eq!(index.keys[0], IndexKey::column("select"));
    let expression = "(\"a.b\"\"c'd\\e {}, \" + 1)";
    assert_eq!(index.keys[1].target, IndexTarget::Expression(expression.to_owned()));
    assert_eq!(index.include, ["größe"]);
    assert_eq!(table.columns[1].default.as_deref(), Some("'a\nb'::text"));
    assert_eq!(table.columns[1].comment.as_deref(), Some("\"' \\ {a,b}"));
    assert_eq!(catalog.enums[&weird("En um")].values, ["a,b", "{c}", "\"d\"", "e\\f", ""]);
    let arguments = "\"We.ird \"\"schema\"\"\".\"En um\"".to_owned();
    assert!(catalog.functions.contains_key(&FunctionName { name: weird("f(\"n\")"), arguments }));
}

#[test]
fn hostile_names_print_in_quotes() {
    let full = catalog(&rich());
    let mut less = full.clone();
    let table = less.tables.get_mut(&weird("Ta'ble, (x)")).unwrap();
    table.columns.truncate(3);
    table.indexes.remove("in dex");
    less.enums.remove(&weird("En um"));
    assert_eq!(
        less.difference(&full).to_string(),
        "+ enum \"We.ird \"\"schema\"\"\".\"En um\" ('a,b', '{c}', '\"d\"', 'e\\f', '')\n\
         table \"We.ird \"\"schema\"\"\".\"Ta'ble, (x)\"\n  \
           + column \"a.b\"\"c'd\\e {}, \" integer\n  \
           + column abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk integer\n  \
           + index \"in dex\" (select, ((\"a.b\"\"c'd\\e {}, \" + 1))) include (\"größe\")\n"
    );
}

#[test]
fn everything_comes_back_from_json() {
    let catalog = catalog(&rich());
    let text = serde_json::to_string_pretty(&catalog).unwrap();
    assert_eq!(serde_json::from_str::<Catalog>(&text).unwrap(), catalog);
}
