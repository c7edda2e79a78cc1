use migrate_core::operation::{
    AlterTable, Column, ColumnChange, Constraint, Dropped, Name, Operation, Table, TableChange, column, table,
};
use migrate_core::prelude::{BigInt, Integer, Text};

/// An operation with what has to be there before it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its name: unique, and the heading in files of expected SQL.
    pub name: String,
    /// What runs before it.
    pub setup: Vec<Operation>,
    /// The operation.
    pub operation: Operation,
}

impl Sample {
    pub(super) fn new(name: impl Into<String>, operation: impl Into<Operation>) -> Self {
        Self { name: name.into(), setup: Vec::new(), operation: operation.into() }
    }

    /// Something has to be there before.
    pub(super) fn after(mut self, setup: impl Into<Operation>) -> Self {
        self.setup.push(setup.into());
        self
    }
}

/// `users (id, email, age)`, `id` the primary key.
pub(super) fn users() -> Table {
    table("users")
        .column(column("id", BigInt).primary_key())
        .column(column("email", Text).not_null())
        .column(column("age", Integer))
}

pub(super) fn alter_table(
    table: impl Into<Name>,
    changes: impl IntoIterator<Item = TableChange>,
) -> Operation {
    Operation::AlterTable(AlterTable { table: table.into(), changes: changes.into_iter().collect() })
}

pub(super) fn add_column(table: impl Into<Name>, column: Column) -> Operation {
    Operation::alter(table, add(column))
}

pub(super) fn change_column(table: impl Into<Name>, column: &str, change: ColumnChange) -> Operation {
    Operation::alter(table, changed(column, change))
}

pub(super) fn add_constraint(table: impl Into<Name>, constraint: impl Into<Constraint>) -> Operation {
    Operation::alter(table, constrained(constraint))
}

pub(super) fn add(column: Column) -> TableChange {
    TableChange::AddColumn(Box::new(column))
}

pub(super) fn changed(column: &str, change: ColumnChange) -> TableChange {
    TableChange::AlterColumn { column: column.to_owned(), change: Box::new(change) }
}

pub(super) fn constrained(constraint: impl Into<Constraint>) -> TableChange {
    TableChange::AddConstraint(Box::new(constraint.into()))
}

pub(super) fn renamed(from: &str, to: &str) -> TableChange {
    TableChange::RenameColumn { from: from.to_owned(), to: to.to_owned() }
}

pub(super) fn drop_column(column: impl Into<Dropped<Column>>) -> TableChange {
    TableChange::DropColumn(column.into())
}

pub(super) fn drop_constraint(constraint: impl Into<Dropped<Constraint>>) -> TableChange {
    TableChange::DropConstraint(constraint.into())
}

pub(super) fn schema(name: &str) -> Operation {
    Operation::CreateSchema { name: name.to_owned(), if_not_exists: false }
}
