//! What a connection is asked to do, statement by statement.

use std::sync::{Arc, Mutex};

use diesel::Connection as _;
use diesel::connection::InstrumentationEvent;
use migrate_core::AnyConnection;

/// The statements that a connection has run since it is watched.
#[derive(Debug, Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Watches a connection through Diesel's instrumentation.
    pub fn of(connection: &mut AnyConnection) -> Self {
        let statements = Self::default();
        let seen = statements.clone();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                seen.0.lock().expect("statements").push(query.to_string());
            }
        });
        statements
    }

    /// The statements so far, which are forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("statements"))
    }
}
