//! The operations as methods: each makes an [`Operation`] of its arguments and does it.

use super::Context;
use crate::connection::MigrationConnection;
use crate::error::Result;
use crate::operation::{
    AlterTable, Column, ColumnChange, ColumnDefault, Comment, CommentTarget, Constraint, Dropped, EnumType,
    EnumValue, Extension, Function, Index, Name, Operation, ReindexTarget, ReplaceEnum, Rows, Sequence,
    Table, TableChange, TableChanges, Trigger, View, alter,
};

/// # Tables
impl<C: MigrationConnection> Context<'_, C> {
    /// Creates a table with its constraints, indexes and comments.
    ///
    /// ```ignore
    /// cx.create_table(
    ///     table("memories")
    ///         .column(column("id", BigInt).identity().primary_key())
    ///         .column(column("user_id", BigInt).not_null().references("users", "id").on_delete(Cascade))
    ///         .column(column("created_at", Timestamptz).not_null().default(now()))
    ///         .index("idx_memories_user_id", ["user_id"]),
    /// )?;
    /// ```
    pub fn create_table(&mut self, table: Table) -> Result<()> {
        self.perform(Operation::CreateTable(Box::new(table)))
    }

    /// Drops a table: by its name, by its definition (so that it can be reverted), or
    /// [`if_exists`](crate::operation::if_exists).
    pub fn drop_table(&mut self, table: impl Into<Dropped<Table>>) -> Result<()> {
        self.perform(Operation::DropTable(table.into()))
    }

    /// Renames a table; it stays in its schema.
    ///
    /// Its constraints, indexes and sequences keep their names. A new table under the old name has to have others:
    /// `.constraint(primary_key(["id"]).named("notes_pkey1"))`.
    pub fn rename_table(&mut self, from: impl Into<Name>, to: impl Into<String>) -> Result<()> {
        self.perform(Operation::RenameTable { from: from.into(), to: to.into() })
    }

    /// Makes several changes to a table together: one statement on PostgreSQL, one rebuild on SQLite.
    ///
    /// ```ignore
    /// cx.alter_table("users", |users| {
    ///     users
    ///         .add_column(column("email_verified", Boolean).not_null().default(false))
    ///         .alter_column("age", alter().type_(BigInt).was(column("age", Integer)))
    ///         .drop_constraint("users_age_check");
    /// })?;
    /// ```
    pub fn alter_table(
        &mut self,
        table: impl Into<Name>,
        changes: impl FnOnce(&mut TableChanges),
    ) -> Result<()> {
        let mut collected = TableChanges::default();
        changes(&mut collected);
        self.perform(Operation::AlterTable(AlterTable { table: table.into(), changes: collected.changes }))
    }

    /// Comments a table (kept by PostgreSQL and MySQL).
    pub fn comment_on_table(&mut self, table: impl Into<Name>, comment: impl Into<Comment>) -> Result<()> {
        self.comment_on(CommentTarget::Table(table.into()), comment)
    }

    fn change(&mut self, table: impl Into<Name>, change: TableChange) -> Result<()> {
        self.perform(Operation::alter(table, change))
    }
}

/// # Columns
impl<C: MigrationConnection> Context<'_, C> {
    /// Adds a column.
    ///
    /// ```ignore
    /// cx.add_column("users", column("email_verified", Boolean).not_null().default(false))?;
    /// ```
    pub fn add_column(&mut self, table: impl Into<Name>, column: Column) -> Result<()> {
        self.change(table, TableChange::AddColumn(Box::new(column)))
    }

    /// Drops a column: by its name, by its definition (so that it can be reverted), or
    /// [`if_exists`](crate::operation::if_exists).
    pub fn drop_column(&mut self, table: impl Into<Name>, column: impl Into<Dropped<Column>>) -> Result<()> {
        self.change(table, TableChange::DropColumn(column.into()))
    }

    /// Changes a column: `cx.alter_column("users", "age", alter().type_(BigInt).not_null())`.
    pub fn alter_column(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<String>,
        change: ColumnChange,
    ) -> Result<()> {
        self.change(table, TableChange::AlterColumn { column: column.into(), change: Box::new(change) })
    }

    /// Renames a column.
    pub fn rename_column(
        &mut self,
        table: impl Into<Name>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Result<()> {
        self.change(table, TableChange::RenameColumn { from: from.into(), to: to.into() })
    }

    /// Refuses NULL in a column from now on; rows that have it are an error.
    pub fn set_not_null(&mut self, table: impl Into<Name>, column: impl Into<String>) -> Result<()> {
        self.alter_column(table, column, alter().not_null())
    }

    /// Allows NULL in a column from now on.
    pub fn drop_not_null(&mut self, table: impl Into<Name>, column: impl Into<String>) -> Result<()> {
        self.alter_column(table, column, alter().nullable())
    }

    /// Gives a column a default for rows to come.
    pub fn set_default(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<String>,
        default: impl Into<ColumnDefault>,
    ) -> Result<()> {
        self.alter_column(table, column, alter().default(default))
    }

    /// Takes a column's default away.
    pub fn drop_default(&mut self, table: impl Into<Name>, column: impl Into<String>) -> Result<()> {
        self.alter_column(table, column, alter().drop_default())
    }

    /// Comments a column (kept by PostgreSQL and MySQL).
    pub fn comment_on_column(
        &mut self,
        table: impl Into<Name>,
        column: impl Into<String>,
        comment: impl Into<Comment>,
    ) -> Result<()> {
        self.comment_on(CommentTarget::Column(table.into(), column.into()), comment)
    }
}

/// # Constraints
impl<C: MigrationConnection> Context<'_, C> {
    /// Adds a constraint: `unique([…])`, `check("…")`, `foreign_key(…)`, `primary_key([…])`, `exclude(…)`.
    pub fn add_constraint(
        &mut self,
        table: impl Into<Name>,
        constraint: impl Into<Constraint>,
    ) -> Result<()> {
        self.change(table, TableChange::AddConstraint(Box::new(constraint.into())))
    }

    /// Drops a constraint: by its name, by its definition (so that it can be reverted), or
    /// [`if_exists`](crate::operation::if_exists).
    pub fn drop_constraint(
        &mut self,
        constraint: impl Into<Dropped<Constraint>>,
        table: impl Into<Name>,
    ) -> Result<()> {
        self.change(table, TableChange::DropConstraint(constraint.into()))
    }

    /// Renames a constraint.
    pub fn rename_constraint(
        &mut self,
        table: impl Into<Name>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Result<()> {
        self.change(table, TableChange::RenameConstraint { from: from.into(), to: to.into() })
    }

    /// Looks at the rows that were there before a `NOT VALID` constraint, while others go on writing
    /// (PostgreSQL). On the other servers, where every constraint holds at once, it does nothing.
    pub fn validate_constraint(
        &mut self,
        table: impl Into<Name>,
        constraint: impl Into<String>,
    ) -> Result<()> {
        self.change(table, TableChange::ValidateConstraint(constraint.into()))
    }
}

/// # Indexes
impl<C: MigrationConnection> Context<'_, C> {
    /// Creates an index.
    ///
    /// ```ignore
    /// cx.create_index(index("idx_users_email").on("users", [key_expression("lower(email)")]).unique())?;
    /// ```
    pub fn create_index(&mut self, index: Index) -> Result<()> {
        self.perform(Operation::CreateIndex(Box::new(index)))
    }

    /// Drops an index: by its name, by its definition (so that it can be reverted),
    /// [`if_exists`](crate::operation::if_exists) or [`concurrently`](crate::operation::concurrently).
    ///
    /// The index is in its table's schema.
    pub fn drop_index(&mut self, index: impl Into<Dropped<Index>>, table: impl Into<Name>) -> Result<()> {
        self.perform(Operation::DropIndex { index: index.into(), table: table.into() })
    }

    /// Renames an index.
    pub fn rename_index(
        &mut self,
        table: impl Into<Name>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Result<()> {
        self.perform(Operation::RenameIndex { table: table.into(), from: from.into(), to: to.into() })
    }

    /// Builds indexes anew (PostgreSQL, SQLite).
    pub fn reindex(&mut self, target: ReindexTarget) -> Result<()> {
        self.perform(Operation::Reindex { target, concurrently: false })
    }

    /// Builds indexes anew while their table stays writable (PostgreSQL, not in a transaction).
    pub fn reindex_concurrently(&mut self, target: ReindexTarget) -> Result<()> {
        self.perform(Operation::Reindex { target, concurrently: true })
    }
}

/// # Enum types
impl<C: MigrationConnection> Context<'_, C> {
    /// Creates an enum type (PostgreSQL). Nothing on SQLite and MySQL, where the values stand with each column.
    pub fn create_enum(&mut self, enum_type: impl Into<EnumType>) -> Result<()> {
        self.perform(Operation::CreateEnum(enum_type.into()))
    }

    /// Drops an enum type (PostgreSQL). Nothing on SQLite and MySQL.
    pub fn drop_enum(&mut self, enum_type: impl Into<Dropped<EnumType>>) -> Result<()> {
        self.perform(Operation::DropEnum(enum_type.into()))
    }

    /// Renames an enum type (PostgreSQL). Nothing on SQLite and MySQL.
    pub fn rename_enum(&mut self, from: impl Into<Name>, to: impl Into<String>) -> Result<()> {
        self.perform(Operation::RenameEnum { from: from.into(), to: to.into() })
    }

    /// Adds a value to an enum type: `"fine"`, or `enum_value("fine").after("ok")` (PostgreSQL).
    ///
    /// The value cannot be used before the transaction has ended, and it cannot be taken back.
    pub fn add_enum_value(&mut self, enum_type: impl Into<Name>, value: impl Into<EnumValue>) -> Result<()> {
        self.perform(Operation::AddEnumValue { name: enum_type.into(), value: value.into() })
    }

    /// Renames a value of an enum type; rows have the new one at once (PostgreSQL).
    pub fn rename_enum_value(
        &mut self,
        enum_type: impl Into<Name>,
        from: impl Into<String>,
        to: impl Into<String>,
    ) -> Result<()> {
        self.perform(Operation::RenameEnumValue { name: enum_type.into(), from: from.into(), to: to.into() })
    }

    /// Gives an enum type other values, on every server.
    pub fn replace_enum(&mut self, replace: ReplaceEnum) -> Result<()> {
        self.perform(Operation::ReplaceEnum(Box::new(replace)))
    }
}

/// # Views, functions, triggers
impl<C: MigrationConnection> Context<'_, C> {
    /// Creates a view, or replaces one.
    pub fn create_view(&mut self, view: View) -> Result<()> {
        self.perform(Operation::CreateView(Box::new(view)))
    }

    /// Drops a view.
    pub fn drop_view(&mut self, view: impl Into<Dropped<View>>) -> Result<()> {
        let view = view.into();
        let materialized = view.definition.as_ref().is_some_and(|view| view.materialized);
        self.perform(Operation::DropView { view, materialized })
    }

    /// Drops a materialised view (PostgreSQL).
    pub fn drop_materialized_view(&mut self, view: impl Into<Dropped<View>>) -> Result<()> {
        self.perform(Operation::DropView { view: view.into(), materialized: true })
    }

    /// Fills a materialised view anew (PostgreSQL).
    pub fn refresh_materialized_view(&mut self, view: impl Into<Name>) -> Result<()> {
        self.perform(Operation::RefreshView { name: view.into(), concurrently: false })
    }

    /// Fills a materialised view anew while it stays readable; it needs a unique index for that (PostgreSQL).
    pub fn refresh_materialized_view_concurrently(&mut self, view: impl Into<Name>) -> Result<()> {
        self.perform(Operation::RefreshView { name: view.into(), concurrently: true })
    }

    /// Creates a function or a procedure, or replaces one (PostgreSQL).
    pub fn create_function(&mut self, function: Function) -> Result<()> {
        self.perform(Operation::CreateFunction(Box::new(function)))
    }

    /// Drops a function (PostgreSQL). One of several with its name is dropped by its definition.
    pub fn drop_function(&mut self, function: impl Into<Dropped<Function>>) -> Result<()> {
        let function = function.into();
        let procedure = function.definition.as_ref().is_some_and(|function| function.returns.is_none());
        self.perform(Operation::DropFunction { function, procedure })
    }

    /// Drops a procedure (PostgreSQL).
    pub fn drop_procedure(&mut self, procedure: impl Into<Dropped<Function>>) -> Result<()> {
        self.perform(Operation::DropFunction { function: procedure.into(), procedure: true })
    }

    /// Creates a trigger, or replaces one.
    pub fn create_trigger(&mut self, trigger: Trigger) -> Result<()> {
        self.perform(Operation::CreateTrigger(Box::new(trigger)))
    }

    /// Drops a trigger.
    pub fn drop_trigger(
        &mut self,
        trigger: impl Into<Dropped<Trigger>>,
        table: impl Into<Name>,
    ) -> Result<()> {
        self.perform(Operation::DropTrigger { trigger: trigger.into(), table: table.into() })
    }
}

/// # Schemas, extensions, sequences, comments
impl<C: MigrationConnection> Context<'_, C> {
    /// Creates a schema (PostgreSQL; a database on MySQL).
    pub fn create_schema(&mut self, name: impl Into<String>) -> Result<()> {
        self.perform(Operation::CreateSchema { name: name.into(), if_not_exists: false })
    }

    /// Creates a schema if there is none of this name.
    pub fn create_schema_if_not_exists(&mut self, name: impl Into<String>) -> Result<()> {
        self.perform(Operation::CreateSchema { name: name.into(), if_not_exists: true })
    }

    /// Drops a schema.
    pub fn drop_schema(&mut self, schema: impl Into<Dropped<()>>) -> Result<()> {
        self.perform(Operation::DropSchema(schema.into()))
    }

    /// Renames a schema (PostgreSQL).
    pub fn rename_schema(&mut self, from: impl Into<String>, to: impl Into<String>) -> Result<()> {
        self.perform(Operation::RenameSchema { from: from.into(), to: to.into() })
    }

    /// Creates an extension (PostgreSQL): `"pg_trgm"`, or `extension("pg_trgm").if_not_exists()`.
    pub fn create_extension(&mut self, extension: impl Into<Extension>) -> Result<()> {
        self.perform(Operation::CreateExtension(extension.into()))
    }

    /// Drops an extension (PostgreSQL).
    pub fn drop_extension(&mut self, extension: impl Into<Dropped<Extension>>) -> Result<()> {
        self.perform(Operation::DropExtension(extension.into()))
    }

    /// Creates a sequence (PostgreSQL, MariaDB).
    pub fn create_sequence(&mut self, sequence: Sequence) -> Result<()> {
        self.perform(Operation::CreateSequence(sequence))
    }

    /// Drops a sequence.
    pub fn drop_sequence(&mut self, sequence: impl Into<Dropped<Sequence>>) -> Result<()> {
        self.perform(Operation::DropSequence(sequence.into()))
    }

    /// Renames a sequence (PostgreSQL).
    pub fn rename_sequence(&mut self, from: impl Into<Name>, to: impl Into<String>) -> Result<()> {
        self.perform(Operation::RenameSequence { from: from.into(), to: to.into() })
    }

    /// Comments anything that PostgreSQL keeps comments of; on MySQL tables and columns, on SQLite nothing.
    pub fn comment_on(&mut self, target: CommentTarget, comment: impl Into<Comment>) -> Result<()> {
        self.perform(Operation::Comment { on: target, comment: comment.into() })
    }
}

/// # Rows
impl<C: MigrationConnection> Context<'_, C> {
    /// Inserts rows that are part of the schema: roles, states, settings.
    ///
    /// ```ignore
    /// cx.bulk_insert(rows("roles", ["slug", "name"]).row(("admin", "Administrator")).key(["slug"]))?;
    /// ```
    ///
    /// They stand in the statement as literals, so a plan and a script show them.
    pub fn bulk_insert(&mut self, rows: Rows) -> Result<()> {
        self.perform(Operation::InsertRows(rows))
    }
}
