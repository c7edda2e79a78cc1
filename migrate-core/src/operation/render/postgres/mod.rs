//! The SQL of operations for PostgreSQL 12 to 18.
//!
//! An operation is taken apart into [`Part`]s, one for each statement, so that what a statement does to others can
//! be told from the same value that it was written from.

mod alter;
mod column;
mod comment;
mod constraint;
mod enums;
mod function;
mod index;
mod literal;
mod object;
mod part;
mod replace_enum;
mod rows;
mod table;
mod trigger;
mod types;
mod view;
mod writer;

pub(in crate::operation) use self::part::Part;
use self::part::Parts;
use self::writer::{Outcome, Writer};
use super::Statement;
use crate::connection::Dialect;
use crate::operation::{ColumnType, Leaves, Operation, OperationError};

/// The statements of an operation, in order, each with the part of the operation that it is.
pub(in crate::operation) fn parts(operation: &Operation) -> Result<Parts<'_>, OperationError> {
    let writer = Writer::new(operation);
    match operation {
        Operation::CreateTable(table) => writer.create_table(table),
        Operation::AlterTable(alter) => writer.alter_table(alter),
        Operation::CreateIndex(index) => {
            let statement = writer.create_index(index, index.concurrently, index.if_not_exists)?;
            Ok(vec![(Part::CreateIndex(index), statement)])
        }
        Operation::ReplaceEnum(replace) => writer.replace_enum(replace),
        Operation::InsertRows(rows) => writer.insert_rows(rows),
        Operation::DeleteRows(rows) => writer.delete_rows(rows),
        Operation::Data { .. } => Ok(Vec::new()),
        whole => Ok(vec![(Part::Whole(whole), writer.whole(whole)?)]),
    }
}

/// A type as SQL writes it; `None` for one that PostgreSQL does not have.
pub(in crate::operation) fn type_text(type_: &ColumnType) -> Option<String> {
    let nothing = Operation::Data { description: String::new(), leaves: Leaves::Nothing };
    Writer::new(&nothing).type_(type_).ok()
}

impl Writer<'_> {
    /// An operation that is one statement.
    fn whole(&self, operation: &Operation) -> Outcome<Statement> {
        let sql = match operation {
            Operation::DropIndex { index, table } => return self.drop_index(index, table),
            Operation::Reindex { target, concurrently } => return self.reindex(target, *concurrently),
            Operation::Execute(sql) => sql.for_dialect(Dialect::Postgres)?.to_owned(),
            Operation::DropTable(table) => self.drop("TABLE", table, &self.qualified(&table.name)?)?,
            Operation::RenameTable { from, to } => self.rename("TABLE", from, to)?,
            Operation::RenameIndex { table, from, to } => self.rename("INDEX", &table.sibling(from), to)?,
            Operation::CreateEnum(enum_type) => self.create_enum(enum_type)?,
            Operation::DropEnum(it) => self.drop("TYPE", it, &self.qualified(&it.name)?)?,
            Operation::RenameEnum { from, to } => self.rename("TYPE", from, to)?,
            Operation::AddEnumValue { name, value } => self.add_enum_value(name, value)?,
            Operation::RenameEnumValue { name, from, to } => self.rename_enum_value(name, from, to)?,
            Operation::CreateView(view) => self.create_view(view)?,
            Operation::DropView { view, materialized } => self.drop_view(view, *materialized)?,
            Operation::RefreshView { name, concurrently } => self.refresh_view(name, *concurrently)?,
            Operation::CreateFunction(function) => self.create_function(function)?,
            Operation::DropFunction { function, procedure } => self.drop_function(function, *procedure)?,
            Operation::CreateTrigger(trigger) => self.create_trigger(trigger)?,
            Operation::DropTrigger { trigger, table } => self.drop_trigger(trigger, table)?,
            Operation::CreateExtension(extension) => self.create_extension(extension)?,
            Operation::DropExtension(it) => self.drop("EXTENSION", it, &self.name(&it.name.name)?)?,
            Operation::CreateSequence(sequence) => self.create_sequence(sequence)?,
            Operation::DropSequence(it) => self.drop("SEQUENCE", it, &self.qualified(&it.name)?)?,
            Operation::RenameSequence { from, to } => self.rename("SEQUENCE", from, to)?,
            Operation::CreateSchema { name, if_not_exists } => {
                let not = if *if_not_exists { "IF NOT EXISTS " } else { "" };
                format!("CREATE SCHEMA {not}{}", self.name(name)?)
            }
            Operation::DropSchema(it) => self.drop("SCHEMA", it, &self.name(&it.name.name)?)?,
            Operation::RenameSchema { from, to } => self.rename("SCHEMA", &from.into(), to)?,
            Operation::Comment { on, comment } => self.comment(on, comment.text.as_deref())?,
            Operation::CreateTable(_)
            | Operation::AlterTable(_)
            | Operation::CreateIndex(_)
            | Operation::ReplaceEnum(_)
            | Operation::InsertRows(_)
            | Operation::DeleteRows(_)
            | Operation::Data { .. } => return Err(self.malformed("it is more than one statement")),
        };
        Ok(Statement::new(sql))
    }
}
