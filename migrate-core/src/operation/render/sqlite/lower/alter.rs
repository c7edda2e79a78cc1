//! Changes of a table as edits of its text.

use super::mention::index_mentions;
use super::{Fault, QUOTE, Step, constraint, definition, enums, main_only};
use crate::connection::Dialect;
use crate::operation::naming::ConstraintNames;
use crate::operation::render::contradiction;
use crate::operation::render::sqlite::column::{
    Setting, default_value, definition as column_definition, enum_type, type_collation,
};
use crate::operation::render::sqlite::constraint::definition as constraint_definition;
use crate::operation::render::sqlite::enclosed;
use crate::operation::render::sqlite::types::declared;
use crate::operation::{Column, ColumnChange, ColumnType, Constraint, Dropped, Name, TableChange};
use crate::sqlite::{ConstraintRef, CreateTable, Edit, SchemaSnapshot, same};

/// The changes up to the first that follows the renaming of a column, and the others.
pub(super) fn split_after_renames(changes: &[TableChange]) -> (&[TableChange], &[TableChange]) {
    let renames = |change: &TableChange| matches!(change, TableChange::RenameColumn { .. });
    let follows = changes.windows(2).position(|pair| renames(&pair[0]) && !renames(&pair[1]));
    changes.split_at(follows.map_or(changes.len(), |before| before + 1))
}

/// The steps of changes to a table; none when they come to nothing.
pub(super) fn alter_table(
    table: &Name,
    changes: &[TableChange],
    names: &mut ConstraintNames<'_>,
    schema: &SchemaSnapshot,
) -> Result<Vec<Step>, Fault> {
    main_only(table)?;
    QUOTE.name(&table.name)?;
    let mut lowering = Lowering {
        table,
        now: definition(schema, table),
        indexes: schema
            .parts("index", &table.name)
            .filter_map(|index| Some((index.name.as_str(), index.sql.as_deref()?)))
            .collect(),
        names,
        statements: Vec::new(),
        edits: Vec::new(),
    };
    for change in changes {
        lowering.change(change)?;
    }
    let Lowering { statements, edits, .. } = lowering;
    let mut steps: Vec<_> = statements.into_iter().map(Step::Statement).collect();
    if !edits.is_empty() {
        steps.push(Step::Edit { table: table.name.clone(), edits });
    }
    Ok(steps)
}

struct Lowering<'a, 'n> {
    table: &'a Name,
    /// The table with the changes so far; none when there is no table to be seen.
    now: Option<CreateTable>,
    /// The names and texts of its indexes.
    indexes: Vec<(&'a str, &'a str)>,
    names: &'a mut ConstraintNames<'n>,
    /// What comes before the edits.
    statements: Vec<String>,
    edits: Vec<Edit>,
}

impl Lowering<'_, '_> {
    fn change(&mut self, change: &TableChange) -> Result<(), Fault> {
        match change {
            TableChange::AddColumn(column) => self.add_column(column)?,
            TableChange::DropColumn(column) => self.drop_column(column)?,
            TableChange::AlterColumn { column, change } => self.alter_column(column, change)?,
            TableChange::RenameColumn { from, to } => {
                QUOTE.name(to)?;
                self.push(Edit::RenameColumn { column: from.clone(), to: to.clone() });
            }
            TableChange::AddConstraint(constraint) => self.add_constraint(constraint)?,
            TableChange::DropConstraint(constraint) => self.drop_constraint(constraint)?,
            TableChange::RenameConstraint { from, to } => {
                QUOTE.name(to)?;
                self.push(Edit::RenameConstraint { name: from.clone(), to: to.clone() });
            }
            // Every constraint holds at once.
            TableChange::ValidateConstraint(_) => {}
        }
        Ok(())
    }

    fn push(&mut self, edit: Edit) {
        // One that does not fit is the error of whoever makes the changes.
        if let Some(Ok(next)) = self.now.as_ref().map(|now| now.edited(&edit)) {
            self.now = Some(next);
        }
        self.edits.push(edit);
    }

    fn extend(&mut self, edits: impl IntoIterator<Item = Edit>) {
        edits.into_iter().for_each(|edit| self.push(edit));
    }

    /// Whether there is such a column; unknown when there is no table to be seen.
    fn has_column(&self, column: &str) -> Option<bool> {
        Some(self.now.as_ref()?.column(column).is_some())
    }

    fn is_strict(&self) -> bool {
        self.now.as_ref().is_some_and(|now| now.options().strict)
    }

    fn add_column(&mut self, column: &Column) -> Result<(), Fault> {
        let key = if column.primary_key { Some(self.names.column(&column.name, "pkey")) } else { None };
        let setting =
            Setting { table: self.table, strict: self.is_strict(), in_key: column.primary_key, key };
        let definition = column_definition(column, &setting, self.names)?;
        if !(column.if_not_exists && self.has_column(&column.name) == Some(true)) {
            self.push(Edit::AddColumn { definition });
        }
        Ok(())
    }

    /// Drops a column with what PostgreSQL drops together with it: indexes and constraints that are about it.
    fn drop_column(&mut self, dropped: &Dropped<Column>) -> Result<(), Fault> {
        refuse_cascade(dropped)?;
        let column = &dropped.name.name;
        QUOTE.name(column)?;
        if dropped.if_exists && self.has_column(column) == Some(false) {
            return Ok(());
        }
        let (gone, stay): (Vec<_>, Vec<_>) =
            self.indexes.iter().copied().partition(|(_, sql)| index_mentions(sql, column));
        self.indexes = stay;
        for (index, _) in gone {
            self.statements.push(format!("DROP INDEX main.{}", QUOTE.name(index)?));
        }
        let constraints =
            self.now.as_ref().map(|now| constraint::dropped_with(now, column)).unwrap_or_default();
        self.extend(constraints.into_iter().map(Edit::DropConstraint));
        self.push(Edit::DropColumn { column: column.clone() });
        Ok(())
    }

    fn alter_column(&mut self, column: &str, change: &ColumnChange) -> Result<(), Fault> {
        contradiction::of_change(change)?;
        QUOTE.name(column)?;
        if change.identity.is_some() {
            return Err(Fault::Unsupported("a column is numbered from its creation on or never"));
        }
        let own = || column.to_owned();
        if let Some(type_) = &change.type_ {
            self.retype(column, type_, change)?;
        }
        match change.nullable {
            Some(true) => self.push(Edit::DropNotNull { column: own() }),
            Some(false) => self.push(Edit::SetNotNull { column: own() }),
            None => {}
        }
        match &change.default {
            Some(Some(default)) => {
                let value = default_value(default, &self.type_for_default(column, change))?;
                self.push(Edit::SetDefault { column: own(), value });
            }
            Some(None) => self.push(Edit::DropDefault { column: own() }),
            None => {}
        }
        if let Some(collation) = &change.collation {
            QUOTE.name(collation)?;
            self.push(Edit::SetCollation { column: own(), collation: collation.clone() });
        }
        Ok(())
    }

    fn retype(&mut self, column: &str, type_: &ColumnType, change: &ColumnChange) -> Result<(), Fault> {
        let declared = declared(type_, self.is_strict())?;
        // A row id is INTEGER and nothing else, and that has room for every other kind of whole number.
        if !(self.is_row_id(column) && is_integer(type_)) {
            self.push(Edit::SetType { column: column.to_owned(), declared });
        }
        let were = change.was.as_deref().and_then(|was| enum_type(&was.type_));
        if let Some(values) = enum_type(type_) {
            contradiction::of_enum(values)?;
            let were = were.map(|were| were.values.as_slice());
            let edits = enums::set_values(self.now.as_ref(), self.table, column, &values.values, were)?;
            self.extend(edits);
        } else if were.is_some() {
            // Without a word about what it was, a list of values may be anything, and stays.
            let list = self.now.as_ref().and_then(|now| enums::drop_values(now, column));
            self.extend(list);
        }
        let was_collation = change.was.as_deref().and_then(|was| type_collation(&was.type_));
        match (type_collation(type_), was_collation) {
            (Some(collation), _) => {
                let collation = collation.to_owned();
                self.push(Edit::SetCollation { column: column.to_owned(), collation });
            }
            (None, Some(_)) => self.push(Edit::DropCollation { column: column.to_owned() }),
            (None, None) => {}
        }
        if let Some(using) = &change.using {
            self.push(Edit::Fill { column: column.to_owned(), expression: enclosed(using)? });
        }
        Ok(())
    }

    fn is_row_id(&self, column: &str) -> bool {
        let alias = self.now.as_ref().and_then(CreateTable::rowid_alias);
        alias.is_some_and(|alias| same(&alias.name.value, column))
    }

    /// The type that says what the time is written like.
    fn type_for_default(&self, column: &str, change: &ColumnChange) -> ColumnType {
        let said = change.type_.clone().or_else(|| change.was.as_ref().map(|was| was.type_.clone()));
        said.unwrap_or_else(|| {
            let declared = self.now.as_ref().and_then(|now| {
                let span = now.column(column)?.type_.clone()?;
                Some(now.slice(&span).to_ascii_uppercase())
            });
            match declared.as_deref() {
                Some("DATE") => ColumnType::Date,
                Some("TIME") => ColumnType::Time,
                _ => ColumnType::Timestamp,
            }
        })
    }

    fn add_constraint(&mut self, constraint: &Constraint) -> Result<(), Fault> {
        let name = self.names.constraint(constraint);
        let definition = constraint_definition(constraint, &name, self.table)?;
        if let Constraint::PrimaryKey(key) = constraint {
            self.extend(key.columns.iter().map(|column| Edit::SetNotNull { column: column.clone() }));
        }
        self.push(Edit::AddConstraint { definition });
        Ok(())
    }

    fn drop_constraint(&mut self, dropped: &Dropped<Constraint>) -> Result<(), Fault> {
        refuse_cascade(dropped)?;
        let name = dropped.name_in(&self.table.name);
        let found = self.now.as_ref().and_then(|now| constraint::named(now, &self.table.name, &name));
        let is_gone = self.now.is_some() && found.is_none();
        if !(dropped.if_exists && is_gone) {
            self.push(Edit::DropConstraint(found.unwrap_or(ConstraintRef::Named(name))));
        }
        Ok(())
    }
}

fn refuse_cascade<D>(dropped: &Dropped<D>) -> Result<(), Fault> {
    if dropped.cascade {
        return Err(Fault::Unsupported("it drops nothing but the object itself"));
    }
    Ok(())
}

fn is_integer(type_: &ColumnType) -> bool {
    use ColumnType::{BigInt, Integer, SmallInt};
    matches!(type_.on_dialect(Dialect::Sqlite), SmallInt | Integer | BigInt)
}
