//! What was expected of statements, and what they did.

use std::fmt::{self, Write as _};

use diesel::QueryResult;
use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;

use super::fixture::FIXTURE;
use crate::testkit::{Database, Effects, Observation, Postgres, observe, observe_waiting};

/// Statements to run on the fixture, and what somebody expects of them.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What it is called when it fails.
    pub title: String,
    /// What runs before, each in a transaction of its own.
    pub setup: Vec<String>,
    /// What is looked at.
    pub statements: Vec<String>,
    /// How they run.
    pub way: Way,
    /// What they should do.
    pub expected: Expected,
}

/// How statements run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// In one transaction, which is rolled back.
    Transaction,
    /// One statement outside of a transaction.
    Outside {
        /// The tables that others read and write meanwhile: all that it might lock, see [`observe_waiting`].
        beside: Vec<String>,
    },
}

/// What is expected of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// These effects, and no other.
    Effects(Effects),
    /// An error whose message holds these words.
    Refused(String),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Effects(effects) => effects.fmt(f),
            Self::Refused(words) => write!(f, "error: {words}"),
        }
    }
}

/// Runs all trials on a server; returns a readable list of what came out differently, empty when nothing did.
#[must_use]
pub fn mismatches(server: &Postgres, trials: &[Trial]) -> String {
    let fixture = server.database();
    fixture.execute(FIXTURE);
    let untouched = fixture.copy();
    let mut connection = untouched.connect();
    let mut mismatches = String::new();
    for trial in trials {
        let found = found(trial, &fixture, &mut connection);
        let agree = match (&trial.expected, &found) {
            (Expected::Effects(expected), Ok(found)) => *expected == found.effects,
            (Expected::Refused(words), Err(error)) => error.to_string().contains(words),
            _ => false,
        };
        if !agree {
            let found =
                found.map_or_else(|error| format!("error: {error}"), |found| found.effects.to_string());
            let statements = trial.statements.join("; ");
            let (title, expected) = (&trial.title, &trial.expected);
            let _ = writeln!(mismatches, "{title}: {statements}\n  expected {expected}\n  found    {found}");
        }
    }
    mismatches
}

/// What the statements did, or what the server said to them or to the setup.
fn found(trial: &Trial, fixture: &Database, untouched: &mut AnyConnection) -> QueryResult<Observation> {
    let statements: Vec<_> = trial.statements.iter().map(String::as_str).collect();
    match &trial.way {
        // It leaves the fixture as it was, for the next.
        Way::Transaction if trial.setup.is_empty() => observe(untouched, &statements),
        Way::Transaction => observe(&mut prepared(fixture, &trial.setup)?.connect(), &statements),
        Way::Outside { beside } => {
            let beside: Vec<_> = beside.iter().map(String::as_str).collect();
            let [statement] = statements[..] else { panic!("{}: more than one statement", trial.title) };
            observe_waiting(&prepared(fixture, &trial.setup)?, statement, &beside)
        }
    }
}

/// A database for one trial.
fn prepared(fixture: &Database, setup: &[String]) -> QueryResult<Database> {
    let database = fixture.copy();
    let mut connection = database.connect();
    for sql in setup {
        connection.batch(sql)?;
    }
    // Now and not while somebody looks at the counters.
    connection.batch("SELECT pg_stat_force_next_flush()")?;
    Ok(database)
}
