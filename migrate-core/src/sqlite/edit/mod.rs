//! Changes of a `CREATE TABLE`'s text.

mod column;
mod constraint;
mod error;
mod item;
mod splice;
#[cfg(test)]
mod tests;

pub use self::error::EditError;
use super::create_table::{CreateTable, parse_column, parse_table_constraint};

/// One change of a table.
///
/// Texts are SQL, names are names: a name needs no quotes and none may be on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edit {
    /// Adds a column behind the others.
    AddColumn {
        /// Its definition, such as `"age" INTEGER NOT NULL DEFAULT 0`.
        definition: String,
    },
    /// Removes a column with the constraints in its definition.
    ///
    /// An error when another part of the table or an index still mentions it.
    DropColumn {
        /// The column.
        column: String,
    },
    /// Renames a column, by SQLite's own `ALTER TABLE`, which follows it through indexes, triggers and views.
    RenameColumn {
        /// The column.
        column: String,
        /// Its new name.
        to: String,
    },
    /// Declares another type.
    SetType {
        /// The column.
        column: String,
        /// The type's text; empty for none.
        declared: String,
    },
    /// Says what the copy writes into a column in place of its old value, or at all for a new one.
    Fill {
        /// The column.
        column: String,
        /// An expression over the old table's columns, such as `CAST(age AS INTEGER)`.
        expression: String,
    },
    /// Refuses NULL.
    SetNotNull {
        /// The column.
        column: String,
    },
    /// Takes NULL.
    DropNotNull {
        /// The column.
        column: String,
    },
    /// Sets the default, in place of another one if there is one.
    SetDefault {
        /// The column.
        column: String,
        /// The expression.
        value: String,
    },
    /// Removes the default.
    DropDefault {
        /// The column.
        column: String,
    },
    /// Sets the collation, in place of another one if there is one.
    SetCollation {
        /// The column.
        column: String,
        /// The collation's name.
        collation: String,
    },
    /// Removes the collation.
    DropCollation {
        /// The column.
        column: String,
    },
    /// Makes the column a computed one, or changes how it is computed.
    SetGenerated {
        /// The column.
        column: String,
        /// The expression.
        expression: String,
        /// Whether the value is stored in the row.
        stored: bool,
    },
    /// Makes a computed column an ordinary one that keeps the values.
    DropGenerated {
        /// The column.
        column: String,
    },
    /// Adds a constraint behind the columns.
    AddConstraint {
        /// Its text, such as `CONSTRAINT "positive" CHECK ("age" > 0)`.
        definition: String,
    },
    /// Removes a constraint, of a column or of the table.
    DropConstraint(ConstraintRef),
    /// Renames a constraint.
    RenameConstraint {
        /// Its name.
        name: String,
        /// Its new name.
        to: String,
    },
    /// Sets the `CHECK` of this name in a column's definition, in place of another one if there is one.
    SetColumnCheck {
        /// The column.
        column: String,
        /// The constraint's name.
        name: String,
        /// The expression.
        expression: String,
    },
    /// Removes the `CHECK` of this name from a column's definition.
    DropColumnCheck {
        /// The column.
        column: String,
        /// The constraint's name.
        name: String,
    },
}

/// Which constraint is meant.
///
/// By structure the constraints without a name are looked at first, and those with one when there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConstraintRef {
    /// The one of this name.
    Named(String),
    /// The primary key.
    PrimaryKey,
    /// The unique constraint on these columns, in this order.
    Unique(Vec<String>),
    /// The check of this expression; neither spelling nor the table's own name before a column counts.
    Check(String),
    /// The foreign key from these columns to this table.
    ForeignKey {
        /// The columns that refer.
        columns: Vec<String>,
        /// The table they refer to.
        table: String,
    },
}

impl Edit {
    /// The column that the change is about, when it is about one that is there already.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::DropColumn { column }
            | Self::RenameColumn { column, .. }
            | Self::SetType { column, .. }
            | Self::Fill { column, .. }
            | Self::SetNotNull { column }
            | Self::DropNotNull { column }
            | Self::SetDefault { column, .. }
            | Self::DropDefault { column }
            | Self::SetCollation { column, .. }
            | Self::DropCollation { column }
            | Self::SetGenerated { column, .. }
            | Self::DropGenerated { column }
            | Self::SetColumnCheck { column, .. }
            | Self::DropColumnCheck { column, .. } => Some(column),
            Self::AddColumn { .. }
            | Self::AddConstraint { .. }
            | Self::DropConstraint(_)
            | Self::RenameConstraint { .. } => None,
        }
    }
}

impl CreateTable {
    /// The table with one change made.
    ///
    /// What is there already (a column that is `NOT NULL` is to be so) changes nothing. [`Edit::RenameColumn`] is
    /// SQLite's own to do, and [`Edit::Fill`] says nothing of the definition: they change nothing either.
    ///
    /// # Errors
    ///
    /// When what is to be changed is not there, or a text of the change is not understood.
    pub fn edited(&self, edit: &Edit) -> Result<Self, EditError> {
        let text = match edit {
            Edit::AddColumn { definition } => self.with_column(definition)?,
            Edit::DropColumn { column } => self.without_column(column)?,
            Edit::SetType { column, declared } => self.with_type(column, declared)?,
            Edit::SetNotNull { column } => self.with_not_null(column)?,
            Edit::DropNotNull { column } => self.without_not_null(column)?,
            Edit::SetDefault { column, value } => self.with_default(column, value)?,
            Edit::DropDefault { column } => self.without_default(column)?,
            Edit::SetCollation { column, collation } => self.with_collation(column, collation)?,
            Edit::DropCollation { column } => self.without_collation(column)?,
            Edit::SetGenerated { column, expression, stored } => {
                self.with_generated(column, expression, *stored)?
            }
            Edit::DropGenerated { column } => self.without_generated(column)?,
            Edit::AddConstraint { definition } => self.with_constraint(definition)?,
            Edit::DropConstraint(which) => self.without_constraint(which)?,
            Edit::RenameConstraint { name, to } => self.with_constraint_renamed(name, to)?,
            Edit::SetColumnCheck { column, name, expression } => {
                self.with_column_check(column, name, expression)?
            }
            Edit::DropColumnCheck { column, name } => self.without_column_check(column, name)?,
            Edit::Fill { column, expression } => {
                self.find(column)?;
                column::as_expression(expression)?;
                self.text.clone()
            }
            Edit::RenameColumn { column, .. } => {
                self.find(column)?;
                self.text.clone()
            }
        };
        Self::parse(text).map_err(|source| EditError::Result { table: self.name.value.clone(), source })
    }

    /// The definition of a column, cleared of what stands around it.
    fn definition_of_column(definition: &str) -> Result<(&str, super::Column), EditError> {
        let column = parse_column(definition)
            .map_err(|source| EditError::Definition { text: definition.to_owned(), source })?;
        Ok((&definition[column.span.clone()], column))
    }

    fn definition_of_constraint(definition: &str) -> Result<(&str, super::TableConstraint), EditError> {
        let constraint = parse_table_constraint(definition)
            .map_err(|source| EditError::Definition { text: definition.to_owned(), source })?;
        Ok((&definition[constraint.span.clone()], constraint))
    }
}
