//! Whether SQLite's own `ALTER TABLE` can do it.

use super::error::RebuildError;
use super::plan::{Change, Rebuild};
use super::schema::SchemaSnapshot;
use super::uses::user_of_column;
use crate::sqlite::create_table::{Column, ColumnRule, CreateTable, GeneratedKind, parse_column};
use crate::sqlite::name::{quote, same};
use crate::sqlite::token::{TokenKind, meaningful};
use crate::sqlite::{Edit, EditError};

/// Decides how a table is changed, and with which statements.
///
/// The changes are made in their order. All that needs a copy of the table shares one, and a copy takes with it
/// what SQLite's own `ALTER TABLE` could have done; only the renaming of a column is always SQLite's. The
/// statements of a [`Change::Rebuild`] belong into one transaction on a connection that does not enforce foreign
/// keys.
///
/// # Errors
///
/// When the table or a part of it is not there or is not understood, and when other changes follow the renaming
/// of a column, which need the schema as it is then: [`rebuild`](super::rebuild) reads it in between.
pub fn plan_rebuild(
    schema: &SchemaSnapshot,
    table: &str,
    edits: &[Edit],
) -> Result<Vec<Change>, RebuildError> {
    let (object, definition) = schema.table(table)?;
    let renames =
        edits.iter().position(|edit| matches!(edit, Edit::RenameColumn { .. })).unwrap_or(edits.len());
    let (edits, rest) = edits.split_at(renames);
    let (mut changes, after) = changes(schema, &object.name, &definition, edits)?;
    let mut names: Vec<_> = after.columns().iter().map(|column| column.name.value.as_str()).collect();
    let mut last_renamed = "";
    for edit in rest {
        let Edit::RenameColumn { column, to } = edit else {
            let (table, column) = (object.name.clone(), last_renamed.to_owned());
            return Err(RebuildError::AfterRename { table, column });
        };
        let Some(name) = names.iter_mut().find(|name| same(name, column)) else {
            let (table, column) = (object.name.clone(), column.clone());
            return Err(EditError::NoColumn { table, column }.into());
        };
        let (table, from) = (quote(&object.name), quote(name));
        let statement = format!("ALTER TABLE {table} RENAME COLUMN {from} TO {}", quote(to));
        changes.push(Change::Alter { statement });
        *name = to;
        last_renamed = column;
    }
    Ok(changes)
}

/// The changes of a table that rename no column.
fn changes(
    schema: &SchemaSnapshot,
    table: &str,
    before: &CreateTable,
    edits: &[Edit],
) -> Result<(Vec<Change>, CreateTable), RebuildError> {
    let mut now = before.clone();
    let mut statements = Vec::new();
    let mut because = None;
    for edit in edits {
        if because.is_none() {
            match own_statement(table, &now, edit) {
                Ok(statement) => statements.extend(statement.map(|statement| Change::Alter { statement })),
                Err(reason) => because = Some(reason),
            }
        }
        now = now.edited(edit)?;
    }
    for column in before.columns() {
        let name = &column.name.value;
        if now.column(name).is_some() {
            continue;
        }
        if let Some(user) = user_of_column(schema, &now, table, name) {
            let (table, column) = (table.to_owned(), name.clone());
            return Err(RebuildError::ColumnInUse { table, column, user });
        }
    }
    if let Some(because) = because {
        let rebuild = Rebuild::new(schema, table, before, now.clone(), edits, because)?;
        statements = vec![Change::Rebuild(Box::new(rebuild))];
    }
    Ok((statements, now))
}

/// The `ALTER TABLE` that makes a change, `None` when it changes nothing, or why there is no such statement.
fn own_statement(table: &str, now: &CreateTable, edit: &Edit) -> Result<Option<String>, String> {
    let cannot = |what: &str| Err(format!("SQLite's ALTER TABLE cannot {what}"));
    match edit {
        Edit::AddColumn { definition } => match parse_column(definition) {
            Ok(column) => {
                may_be_added(definition, &column)?;
                let definition = &definition[column.span];
                Ok(Some(format!("ALTER TABLE {} ADD COLUMN {definition}", quote(table))))
            }
            // What is wrong with it is told when the change is made.
            Err(_) => Ok(None),
        },
        Edit::DropColumn { column } => match now.column(column) {
            Some(found) => {
                may_be_dropped(found)?;
                Ok(Some(format!("ALTER TABLE {} DROP COLUMN {}", quote(table), quote(&found.name.value))))
            }
            None => Ok(None),
        },
        Edit::Fill { .. } => cannot("convert the values of a column"),
        _ if now.edited(edit).is_ok_and(|edited| edited == *now) => Ok(None),
        Edit::SetType { .. } => cannot("change the type of a column"),
        Edit::SetNotNull { .. } | Edit::DropNotNull { .. } => cannot("change whether a column takes NULL"),
        Edit::SetDefault { .. } | Edit::DropDefault { .. } => cannot("change the default of a column"),
        Edit::SetCollation { .. } | Edit::DropCollation { .. } => cannot("change the collation of a column"),
        Edit::SetGenerated { .. } | Edit::DropGenerated { .. } => cannot("change how a column is computed"),
        _ => cannot("change constraints"),
    }
}

/// Whether `ADD COLUMN` takes a definition on a table that has rows.
fn may_be_added(definition: &str, column: &Column) -> Result<(), String> {
    let cannot = |what: &str| Err(format!("SQLite's ADD COLUMN takes no {what}"));
    let rule =
        |is: &dyn Fn(&ColumnRule) -> bool| column.constraints.iter().any(|constraint| is(&constraint.rule));
    let default = column.constraints.iter().rev().find_map(|constraint| match &constraint.rule {
        ColumnRule::Default { value } => Some(&definition[value.clone()]),
        _ => None,
    });
    let has_value = default.is_some_and(|value| !value.eq_ignore_ascii_case("NULL"));
    if rule(&|rule| matches!(rule, ColumnRule::PrimaryKey { .. })) {
        cannot("primary key")
    } else if rule(&|rule| *rule == ColumnRule::Unique) {
        cannot("unique column")
    } else if rule(&|rule| matches!(rule, ColumnRule::Generated { kind: GeneratedKind::Stored, .. })) {
        cannot("stored computed column")
    } else if column.is_generated() {
        Ok(())
    } else if rule(&|rule| *rule == ColumnRule::NotNull) && !has_value {
        cannot("NOT NULL column without a default")
    } else if rule(&|rule| matches!(rule, ColumnRule::References(_))) && has_value {
        cannot("foreign key with a default")
    } else if default.is_some_and(|value| !is_constant(value)) {
        cannot("default that is computed")
    } else {
        Ok(())
    }
}

/// Whether a default is a literal.
fn is_constant(value: &str) -> bool {
    let Ok(tokens) = meaningful(value) else { return false };
    let literal = |kind| matches!(kind, TokenKind::Number | TokenKind::String | TokenKind::Blob);
    match tokens.as_slice() {
        [only] if only.kind == TokenKind::Word => {
            ["NULL", "TRUE", "FALSE"].into_iter().any(|word| only.is_word(word))
        }
        [only] => literal(only.kind),
        [sign, number] => sign.kind == TokenKind::Mark && number.kind == TokenKind::Number,
        _ => false,
    }
}

/// Whether `DROP COLUMN` removes a column that nothing else mentions.
fn may_be_dropped(column: &Column) -> Result<(), String> {
    let cannot = |what: &str| Err(format!("SQLite's DROP COLUMN removes no {what}"));
    for constraint in &column.constraints {
        match constraint.rule {
            ColumnRule::PrimaryKey { .. } => return cannot("primary key"),
            ColumnRule::Unique => return cannot("unique column"),
            ColumnRule::References(_) => return cannot("column with a foreign key"),
            _ => {}
        }
    }
    Ok(())
}
