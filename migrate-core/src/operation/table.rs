//! Tables, and changes to them.

use super::column::{Column, ColumnChange};
use super::constraint::{Constraint, owned, primary_key};
use super::index::Index;
use super::name::{Dropped, Name};

/// The definition of a table.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct Table {
    /// Its name.
    pub name: Name,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its constraints besides those that stand with a column.
    pub constraints: Vec<Constraint>,
    /// Indexes that are created with it.
    pub indexes: Vec<Index>,
    /// A comment (kept by PostgreSQL and MySQL).
    pub comment: Option<String>,
    /// Whether it is no error if there is one of this name.
    pub if_not_exists: bool,
    /// What single servers have on top.
    pub options: TableOptions,
}

/// What single servers have on top of a table's columns and constraints; others ignore it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TableOptions {
    /// PostgreSQL: not written to the log, so fast, and empty after a crash.
    pub unlogged: bool,
    /// PostgreSQL: `RANGE (created_at)` and the like.
    pub partition_by: Option<String>,
    /// PostgreSQL: storage parameters, `fillfactor` and the like.
    pub storage: Vec<(String, String)>,
    /// PostgreSQL: the tablespace.
    pub tablespace: Option<String>,
    /// SQLite: types are enforced.
    pub strict: bool,
    /// SQLite: rows are stored in the primary key's own tree.
    pub without_rowid: bool,
    /// MySQL: options after the parenthesis, `ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`.
    pub mysql: Option<String>,
}

/// A table: `table("users").column(column("id", BigInt).identity().primary_key())`.
pub fn table(name: impl Into<Name>) -> Table {
    Table {
        name: name.into(),
        columns: Vec::new(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        comment: None,
        if_not_exists: false,
        options: TableOptions::default(),
    }
}

impl Table {
    /// Adds a column.
    pub fn column(mut self, column: Column) -> Self {
        self.columns.push(column);
        self
    }

    /// Adds columns.
    pub fn columns(mut self, columns: impl IntoIterator<Item = Column>) -> Self {
        self.columns.extend(columns);
        self
    }

    /// Adds a primary key of several columns.
    pub fn primary_key<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.constraint(primary_key(columns))
    }

    /// Adds a constraint: `unique([…])`, `check("…")`, `foreign_key(…)`, `exclude(…)`.
    pub fn constraint(mut self, constraint: impl Into<Constraint>) -> Self {
        self.constraints.push(constraint.into());
        self
    }

    /// Adds an index: `.index("idx_messages_sent_at", ["sent_at"])`.
    pub fn index<C: Into<String>>(
        self,
        name: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        let index = super::index::index(name).on(&self.name, owned(columns));
        self.with_index(index)
    }

    /// Adds an index with whatever it has: `.with_index(index("idx_notes_tags").keys(["tags"]).gin())`.
    ///
    /// Its table is this one.
    pub fn with_index(mut self, index: Index) -> Self {
        self.indexes.push(Index { table: self.name.clone(), ..index });
        self
    }

    /// Comments it.
    pub fn comment(self, comment: impl Into<String>) -> Self {
        Self { comment: Some(comment.into()), ..self }
    }

    /// Not an error if there is one of this name.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }

    /// PostgreSQL: not written to the log, so fast, and empty after a crash.
    pub fn unlogged(mut self) -> Self {
        self.options.unlogged = true;
        self
    }

    /// PostgreSQL: in partitions, `.partition_by("RANGE (created_at)")`.
    pub fn partition_by(mut self, sql: impl Into<String>) -> Self {
        self.options.partition_by = Some(sql.into());
        self
    }

    /// PostgreSQL: a storage parameter, `.storage("fillfactor", "70")`.
    pub fn storage(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.storage.push((name.into(), value.into()));
        self
    }

    /// PostgreSQL: the tablespace.
    pub fn tablespace(mut self, tablespace: impl Into<String>) -> Self {
        self.options.tablespace = Some(tablespace.into());
        self
    }

    /// SQLite: types are enforced.
    pub fn strict(mut self) -> Self {
        self.options.strict = true;
        self
    }

    /// SQLite: rows are stored in the primary key's own tree.
    pub fn without_rowid(mut self) -> Self {
        self.options.without_rowid = true;
        self
    }

    /// MySQL: options after the parenthesis, `ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`.
    pub fn mysql_options(mut self, sql: impl Into<String>) -> Self {
        self.options.mysql = Some(sql.into());
        self
    }
}

impl From<Table> for Dropped<Table> {
    fn from(table: Table) -> Self {
        Self::defined(table.name.clone(), table)
    }
}

impl From<Column> for Dropped<Column> {
    fn from(column: Column) -> Self {
        Self::defined(column.name.clone(), column)
    }
}

/// A change to a table.
///
/// Several of one [`AlterTable`] are made together where a server can: one statement on PostgreSQL and MySQL, one
/// rebuild on SQLite.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TableChange {
    /// Adds a column.
    AddColumn(Box<Column>),
    /// Drops a column.
    DropColumn(Dropped<Column>),
    /// Changes a column.
    AlterColumn {
        /// Its name.
        column: String,
        /// What changes.
        change: Box<ColumnChange>,
    },
    /// Renames a column.
    RenameColumn {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Adds a constraint.
    AddConstraint(Box<Constraint>),
    /// Drops a constraint.
    DropConstraint(Dropped<Constraint>),
    /// Renames a constraint.
    RenameConstraint {
        /// Its name.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Looks at the rows that were there before a `NOT VALID` constraint (PostgreSQL).
    ValidateConstraint(String),
}

/// Changes to one table.
#[derive(Debug, Clone, PartialEq)]
pub struct AlterTable {
    /// The table.
    pub table: Name,
    /// The changes, in order.
    pub changes: Vec<TableChange>,
}

/// Collects the changes of [`alter_table`](crate::Context::alter_table).
#[derive(Debug, Default)]
pub struct TableChanges {
    pub(crate) changes: Vec<TableChange>,
}

impl TableChanges {
    /// Adds a column.
    pub fn add_column(&mut self, column: Column) -> &mut Self {
        self.push(TableChange::AddColumn(Box::new(column)))
    }

    /// Drops a column.
    pub fn drop_column(&mut self, column: impl Into<Dropped<Column>>) -> &mut Self {
        self.push(TableChange::DropColumn(column.into()))
    }

    /// Changes a column.
    pub fn alter_column(&mut self, column: impl Into<String>, change: ColumnChange) -> &mut Self {
        self.push(TableChange::AlterColumn { column: column.into(), change: Box::new(change) })
    }

    /// Renames a column.
    pub fn rename_column(&mut self, from: impl Into<String>, to: impl Into<String>) -> &mut Self {
        self.push(TableChange::RenameColumn { from: from.into(), to: to.into() })
    }

    /// Adds a constraint.
    pub fn add_constraint(&mut self, constraint: impl Into<Constraint>) -> &mut Self {
        self.push(TableChange::AddConstraint(Box::new(constraint.into())))
    }

    /// Drops a constraint.
    pub fn drop_constraint(&mut self, constraint: impl Into<Dropped<Constraint>>) -> &mut Self {
        self.push(TableChange::DropConstraint(constraint.into()))
    }

    /// Renames a constraint.
    pub fn rename_constraint(&mut self, from: impl Into<String>, to: impl Into<String>) -> &mut Self {
        self.push(TableChange::RenameConstraint { from: from.into(), to: to.into() })
    }

    fn push(&mut self, change: TableChange) -> &mut Self {
        self.changes.push(change);
        self
    }
}
