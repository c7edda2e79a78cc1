use std::hash::Hasher as _;

use fnv::FnvHasher;

use super::keeper::Place;
use super::text::refuses_transactions;
use crate::connection::Dialect;
use crate::operation::render::{Piece, Statement};
use crate::operation::{Operation, OperationError};

/// An operation on one server, as the journal knows it.
pub(crate) struct Task<'o> {
    pub(crate) operation: &'o Operation,
    /// What it is on the server.
    pub(crate) pieces: Vec<Piece>,
    /// What it does, in words.
    pub(crate) label: String,
    /// A hash of what it is.
    pub(crate) fingerprint: String,
    /// Where it runs.
    pub(crate) place: Place,
}

impl<'o> Task<'o> {
    /// # Errors
    ///
    /// When the server cannot do it.
    pub(crate) fn new(operation: &'o Operation, dialect: Dialect) -> Result<Self, OperationError> {
        let pieces = operation.render(dialect)?;
        let (label, outside) = match operation {
            Operation::Execute(sql) => {
                let text = sql.for_dialect(dialect)?;
                (format!("execute {}", beginning(text)), refuses_transactions(text, dialect))
            }
            _ => (operation.to_string(), pieces.iter().any(is_outside)),
        };
        let place = if outside { Place::Outside } else { Place::Transaction };
        let fingerprint = fingerprint(&label, &pieces);
        Ok(Self { operation, pieces, label, fingerprint, place })
    }

    /// A step in Rust: known by its description.
    pub(crate) fn data(operation: &'o Operation) -> Self {
        let label = operation.to_string();
        let fingerprint = fingerprint(&label, &[]);
        Self { operation, pieces: Vec::new(), label, fingerprint, place: Place::Transaction }
    }

    /// Whether one of its statements has to be outside of a transaction.
    pub(crate) fn has_statement_outside(&self) -> bool {
        self.pieces.iter().any(is_outside)
    }
}

fn is_outside(piece: &Piece) -> bool {
    matches!(piece, Piece::Statement(Statement { in_transaction: false, .. }))
}

/// Enough of a text to know it by, and no string in it, which may be a password.
fn beginning(sql: &str) -> String {
    const LONGEST: usize = 60;
    let text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins_string = |c: char| c == '\'' || c == '$';
    let beginning: String = text.chars().take_while(|c| !begins_string(*c)).take(LONGEST).collect();
    if beginning.len() < text.len() { beginning + "…" } else { text }
}

/// Hashes what the server is sent: an edit that changes nothing there is none.
///
/// FNV, because it is the same on every machine and in every version of the compiler; nobody is to be defended
/// against here.
fn fingerprint(label: &str, pieces: &[Piece]) -> String {
    let mut hasher = FnvHasher::default();
    let mut add = |text: &str| {
        hasher.write(text.as_bytes());
        hasher.write_u8(0xff);
    };
    add(label);
    for piece in pieces {
        match piece {
            Piece::Statement(statement) => add(&statement.sql),
            Piece::Resolve(operation) => add(&format!("{operation:?}")),
        }
    }
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &'static str) -> String {
        Task::new(&Operation::Execute(text.into()), Dialect::Postgres).unwrap().fingerprint
    }

    #[test]
    fn sql_is_known_by_its_beginning_without_strings() {
        assert_eq!(beginning("CREATE TABLE\n  one (id integer)"), "CREATE TABLE one (id integer)");
        assert_eq!(beginning("CREATE ROLE r PASSWORD 'secret'"), "CREATE ROLE r PASSWORD …");
        assert_eq!(beginning(&"ü".repeat(61)), format!("{}…", "ü".repeat(60)));
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_build() {
        assert_eq!(of("SELECT 1"), of("SELECT 1"));
        assert_ne!(of("SELECT 1"), of("SELECT 2"));
        // Journals outlive the program that wrote them.
        assert_eq!(of("SELECT 1"), "b0ac3202f52977b0");
    }
}
