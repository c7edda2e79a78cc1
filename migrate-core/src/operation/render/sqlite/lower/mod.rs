//! What depends on a table as it is, seen against the schema that is there.
//!
//! Still values in, values out: the schema was read before, and nothing is run here.

mod alter;
mod constraint;
mod enums;
mod mention;
mod object;

use super::{Fault, QUOTE};
use crate::connection::Dialect;
use crate::operation::naming::ConstraintNames;
use crate::operation::{Name, Operation, OperationError, TableChange};
use crate::sqlite::{CreateTable, Edit, SchemaSnapshot};

/// A part of what an operation is, once the schema is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A statement.
    Statement(String),
    /// Changes of a table's text, made by SQLite's own `ALTER TABLE` or by a copy.
    Edit {
        /// The table.
        table: String,
        /// The changes, in order.
        edits: Vec<Edit>,
    },
}

/// What an operation is that [`render`](super::render) leaves to be resolved, asked for stage by stage.
///
/// Each stage is answered with the schema that the one before has left. Only the changes of a table take more than
/// one: SQLite itself rewrites whatever mentions a column that it renames, so what comes after is about other texts.
pub(crate) struct Stages<'o> {
    operation: &'o Operation,
    alter: Option<Alter<'o>>,
    is_done: bool,
}

/// Changes of a table, of which some may have been asked for.
struct Alter<'o> {
    table: &'o Name,
    left: &'o [TableChange],
    /// Those of constraints that earlier stages have taken, too.
    names: ConstraintNames<'o>,
}

impl<'o> Stages<'o> {
    /// All of them are still to come.
    pub(crate) fn of(operation: &'o Operation) -> Self {
        let alter = match operation {
            Operation::AlterTable(alter) => Some(Alter {
                table: &alter.table,
                left: &alter.changes,
                names: ConstraintNames::of_changes(alter),
            }),
            _ => None,
        };
        Self { operation, alter, is_done: false }
    }

    /// Whether there are no more.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// The steps of the next stage, in order.
    ///
    /// A table that is not there is left to whoever makes the changes.
    pub(crate) fn next(&mut self, schema: &SchemaSnapshot) -> Result<Vec<Step>, OperationError> {
        let steps = match &mut self.alter {
            Some(Alter { table, left, names }) => {
                let (now, later) = alter::split_after_renames(left);
                *left = later;
                alter::alter_table(table, now, names, schema)
            }
            None => once(self.operation, schema),
        };
        self.is_done = self.alter.as_ref().is_none_or(|alter| alter.left.is_empty());
        steps.map_err(|fault| fault.of(self.operation, Dialect::Sqlite))
    }
}

/// The steps of an operation that has one stage.
fn once(operation: &Operation, schema: &SchemaSnapshot) -> Result<Vec<Step>, Fault> {
    match operation {
        Operation::ReplaceEnum(replace) => enums::replace(replace, schema),
        Operation::RenameIndex { table, from, to } => object::rename_index(table, from, to, schema),
        Operation::CreateView(view) => object::replace_view(view, schema),
        _ => Err(Fault::malformed("it does not depend on what is there")),
    }
}

/// Whether an operation comes to anything, and whether it can be done at all, as far as that shows without a
/// schema.
pub(super) fn check(operation: &Operation) -> Result<bool, Fault> {
    let nothing = SchemaSnapshot::default();
    match operation {
        Operation::AlterTable(alter) => {
            let mut names = ConstraintNames::of_changes(alter);
            alter::alter_table(&alter.table, &alter.changes, &mut names, &nothing)
                .map(|steps| !steps.is_empty())
        }
        Operation::ReplaceEnum(replace) => enums::replace(replace, &nothing).map(|steps| !steps.is_empty()),
        Operation::RenameIndex { table, from, to } => {
            main_only(table)?;
            for name in [&table.name, from, to] {
                QUOTE.name(name)?;
            }
            Ok(true)
        }
        Operation::CreateView(view) => object::replace_view(view, &nothing).map(|_| true),
        _ => Ok(true),
    }
}

/// The definition of a table, if there is one that is understood.
fn definition(schema: &SchemaSnapshot, table: &Name) -> Option<CreateTable> {
    schema.table(&table.name).ok().map(|(_, definition)| definition)
}

/// Refuses what is in an attached database, whose schema is not read here.
fn main_only(name: &Name) -> Result<(), Fault> {
    match name.schema.as_deref() {
        None => Ok(()),
        Some(schema) if schema.eq_ignore_ascii_case("main") => Ok(()),
        Some(_) => Err(Fault::Unsupported(
            "its own ALTER TABLE cannot do it, and copies are made in the main database only",
        )),
    }
}
