use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;
use migrate_core::operation::{Constraint, unique};
use migrate_tests::samples::{Hostile, hostile};
use migrate_tests::testkit::Postgres;

use super::run::{CONFORMING, try_out};

/// A query with the text as `$1` whose only answer is `true` if what was made has exactly this name or value.
fn proof(place: &str) -> &'static str {
    match place {
        "table" | "renamed table" => "SELECT count(*) = 1 FROM pg_class WHERE relname = $1 AND relkind = 'r'",
        "column" | "renamed column" => {
            "SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'plain'::regclass AND attname = $1"
        }
        "added column" => {
            "SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'plain'::regclass AND attname = $1 \
             AND col_description(attrelid, attnum) = $1"
        }
        "index" => "SELECT count(*) = 1 FROM pg_class WHERE relname = $1 AND relkind = 'i'",
        "constraint" => "SELECT count(*) = 1 FROM pg_constraint WHERE conname = $1 AND contype = 'c'",
        "unnamed constraint" => {
            "SELECT count(*) = 1 FROM pg_constraint c JOIN pg_class t ON t.oid = conrelid \
             WHERE relname = $1 AND contype = 'u' AND conname = $2"
        }
        "foreign key" => {
            "SELECT count(*) = 1 FROM pg_constraint JOIN pg_class t ON t.oid = confrelid \
             JOIN pg_attribute ON attrelid = confrelid AND attnum = confkey[1] \
             WHERE relname = $1 AND attname = $1"
        }
        "schema" => {
            "SELECT count(*) = 1 FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace \
             WHERE relname = $1 AND nspname = $1"
        }
        "enum" => {
            "SELECT array_agg(enumlabel::text ORDER BY enumsortorder) = ARRAY[$1, 'other'] \
             FROM pg_enum JOIN pg_type t ON t.oid = enumtypid WHERE typname = $1"
        }
        "enum value" => {
            "SELECT array_agg(enumlabel::text ORDER BY enumsortorder) = ARRAY['a', $1, 'b'] \
             FROM pg_enum JOIN pg_type t ON t.oid = enumtypid WHERE typname = 'm'"
        }
        "enum column" | "default" | "set default" | "row" => "SELECT c::text = $1 FROM plain",
        "array default" | "array row" => "SELECT c::text[] = ARRAY[$1] FROM plain",
        "replaced enum" => {
            "SELECT count(*) = 2 AND bool_and(row ->> $1 = 'left') \
             AND bool_and(row -> 'array' = jsonb_build_array($1::text, 'left')) \
             FROM (SELECT jsonb_array_elements(table_to_jsonb) AS row FROM table_to_jsonb) AS rows"
        }
        "view" => {
            "SELECT count(*) = 1 FROM pg_class c JOIN pg_attribute ON attrelid = c.oid \
             WHERE relkind = 'v' AND relname = $1 AND attname = $1"
        }
        "function" => "SELECT count(*) = 1 FROM pg_proc WHERE proname = $1 AND strpos(prosrc, $1) > 0",
        "body" => "SELECT prosrc = '/* ' || $1 || ' */BEGIN RETURN 1; END' FROM pg_proc WHERE proname = 'f'",
        "trigger" => {
            "SELECT count(*) = 1 FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid WHERE tgname = $1 AND proname = $1"
        }
        "sequence" => "SELECT count(*) = 1 FROM pg_class WHERE relname = $1 AND relkind = 'S'",
        "comment" => "SELECT coalesce(obj_description('plain'::regclass, 'pg_class'), '') = $1",
        "column of a row" => "SELECT to_jsonb(plain) ->> $1 = $1 FROM plain",
        "column of a deleted row" => {
            "SELECT count(*) = 1 AND bool_and(to_jsonb(plain) ->> $1 = 'other') FROM plain"
        }
        "deleted row" => "SELECT count(*) = 1 AND bool_and(c = 'another') FROM plain",
        unknown => panic!("no proof for {unknown}"),
    }
}

fn look(connection: &mut AnyConnection, hostile: &Hostile) -> Result<(), String> {
    let text = hostile.text;
    let identifier = format!("\"{}\"", text.replace('"', "\"\""));
    let said = |error: diesel::result::Error| error.to_string();
    // What a row gets when it says nothing.
    match hostile.place {
        "default" | "array default" | "set default" | "enum column" => {
            connection.batch("INSERT INTO plain (id) VALUES (1)").map_err(said)?;
        }
        "replaced enum" => {
            let rows = format!(
                "INSERT INTO {identifier} DEFAULT VALUES; \
                 CREATE VIEW table_to_jsonb AS SELECT jsonb_agg(to_jsonb(t)) AS table_to_jsonb FROM {identifier} AS t"
            );
            connection.batch(&rows).map_err(said)?;
        }
        _ => {}
    }
    let query = format!("SELECT coalesce((({})::text), 'nothing')", proof(hostile.place));
    let named = Constraint::from(unique([text])).name_in(text);
    let binds = if query.contains("$2") { vec![Some(text), Some(named.as_str())] } else { vec![Some(text)] };
    // As text, for what a placeholder is compared with is sometimes a name and sometimes a text.
    let query = query.replace("$1", "$1::text").replace("$2", "$2::text").replace("::text::text", "::text");
    let rows = connection.query(&query, &binds).map_err(said)?;
    let found = rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
    if found.as_deref() == Some("true") { Ok(()) } else { Err(format!("{found:?}")) }
}

fn hostile_names_and_texts_arrive_on(server: &Postgres) {
    let database = server.database();
    let mut connection = database.connect();
    let mut failures = Vec::new();
    for hostile in hostile() {
        for conforming in CONFORMING {
            let outcome = try_out(&mut connection, &hostile.sample, conforming, |connection| {
                look(connection, &hostile)
            });
            failures.extend(outcome.err().map(|failure| format!("{conforming}: {failure}")));
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn hostile_names_and_texts_arrive_on_the_machines_postgres() {
    hostile_names_and_texts_arrive_on(Postgres::shared());
}

#[test]
fn hostile_names_and_texts_arrive_on_postgres_18() {
    hostile_names_and_texts_arrive_on(Postgres::eighteen());
}
