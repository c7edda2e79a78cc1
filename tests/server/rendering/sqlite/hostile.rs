use std::collections::BTreeSet;

use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::operation::{Constraint, unique};
use migrate_tests::samples::{Hostile, hostile};

use super::run::{Done, quoted, try_out};

/// Where nothing of the kind is: nothing happens, or an error says so.
const WITHOUT_COUNTERPART: [&str; 10] = [
    "array default",
    "array row",
    "body",
    "comment",
    "enum",
    "enum value",
    "function",
    "replaced enum",
    "schema",
    "sequence",
];

/// A query with the text as `$1` whose only answer is 1 if what was made has exactly this name or value. `$2` is
/// the text as an identifier, `$3` the name of a constraint as one.
fn proof(place: &str) -> &'static str {
    match place {
        "table" | "renamed table" => "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1",
        "column" | "added column" | "renamed column" => {
            "SELECT count(*) FROM pragma_table_info('plain') WHERE name = $1"
        }
        "index" => {
            "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = $1 AND tbl_name = 'plain'"
        }
        "constraint" => {
            "SELECT instr(sql, 'CONSTRAINT ' || $2 || ' CHECK (id > 0)') > 0 FROM sqlite_schema \
             WHERE name = 'plain' AND length($1)"
        }
        "unnamed constraint" => {
            "SELECT instr(sql, 'CONSTRAINT ' || $3 || ' UNIQUE (' || $2 || ')') > 0 FROM sqlite_schema \
             WHERE type = 'table' AND name = $1"
        }
        "foreign key" => {
            "SELECT count(*) FROM pragma_foreign_key_list('plain') WHERE \"table\" = $1 AND \"to\" = $1"
        }
        "enum column" | "default" | "set default" | "row" => "SELECT c = $1 FROM plain",
        "view" => {
            "SELECT count(*) FROM sqlite_schema o JOIN pragma_table_info($1) i \
             WHERE o.type = 'view' AND o.name = $1 AND i.name = $1"
        }
        "trigger" => "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name = $1",
        "column of a row" | "deleted row" | "column of a deleted row" => "",
        unknown => panic!("no proof for {unknown}"),
    }
}

fn look(done: &mut Done, hostile: &Hostile) -> Result<(), String> {
    let (place, text) = (hostile.place, hostile.text);
    let said = |error: diesel::result::Error| error.to_string();
    if matches!(place, "default" | "set default" | "enum column") {
        done.connection.batch("INSERT INTO plain (id) VALUES (1)").map_err(said)?;
    }
    let column = quoted(text);
    let (query, binds) = match place {
        "column of a row" => (format!("SELECT {column} = $1 FROM plain"), vec![Some(text)]),
        "column of a deleted row" => (
            format!("SELECT count(*) = 1 AND min({column} = 'other') AND length($1) FROM plain"),
            vec![Some(text)],
        ),
        "deleted row" => (
            "SELECT count(*) = 1 AND min(c = 'another') AND length($1) >= 0 FROM plain".to_owned(),
            vec![Some(text)],
        ),
        _ => (proof(place).to_owned(), vec![Some(text)]),
    };
    let constraint = quoted(&Constraint::from(unique([text])).name_in(text));
    // Placeholders are numbered in order of first appearance, so the others go in as literals.
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let query = query.replace("$2", &literal(&column)).replace("$3", &literal(&constraint));
    let rows = done.connection.query(&query, &binds).map_err(|error| format!("{error}: {query}"))?;
    let found = rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
    if matches!(found.as_deref(), Some("1")) { Ok(()) } else { Err(format!("{found:?}")) }
}

#[test]
fn hostile_names_and_texts_arrive_on_sqlite() {
    let mut failures = Vec::new();
    let mut without = BTreeSet::new();
    for hostile in hostile() {
        let is_nothing =
            hostile.sample.operation.render(Dialect::Sqlite).map_or(true, |pieces| pieces.is_empty());
        if is_nothing || hostile.place == "schema" {
            without.insert(hostile.place);
            continue;
        }
        let outcome = try_out(&hostile.sample).and_then(|mut done| look(&mut done, &hostile));
        failures.extend(outcome.err().map(|said| format!("{}: {said}", hostile.sample.name)));
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    assert_eq!(without, BTreeSet::from(WITHOUT_COUNTERPART));
}

#[test]
fn hostile_names_of_attached_databases_arrive() {
    for hostile in hostile().into_iter().filter(|hostile| hostile.place == "schema") {
        let mut done =
            try_out(&hostile.sample).unwrap_or_else(|said| panic!("{}: {said}", hostile.sample.name));
        let query = format!("SELECT count(*) FROM {}.sqlite_schema WHERE name = $1", quoted(hostile.text));
        let rows = done.connection.query(&query, &[Some(hostile.text)]).unwrap();
        assert_eq!(rows, [[Some("1".to_owned())]], "{}", hostile.sample.name);
    }
}
