use diesel::QueryResult;
use migrate_core::AnyConnection;
use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::operation::Operation;
use migrate_core::operation::render::{Piece, Statement};
use migrate_tests::samples::Sample;
use migrate_tests::testkit::Postgres;

/// The servers of two ends of what is supported.
pub(super) fn servers() -> [&'static Postgres; 2] {
    [Postgres::shared(), Postgres::eighteen()]
}

/// Both meanings of a backslash in a literal.
pub(super) const CONFORMING: [&str; 2] = ["on", "off"];

/// The statements of an operation.
pub(super) fn statements(operation: &Operation) -> Vec<Statement> {
    let pieces = operation.render(Dialect::Postgres).unwrap_or_else(|error| panic!("{error}"));
    let statement = |piece| match piece {
        Piece::Statement(statement) => statement,
        Piece::Resolve(operation) => panic!("PostgreSQL resolves nothing: {operation}"),
    };
    pieces.into_iter().map(statement).collect()
}

/// Runs an operation.
pub(super) fn run(connection: &mut AnyConnection, operation: &Operation) -> QueryResult<()> {
    statements(operation).iter().try_for_each(|statement| connection.batch(&statement.sql))
}

/// Runs a sample and looks at what it did; nothing of it stays.
///
/// Returns what the server said to it, or what was found.
pub(super) fn try_out(
    connection: &mut AnyConnection,
    sample: &Sample,
    conforming: &str,
    look: impl FnOnce(&mut AnyConnection) -> Result<(), String>,
) -> Result<(), String> {
    let outside = statements(&sample.operation).iter().any(|statement| !statement.in_transaction);
    let mut said = |sql: &str| connection.batch(sql).map_err(|error| format!("{sql}: {error}"));
    said(&format!("SET standard_conforming_strings = {conforming}; SET escape_string_warning = off"))?;
    if !outside {
        said("BEGIN")?;
    }
    let outcome = sample
        .setup
        .iter()
        .chain([&sample.operation])
        .try_for_each(|operation| {
            run(connection, operation).map_err(|error| {
                let sql: Vec<_> = statements(operation).into_iter().map(|statement| statement.sql).collect();
                format!("{}: {error}\n{}", sample.name, sql.join(";\n"))
            })
        })
        .and_then(|()| look(connection).map_err(|found| format!("{}: {found}", sample.name)));
    if !outside {
        connection.batch("ROLLBACK").map_err(|error| error.to_string())?;
    }
    outcome
}
