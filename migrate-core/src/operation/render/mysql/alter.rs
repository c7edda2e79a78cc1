//! Changes of a table, as many as go together in one `ALTER TABLE`.

use std::collections::BTreeSet;

use super::super::contradiction;
use super::{Fault, QUOTE, column, constraint, no_cascade};
use crate::operation::naming::{ConstraintNames, column_constraint_name};
use crate::operation::{AlterTable, Column, ColumnChange, Constraint, Dropped, TableChange};

/// The statements of changes to a table.
///
/// The server sees a table in one statement as it was before it, so what is about something that an earlier change
/// was about begins another one.
pub(super) fn alter_table(alter: &AlterTable) -> Result<Vec<String>, Fault> {
    let table = QUOTE.qualified(&alter.table)?;
    let mut names = ConstraintNames::of_changes(alter);
    let mut statements: Vec<Vec<String>> = Vec::new();
    let mut touched = BTreeSet::new();
    let mut ends = true;
    for change in &alter.changes {
        let clauses = clauses(change, &alter.table.name, &mut names)?;
        if clauses.is_empty() {
            continue;
        }
        let subjects = subjects(change, &alter.table.name);
        if ends || subjects.iter().any(|subject| touched.contains(subject)) {
            statements.push(Vec::new());
            touched.clear();
        }
        touched.extend(subjects);
        // Names in later changes are the new ones.
        ends = matches!(change, TableChange::RenameColumn { .. });
        if let Some(statement) = statements.last_mut() {
            statement.extend(clauses);
        }
    }
    let joined = statements.into_iter().map(|clauses| format!("ALTER TABLE {table} {}", clauses.join(", ")));
    Ok(joined.collect())
}

/// The columns and constraints that a change is about.
fn subjects(change: &TableChange, table: &str) -> Vec<String> {
    match change {
        TableChange::AddColumn(column) => vec![column.name.clone()],
        TableChange::DropColumn(dropped) => vec![dropped.name.name.clone()],
        TableChange::AlterColumn { column, .. } => vec![column.clone()],
        TableChange::RenameColumn { from, to } | TableChange::RenameConstraint { from, to } => {
            vec![from.clone(), to.clone()]
        }
        TableChange::AddConstraint(constraint) => vec![constraint.name_in(table)],
        TableChange::DropConstraint(dropped) => vec![dropped.name_in(table)],
        TableChange::ValidateConstraint(_) => Vec::new(),
    }
}

fn clauses(change: &TableChange, table: &str, names: &mut ConstraintNames<'_>) -> Result<Vec<String>, Fault> {
    match change {
        TableChange::AddColumn(column) => add_column(column, names),
        TableChange::DropColumn(dropped) => drop_column(dropped, table),
        TableChange::AlterColumn { column, change } => alter_column(column, change),
        TableChange::RenameColumn { from, to } => {
            Ok(vec![format!("RENAME COLUMN {} TO {}", QUOTE.name(from)?, QUOTE.name(to)?)])
        }
        TableChange::AddConstraint(added) => {
            let name = names.constraint(added);
            Ok(vec![format!("ADD {}", constraint::definition(added, &name)?)])
        }
        TableChange::DropConstraint(dropped) => Ok(vec![drop_constraint(dropped, table)?]),
        TableChange::RenameConstraint { .. } => Err(Fault::Unsupported("it renames no constraints")),
        // Every constraint holds at once.
        TableChange::ValidateConstraint(_) => Ok(Vec::new()),
    }
}

fn add_column(added: &Column, names: &mut ConstraintNames<'_>) -> Result<Vec<String>, Fault> {
    if added.if_not_exists {
        return Err(Fault::Unsupported("MySQL has no IF NOT EXISTS for a column"));
    }
    let mut clauses = vec![format!("ADD COLUMN {}", column::definition(added, added.primary_key)?)];
    if added.primary_key {
        clauses.push(format!("ADD PRIMARY KEY {}", QUOTE.list(&[&added.name])?));
    }
    for (name, own) in constraint::of_column(added, names) {
        clauses.push(format!("ADD {}", constraint::definition(&own, &name)?));
    }
    Ok(clauses)
}

/// What a column's definition says of its foreign key and checks goes first, for the server keeps a column that
/// has them.
fn drop_column(dropped: &Dropped<Column>, table: &str) -> Result<Vec<String>, Fault> {
    no_cascade(dropped)?;
    if dropped.if_exists {
        return Err(Fault::Unsupported("MySQL has no IF EXISTS for a column"));
    }
    let mut clauses = Vec::new();
    if let Some(definition) = dropped.definition.as_deref() {
        let added = AlterTable { table: table.into(), changes: Vec::new() };
        for (name, own) in constraint::of_column(definition, &mut ConstraintNames::of_changes(&added)) {
            if !matches!(own, Constraint::Unique(_)) {
                clauses.push(drop_kind(Some(&own), &name)?);
            }
        }
    }
    clauses.push(format!("DROP COLUMN {}", QUOTE.name(&dropped.name.name)?));
    Ok(clauses)
}

fn drop_constraint(dropped: &Dropped<Constraint>, table: &str) -> Result<String, Fault> {
    no_cascade(dropped)?;
    if dropped.if_exists {
        return Err(Fault::Unsupported("MySQL has no IF EXISTS for a constraint"));
    }
    let name = dropped.name_in(table);
    // The server calls every primary key PRIMARY, whatever name it was given.
    if dropped.definition.is_none() && name == column_constraint_name(table, "", "pkey") {
        return Ok("DROP PRIMARY KEY".to_owned());
    }
    drop_kind(dropped.definition.as_deref(), &name)
}

/// A constraint of a known kind, or of any.
fn drop_kind(kind: Option<&Constraint>, name: &str) -> Result<String, Fault> {
    let words = match kind {
        Some(Constraint::PrimaryKey(_)) => return Ok("DROP PRIMARY KEY".to_owned()),
        Some(Constraint::ForeignKey(_)) => "DROP FOREIGN KEY",
        Some(Constraint::Unique(_)) => "DROP INDEX",
        Some(Constraint::Exclude(_)) => return Err(Fault::Unsupported("it has no exclusion constraints")),
        // `DROP CHECK` is MySQL's alone.
        Some(Constraint::Check(_)) | None => "DROP CONSTRAINT",
    };
    Ok(format!("{words} {}", QUOTE.name(name)?))
}

fn alter_column(name: &str, change: &ColumnChange) -> Result<Vec<String>, Fault> {
    contradiction::of_change(change)?;
    if change.using.is_some() {
        return Err(Fault::Unsupported("it converts the values of a column in its own way"));
    }
    let whole = change.type_.is_some()
        || change.nullable.is_some()
        || change.identity.is_some()
        || change.collation.is_some()
        || change.comment.is_some();
    if whole {
        let was = change.was.as_deref().ok_or(Fault::Unsupported(
            "MODIFY COLUMN takes the whole column there, and what it was is not said with `was`",
        ))?;
        // `was` may be written for the column's name at another time.
        let becomes = Column { name: name.to_owned(), ..change.applied_to(was) };
        return Ok(vec![format!("MODIFY COLUMN {}", column::definition(&becomes, becomes.primary_key)?)]);
    }
    let type_ = change.was.as_deref().map(|was| &was.type_);
    let clause = match &change.default {
        Some(Some(default)) => format!("SET DEFAULT {}", column::default_value(default, type_)?),
        // Without a default a column that takes NULL would have to be given a value.
        Some(None) if change.was.as_deref().is_some_and(|was| was.nullable) => "SET DEFAULT NULL".to_owned(),
        Some(None) => "DROP DEFAULT".to_owned(),
        None => return Ok(Vec::new()),
    };
    Ok(vec![format!("ALTER COLUMN {} {clause}", QUOTE.name(name)?)])
}
