//! Hundreds of generated tables, each against SQLite's documented procedure.
//!
//! A model draws a table, its parts, its rows and what refers to it, and writes them as SQL. A change is made to
//! one database by the code under test, and to another one as lang_altertable, section 7, says, with the new
//! `CREATE TABLE` as the model writes it. Then both hold the same, or both refused.

use proptest::prelude::*;

use super::changes;
use super::model::{Dice, Key, Model, quoted};
use super::*;
use crate::catalog::{self, Scope};
use crate::sqlite::CreateTable;

/// Runs a script in which rows may be refused.
fn make(script: &[String]) -> SqliteConnection {
    let mut database = database("");
    for statement in script {
        let outcome = database.batch(statement);
        assert!(outcome.is_ok() || statement.starts_with("INSERT"), "{statement}: {outcome:?}");
    }
    database
}

/// The documented procedure; what it refuses is rolled back.
fn procedure(
    driver: &mut dyn Driver,
    before: &Model,
    after: &Model,
    fills: &[(String, String)],
) -> Result<(), String> {
    driver.batch("PRAGMA foreign_keys = OFF; BEGIN; PRAGMA legacy_alter_table = ON").unwrap();
    let outcome = steps(driver, before, after, fills);
    driver.batch(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).unwrap();
    driver.batch("PRAGMA legacy_alter_table = OFF; PRAGMA foreign_keys = ON").unwrap();
    outcome
}

fn steps(
    driver: &mut dyn Driver,
    before: &Model,
    after: &Model,
    fills: &[(String, String)],
) -> Result<(), String> {
    let parts = before.parts();
    let (mut targets, mut sources) = (Vec::new(), Vec::new());
    for col in after.cols.iter().filter(|col| col.generated.is_none()) {
        let fill = fills.iter().rev().find(|(column, _)| *column == col.name).map(|(_, fill)| fill.clone());
        let old = (!col.is_new).then(|| quoted(&col.name));
        if let Some(source) = fill.or(old) {
            targets.push(quoted(&col.name));
            sources.push(source);
        }
    }
    let table = quoted(&before.name);
    let (targets, sources) = (targets.join(", "), sources.join(", "));
    let mut statements = vec![
        after.statement("new_X"),
        format!("INSERT INTO new_X ({targets}) SELECT {sources} FROM {table}"),
    ];
    if matches!(before.key, Key::Column { autoincrement: true, .. }) && before.key == after.key {
        let name = before.name.replace('\'', "''");
        statements.push(format!(
            "UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = '{name}') \
             WHERE name = 'new_X' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{name}')"
        ));
    }
    statements.push(format!("DROP TABLE {table}"));
    statements.push(format!("ALTER TABLE new_X RENAME TO {table}"));
    statements.extend(parts);
    for statement in statements {
        driver.batch(&statement).map_err(|error| format!("{statement}: {error}"))?;
    }
    let broken = driver.query("PRAGMA foreign_key_check", &[]).map_err(|error| error.to_string())?;
    if broken.is_empty() { Ok(()) } else { Err(format!("{broken:?}")) }
}

/// The objects but for the table itself, in their exact words.
fn others(driver: &mut dyn Driver, table: &str) -> Vec<String> {
    let name = table.replace('\'', "''");
    rows(
        driver,
        &format!(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> '{name}' ORDER BY name"
        ),
    )
}

/// All rows of all tables, in an order of their own, with the types of their values.
fn contents(driver: &mut dyn Driver) -> Vec<Vec<String>> {
    let tables = rows(driver, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    let mut contents = Vec::new();
    for table in tables {
        let name = crate::sqlite::quote(&table);
        let columns =
            rows(driver, &format!("SELECT name FROM pragma_table_xinfo({})", crate::sqlite::literal(&table)));
        // The clock may strike between the two databases, and so in CURRENT_TIMESTAMP.
        let value = |column: &String| {
            let value = format!("quote({})", crate::sqlite::quote(column));
            format!("iif({value} GLOB '''20[0-9][0-9]-[0-9][0-9]-[0-9][0-9] *', 'a time', {value})")
        };
        let values: Vec<_> = columns.iter().map(value).collect();
        // A table without rows has counted to nothing, whether or not that is written down.
        let counted = if table == "sqlite_sequence" { " WHERE seq <> 0" } else { "" };
        let mut all = rows(driver, &format!("SELECT {} FROM {name}{counted}", values.join(", ")));
        all.sort();
        contents.push(all);
    }
    contents
}

/// Whether the rowids are to stay: the table has them before and after, and its key is no other one.
fn keeps_rowids(before: &Model, after: &Model, fills: &[(String, String)]) -> bool {
    let declared = |model: &Model| model.cols[0].declared.clone();
    let named_so = |model: &Model| model.cols.iter().any(|col| col.name == "rowid");
    !before.without_rowid
        && before.key == after.key
        && declared(before) == declared(after)
        && fills.is_empty()
        && !named_so(before)
        && !named_so(after)
}

fn check(rolls: Vec<u16>) {
    let mut dice = Dice::new(rolls);
    let before = Model::draw(&mut dice);
    let (mut after, mut fills, mut edits) = (before.clone(), Vec::new(), Vec::new());
    for _ in 0..=dice.below(3) {
        edits.extend(changes::draw(&mut dice, &mut after, &mut fills));
    }
    let script = before.script(&mut dice);
    let (mut ours, mut theirs) = (make(&script), make(&script));
    let name = &before.name;
    let said = || format!("{}\n-> {edits:?}\n-> {}", script.join(";\n"), after.statement(name));
    let state = |database: &mut SqliteConnection| {
        (catalog::read(database, &Scope::default()).unwrap(), contents(database))
    };
    let rowids = |database: &mut SqliteConnection| {
        rows(database, &format!("SELECT rowid FROM {} ORDER BY 1", quoted(name)))
    };
    let at_first = (state(&mut ours), traces(&mut ours), others(&mut ours, name));
    let rowids_at_first = keeps_rowids(&before, &after, &fills).then(|| rowids(&mut ours));
    let done = rebuild(&mut ours, name, &edits);
    let expected = procedure(&mut theirs, &before, &after, &fills);
    assert_eq!(
        done.is_ok(),
        expected.is_ok(),
        "ours {:?}, theirs {expected:?}\n{}",
        done.as_ref().map_err(|error| chain(error)),
        said()
    );
    assert_eq!(traces(&mut ours), at_first.1, "{}", said());
    assert_eq!(others(&mut ours, name), at_first.2, "{}", said());
    if done.is_err() {
        assert_eq!(state(&mut ours), at_first.0, "{}", said());
        return;
    }
    let (found, wanted) = (state(&mut ours), state(&mut theirs));
    assert_eq!(found.0.difference(&wanted.0).to_string(), "", "{}", said());
    assert_eq!(found, wanted, "{}", said());
    assert_eq!(rows(&mut ours, "PRAGMA integrity_check"), ["ok"], "{}", said());
    if let Some(rowids_at_first) = rowids_at_first {
        assert_eq!(rowids(&mut ours), rowids_at_first, "{}", said());
    }
}

/// 400 cases, or as many as `PROPTEST_CASES` says: proptest's own reading of it gives way to a number that is written.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(400), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_rebuild_does_what_the_documented_procedure_does(rolls in prop::collection::vec(any::<u16>(), 260)) {
        check(rolls);
    }

    #[test]
    fn a_text_is_read_as_sqlite_reads_it(rolls in prop::collection::vec(any::<u16>(), 120)) {
        let model = Model::draw(&mut Dice::new(rolls));
        let text = model.statement(&model.name);
        let mut database = database("CREATE TABLE other (k PRIMARY KEY)");
        database.batch(&text).unwrap();
        let stored = rows(&mut database, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name <> 'other'").remove(0);
        let table = CreateTable::parse(stored.as_str()).unwrap();
        prop_assert_eq!(table.text(), &stored);
        let literal = crate::sqlite::literal(&table.name().value);
        let names: Vec<_> = table.columns().iter().map(|column| column.name.value.clone()).collect();
        prop_assert_eq!(names, rows(&mut database, &format!("SELECT name FROM pragma_table_xinfo({literal})")));
        let keys = table.foreign_keys().map(|(_, target)| target.table.value.clone()).collect::<Vec<_>>();
        prop_assert_eq!(keys, rows(&mut database, &format!("SELECT \"table\" FROM pragma_foreign_key_list({literal})")));
        let has_key = rows(&mut database, &format!("SELECT 1 FROM pragma_table_xinfo({literal}) WHERE pk")).len() == 1;
        let has_index = !rows(&mut database, &format!("SELECT 1 FROM pragma_index_list({literal}) WHERE origin = 'pk'")).is_empty();
        let is_alias = has_key && !has_index && !model.without_rowid;
        prop_assert_eq!(table.rowid_alias().is_some(), is_alias, "{}", stored);
    }
}
