use std::error::Error as _;

use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;
use migrate_core::operation::Operation;
use migrate_tests::samples::Sample;
use migrate_tests::testkit::{Database, History, SqliteFile, Step};

/// A database on which operations were done.
pub(super) struct Done {
    pub(super) connection: AnyConnection,
    pub(super) database: Database,
}

/// Does operations, one list as a migration and the other as the next one.
///
/// Returns what went wrong, with its causes.
pub(super) fn perform(setup: Vec<Operation>, operations: Vec<Operation>) -> Result<Done, String> {
    let database = SqliteFile::new().into_database();
    let mut connection = database.connect();
    // Nobody wants these files after a power failure.
    connection.batch("PRAGMA synchronous = OFF").map_err(|it| it.to_string())?;
    // A schema is an attached database, which is the connection's own matter.
    for operation in &setup {
        if let Operation::CreateSchema { name, .. } = operation {
            connection
                .batch(&format!("ATTACH ':memory:' AS {}", quoted(name)))
                .map_err(|it| it.to_string())?;
        }
    }
    let elsewhere = |operation: &Operation| {
        matches!(
            operation,
            Operation::CreateSchema { .. } | Operation::CreateExtension(_) | Operation::CreateFunction(_)
        )
    };
    let setup = setup.into_iter().filter(|operation| !elsewhere(operation)).collect();
    let history = History::new().with(step("a1", setup)).with(step("b1", operations).on(&["a1"])).migrator();
    match history.upgrade(&mut connection, "heads") {
        Ok(_) => Ok(Done { connection, database }),
        Err(error) => {
            let mut said = error.to_string();
            let mut cause = error.source();
            while let Some(error) = cause {
                said = format!("{said}: {error}");
                cause = error.source();
            }
            Err(said)
        }
    }
}

fn step(revision: &'static str, operations: Vec<Operation>) -> Step {
    Step::new(revision)
        .up(move |cx| operations.iter().try_for_each(|operation| cx.perform(operation.clone())))
}

/// Does a sample.
pub(super) fn try_out(sample: &Sample) -> Result<Done, String> {
    perform(sample.setup.clone(), vec![sample.operation.clone()])
}

impl Done {
    /// What the schema holds, as SQLite keeps it.
    pub(super) fn schema(&self) -> Vec<String> {
        let query = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND tbl_name <> 'applied_log' \
             AND name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB 'migrate_*' AND tbl_name NOT GLOB '*_migrate_*' ORDER BY tbl_name, type DESC, name";
        self.database.column(query)
    }
}

/// A name as SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
