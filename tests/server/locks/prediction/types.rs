//! Changes of a column's type, from each of a list of types to each of it.

use std::fmt::Write as _;

use migrate_core::AnyConnection;
use migrate_core::operation::forecast::Facts;
use migrate_core::operation::{ColumnType, Operation, TableChange, alter, custom};
use migrate_tests::testkit::{Effects, Postgres, observe};

use super::run::{catalog_of, predict};

/// Types, each with a value that most others take.
const TYPES: [(&str, &str); 31] = [
    ("smallint", "1"),
    ("integer", "1"),
    ("bigint", "1"),
    ("real", "1"),
    ("double precision", "1"),
    ("numeric", "1"),
    ("numeric(10, 2)", "1"),
    ("numeric(12, 2)", "1"),
    ("numeric(12, 4)", "1"),
    ("oid", "1"),
    ("text", "'1'"),
    ("varchar", "'1'"),
    ("varchar(10)", "'1'"),
    ("varchar(20)", "'1'"),
    ("char(5)", "'1'"),
    ("citext", "'1'"),
    ("bytea", "'1'"),
    ("boolean", "true"),
    ("date", "'2025-01-01'"),
    ("time", "'12:00'"),
    ("timestamp", "'2025-01-01'"),
    ("timestamp(3)", "'2025-01-01'"),
    ("timestamptz", "'2025-01-01'"),
    ("timestamptz(3)", "'2025-01-01'"),
    ("interval", "'1 day'"),
    ("inet", "'10.0.0.0/8'"),
    ("cidr", "'10.0.0.0/8'"),
    ("json", "'1'"),
    ("jsonb", "'1'"),
    ("text[]", "'{1}'"),
    ("varchar(10)[]", "'{1}'"),
];

/// Types of the database itself.
const OWN: [(&str, &str); 3] = [("mood", "'sad'"), ("plain_text", "'1'"), ("short_text", "'1'")];

fn changes_of_type_hold_on(server: &Postgres) {
    let database = server.database();
    database.execute(
        "CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', '1'); CREATE DOMAIN plain_text AS text; \
         CREATE DOMAIN short_text AS text CHECK (length(VALUE) < 100)",
    );
    let types: Vec<_> = TYPES.into_iter().chain(OWN).collect();
    let mut connection = database.connect();
    let (mut compared, mut mismatches) = (0, String::new());
    for (from, value) in &types {
        // No order of `json`, so no index of it.
        let index = if *from == "json" { "" } else { "CREATE INDEX i ON t (c)" };
        database.execute(&format!(
            "DROP TABLE IF EXISTS t; CREATE TABLE t (c {from}); \
             INSERT INTO t SELECT {value} FROM generate_series(1, 50); {index}"
        ));
        let catalog = catalog_of(&database);
        for (to, _) in &types {
            for zone in ["UTC", "Europe/Berlin"] {
                if zone == "UTC" || (from.starts_with("timestamp") && to.starts_with("timestamp")) {
                    let facts = catalog.facts("public", Some(zone == "UTC"));
                    let session = format!("SET LOCAL TimeZone = '{zone}'");
                    let Some((predicted, found)) = tried(&mut connection, &facts, &session, to) else {
                        continue;
                    };
                    compared += 1;
                    if found != predicted {
                        let _ = writeln!(
                            mismatches,
                            "{from} to {to} ({zone}): predicted {predicted}, found {found}"
                        );
                    }
                }
            }
        }
    }
    assert!(mismatches.is_empty(), "of {compared}:\n{mismatches}");
    assert!(compared > 500, "{compared}");
}

/// What is predicted of a change and what it does: as the server converts values by itself, or by a cast; none if
/// there is no such conversion.
fn tried(
    connection: &mut AnyConnection,
    facts: &dyn Facts,
    session: &str,
    to: &str,
) -> Option<(Effects, Effects)> {
    let plain = alter().type_(vocabulary(to));
    let cast = plain.clone().using(format!("c::{to}"));
    [plain, cast].into_iter().find_map(|change| {
        let change = TableChange::AlterColumn { column: "c".to_owned(), change: Box::new(change) };
        let (statements, predicted) = predict(&[Operation::alter("t", change)], facts);
        let observed = observe(connection, &[session, &statements[0]]).ok()?;
        Some((predicted, observed.effects))
    })
}

fn vocabulary(type_: &str) -> ColumnType {
    match type_ {
        "integer" => ColumnType::Integer,
        "bigint" => ColumnType::BigInt,
        "numeric" => ColumnType::Numeric,
        "numeric(10, 2)" => ColumnType::Decimal(10, 2),
        "text" => ColumnType::Text,
        "varchar(10)" => ColumnType::Varchar(10),
        "char(5)" => ColumnType::Char(5),
        "timestamp" => ColumnType::Timestamp,
        "timestamptz" => ColumnType::Timestamptz,
        "text[]" => ColumnType::Array(Box::new(ColumnType::Text)),
        "mood" | "plain_text" | "short_text" => ColumnType::Named(type_.into()),
        other => custom(other),
    }
}

#[test]
fn changes_of_type_hold_on_the_machines_server() {
    changes_of_type_hold_on(Postgres::shared());
}

#[test]
fn changes_of_type_hold_on_18() {
    changes_of_type_hold_on(Postgres::eighteen());
}
