//! What can be done to a schema, as data.

use std::fmt;

use super::name::{Dropped, Name};
use super::rows::Rows;
use super::sql::Sql;
use super::table::{AlterTable, Table, TableChange};
use super::{
    Column, Comment, CommentTarget, Constraint, EnumType, EnumValue, Extension, Function, Index,
    ReindexTarget, ReplaceEnum, Sequence, Trigger, View,
};

/// One operation on a schema: what a method of [`Context`](crate::Context) makes of its arguments before it runs
/// it.
///
/// It is a value: it says its SQL for each server ([`render`](Self::render)) and what takes it back
/// ([`inverse`](Self::inverse)) without a database.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// Creates a table with its constraints, indexes and comments.
    CreateTable(Box<Table>),
    /// Drops a table.
    DropTable(Dropped<Table>),
    /// Renames a table.
    RenameTable {
        /// Its name.
        from: Name,
        /// Its new name; the schema stays.
        to: String,
    },
    /// Changes a table.
    AlterTable(AlterTable),
    /// Creates an index.
    CreateIndex(Box<Index>),
    /// Drops an index.
    DropIndex {
        /// The index.
        index: Dropped<Index>,
        /// Its table.
        table: Name,
    },
    /// Renames an index.
    RenameIndex {
        /// Its table.
        table: Name,
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Builds indexes anew.
    Reindex {
        /// Which.
        target: ReindexTarget,
        /// Whether the table stays writable meanwhile (PostgreSQL, not in a transaction).
        concurrently: bool,
    },
    /// Creates an enum type (PostgreSQL; nothing on the others, where it stands in the columns).
    CreateEnum(EnumType),
    /// Drops an enum type.
    DropEnum(Dropped<EnumType>),
    /// Renames an enum type.
    RenameEnum {
        /// Its name.
        from: Name,
        /// Its new name.
        to: String,
    },
    /// Adds a value to an enum type (PostgreSQL).
    AddEnumValue {
        /// The type.
        name: Name,
        /// The value.
        value: EnumValue,
    },
    /// Renames a value of an enum type (PostgreSQL).
    RenameEnumValue {
        /// The type.
        name: Name,
        /// The value.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Gives an enum type other values.
    ReplaceEnum(Box<ReplaceEnum>),
    /// Creates a view.
    CreateView(Box<View>),
    /// Drops a view.
    DropView {
        /// The view.
        view: Dropped<View>,
        /// Whether it is a materialised one.
        materialized: bool,
    },
    /// Fills a materialised view anew (PostgreSQL).
    RefreshView {
        /// The view.
        name: Name,
        /// Whether it stays readable meanwhile; it needs a unique index for that.
        concurrently: bool,
    },
    /// Creates a function or a procedure (PostgreSQL).
    CreateFunction(Box<Function>),
    /// Drops a function or a procedure.
    DropFunction {
        /// The function.
        function: Dropped<Function>,
        /// Whether it is a procedure.
        procedure: bool,
    },
    /// Creates a trigger.
    CreateTrigger(Box<Trigger>),
    /// Drops a trigger.
    DropTrigger {
        /// The trigger.
        trigger: Dropped<Trigger>,
        /// Its table.
        table: Name,
    },
    /// Creates an extension (PostgreSQL).
    CreateExtension(Extension),
    /// Drops an extension.
    DropExtension(Dropped<Extension>),
    /// Creates a sequence (PostgreSQL, MariaDB).
    CreateSequence(Sequence),
    /// Drops a sequence.
    DropSequence(Dropped<Sequence>),
    /// Renames a sequence (PostgreSQL).
    RenameSequence {
        /// Its name.
        from: Name,
        /// Its new name.
        to: String,
    },
    /// Creates a schema.
    CreateSchema {
        /// Its name.
        name: String,
        /// Whether it is no error if it is there.
        if_not_exists: bool,
    },
    /// Drops a schema.
    DropSchema(Dropped<()>),
    /// Renames a schema (PostgreSQL).
    RenameSchema {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Comments something (PostgreSQL; tables and columns on MySQL).
    Comment {
        /// What.
        on: CommentTarget,
        /// The comment.
        comment: Comment,
    },
    /// Inserts rows.
    InsertRows(Rows),
    /// Deletes rows by their keys: what takes [`InsertRows`](Self::InsertRows) back.
    DeleteRows(Rows),
    /// Runs SQL as it is.
    Execute(Sql<'static>),
    /// A step in Rust, which has no SQL and no inverse.
    Data {
        /// What it does.
        description: String,
        /// Whether taking back the operations around it takes it back, too.
        leaves: Leaves,
    },
}

/// What a step in Rust leaves behind when the operations around it are taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// Something that would have to be taken back, too, and only its author knows how.
    Traces,
    /// Nothing: it filled what another operation of the migration created.
    Nothing,
}

impl Operation {
    /// One change to one table.
    #[must_use]
    pub fn alter(table: impl Into<Name>, change: TableChange) -> Self {
        Self::AlterTable(AlterTable { table: table.into(), changes: vec![change] })
    }
}

impl From<Table> for Operation {
    fn from(table: Table) -> Self {
        Self::CreateTable(Box::new(table))
    }
}

impl From<Index> for Operation {
    fn from(index: Index) -> Self {
        Self::CreateIndex(Box::new(index))
    }
}

/// Says what it does and to what, as an error or a plan names it: `add column email to users`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable(table) => write!(f, "create table {}", table.name),
            Self::DropTable(table) => write!(f, "drop table {}", table.name),
            Self::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Self::AlterTable(alter) => alter.fmt(f),
            Self::CreateIndex(index) => write!(f, "create index {} on {}", index.name, index.table),
            Self::DropIndex { index, table } => write!(f, "drop index {} on {table}", index.name),
            Self::RenameIndex { table, from, to } => write!(f, "rename index {from} on {table} to {to}"),
            Self::Reindex { target: ReindexTarget::Index(index), .. } => write!(f, "reindex {index}"),
            Self::Reindex { target: ReindexTarget::Table(table), .. } => write!(f, "reindex table {table}"),
            Self::CreateEnum(it) => write!(f, "create enum {}", it.name),
            Self::DropEnum(it) => write!(f, "drop enum {}", it.name),
            Self::RenameEnum { from, to } => write!(f, "rename enum {from} to {to}"),
            Self::AddEnumValue { name, value } => write!(f, "add value {} to enum {name}", value.value),
            Self::RenameEnumValue { name, from, to } => {
                write!(f, "rename value {from} of enum {name} to {to}")
            }
            Self::ReplaceEnum(replace) => write!(f, "replace the values of enum {}", replace.to.name),
            Self::CreateView(view) => write!(f, "create view {}", view.name),
            Self::DropView { view, .. } => write!(f, "drop view {}", view.name),
            Self::RefreshView { name, .. } => write!(f, "refresh view {name}"),
            Self::CreateFunction(function) => write!(f, "create function {}", function.name),
            Self::DropFunction { function, .. } => write!(f, "drop function {}", function.name),
            Self::CreateTrigger(trigger) => write!(f, "create trigger {} on {}", trigger.name, trigger.table),
            Self::DropTrigger { trigger, table } => write!(f, "drop trigger {} on {table}", trigger.name),
            Self::CreateExtension(extension) => write!(f, "create extension {}", extension.name),
            Self::DropExtension(extension) => write!(f, "drop extension {}", extension.name),
            Self::CreateSequence(sequence) => write!(f, "create sequence {}", sequence.name),
            Self::DropSequence(sequence) => write!(f, "drop sequence {}", sequence.name),
            Self::RenameSequence { from, to } => write!(f, "rename sequence {from} to {to}"),
            Self::CreateSchema { name, .. } => write!(f, "create schema {name}"),
            Self::DropSchema(schema) => write!(f, "drop schema {}", schema.name),
            Self::RenameSchema { from, to } => write!(f, "rename schema {from} to {to}"),
            Self::Comment { on, .. } => write!(f, "comment on {on}"),
            Self::InsertRows(rows) => write!(f, "insert {} into {}", RowCount(rows.rows.len()), rows.table),
            Self::DeleteRows(rows) => write!(f, "delete {} from {}", RowCount(rows.rows.len()), rows.table),
            Self::Execute(_) => f.write_str("execute SQL"),
            Self::Data { description, .. } => f.write_str(description),
        }
    }
}

/// A number of rows, in words.
struct RowCount(usize);

impl fmt::Display for RowCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 1 { f.write_str("1 row") } else { write!(f, "{} rows", self.0) }
    }
}

impl fmt::Display for AlterTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.changes.as_slice() {
            [change] => write!(f, "{change} {} {}", change.preposition(), self.table),
            changes => {
                let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
                write!(f, "alter table {}: {}", self.table, changes.join(", "))
            }
        }
    }
}

impl TableChange {
    fn preposition(&self) -> &'static str {
        match self {
            Self::AddColumn(_) | Self::AddConstraint(_) => "to",
            Self::DropColumn(_) | Self::DropConstraint(_) => "from",
            _ => "of",
        }
    }
}

impl fmt::Display for TableChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddColumn(column) => write!(f, "add column {}", column.name),
            Self::DropColumn(column) => write!(f, "drop column {}", column.name),
            Self::AlterColumn { column, .. } => write!(f, "alter column {column}"),
            Self::RenameColumn { from, to } => write!(f, "rename column {from} to {to}"),
            Self::AddConstraint(constraint) => match constraint.name() {
                Some(name) => write!(f, "add constraint {name}"),
                None => write!(f, "add {}", constraint.kind()),
            },
            Self::DropConstraint(constraint) => write!(f, "drop constraint {}", constraint.name),
            Self::RenameConstraint { from, to } => write!(f, "rename constraint {from} to {to}"),
            Self::ValidateConstraint(name) => write!(f, "validate constraint {name}"),
        }
    }
}

impl Constraint {
    /// What kind it is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PrimaryKey(_) => "primary key",
            Self::Unique(_) => "unique constraint",
            Self::Check(_) => "check",
            Self::ForeignKey(_) => "foreign key",
            Self::Exclude(_) => "exclusion constraint",
        }
    }
}

impl fmt::Display for CommentTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "table {name}"),
            Self::Column(table, column) => write!(f, "column {table}.{column}"),
            Self::View(name) => write!(f, "view {name}"),
            Self::MaterializedView(name) => write!(f, "materialized view {name}"),
            Self::Index(name) => write!(f, "index {name}"),
            Self::Constraint(table, name) => write!(f, "constraint {name} of {table}"),
            Self::Type(name) => write!(f, "type {name}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
            Self::Schema(name) => write!(f, "schema {name}"),
            Self::Extension(name) => write!(f, "extension {name}"),
            Self::Function(name, arguments) => write!(f, "function {name}({arguments})"),
            Self::Trigger(table, name) => write!(f, "trigger {name} of {table}"),
        }
    }
}

impl From<Constraint> for Dropped<Constraint> {
    fn from(constraint: Constraint) -> Self {
        // Without a name of its own it has the default one, which takes the table to know.
        Self::defined(constraint.name().unwrap_or_default().to_owned(), constraint)
    }
}

macro_rules! dropped {
    ($($type:ident),*) => {$(
        impl From<super::$type> for Dropped<Constraint> {
            fn from(constraint: super::$type) -> Self {
                Constraint::from(constraint).into()
            }
        }
    )*};
}
dropped!(PrimaryKey, Unique, Check, ForeignKey, Exclude);

impl Dropped<Constraint> {
    /// The name that it has in a table.
    #[must_use]
    pub fn name_in(&self, table: &str) -> String {
        match &self.definition {
            Some(definition) if self.name.name.is_empty() => definition.name_in(table),
            _ => self.name.name.clone(),
        }
    }
}

impl From<Column> for TableChange {
    fn from(column: Column) -> Self {
        Self::AddColumn(Box::new(column))
    }
}
