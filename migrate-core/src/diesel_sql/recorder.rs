//! How the SQL of an embedded migration is got at.

use diesel::connection::{BoxableConnection, SimpleConnection};
use diesel::migration::{Migration, Result};

use crate::connection::AnyConnection;
use crate::plan::Direction;

/// Any backend would do: an embedded migration is the same text for all of them.
pub(super) type Backend = <AnyConnection as diesel::Connection>::Backend;

/// A connection that writes down what it is asked to execute.
///
/// An embedded migration gives its SQL to a connection and to nobody else.
#[derive(Default)]
struct Recorder {
    sql: String,
}

impl SimpleConnection for Recorder {
    fn batch_execute(&mut self, query: &str) -> diesel::QueryResult<()> {
        self.sql.push_str(query);
        Ok(())
    }
}

impl BoxableConnection<Backend> for Recorder {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

/// The SQL that a migration runs.
pub(super) fn record(migration: &dyn Migration<Backend>, direction: Direction) -> Result<String> {
    let mut recorder = Recorder::default();
    match direction {
        Direction::Upgrade => migration.run(&mut recorder)?,
        Direction::Downgrade => migration.revert(&mut recorder)?,
    }
    Ok(recorder.sql)
}
