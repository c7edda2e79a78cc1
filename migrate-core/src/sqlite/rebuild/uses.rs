//! Who mentions a table or a column.

use super::schema::{SchemaObject, SchemaSnapshot};
use crate::sqlite::create_table::{ColumnRule, CreateTable, TableRule};
use crate::sqlite::name::{same, unquote};
use crate::sqlite::token::{Token, TokenKind, meaningful};

/// The views and triggers that mention a table, themselves or through other views.
pub(super) fn dependents<'s>(schema: &'s SchemaSnapshot, table: &str) -> Vec<&'s SchemaObject> {
    let mut names = vec![table.to_owned()];
    let mut found: Vec<&SchemaObject> = Vec::new();
    loop {
        let new: Vec<_> = schema
            .objects
            .iter()
            .filter(|object| matches!(object.kind.as_str(), "view" | "trigger"))
            .filter(|object| !found.iter().any(|known| std::ptr::eq(*known, *object)))
            .filter(|object| names.iter().any(|name| mentions(object, name)))
            .collect();
        if new.is_empty() {
            return found;
        }
        names.extend(new.iter().filter(|object| object.kind == "view").map(|view| view.name.clone()));
        found.extend(new);
    }
}

/// Whether a statement has a token that can mean a name. A text that cannot be read may mean anything.
fn mentions(object: &SchemaObject, name: &str) -> bool {
    same(&object.table, name) || meaningful(object.text()).map_or(true, |tokens| any_names(&tokens, name))
}

fn any_names(tokens: &[Token<'_>], name: &str) -> bool {
    tokens.iter().any(|token| could_name(token, name))
}

/// The same of a column: what stands before a dot is a table, and what stands before a parenthesis a function.
fn any_names_column(tokens: &[Token<'_>], name: &str) -> bool {
    tokens.iter().enumerate().any(|(index, token)| {
        let other = tokens.get(index + 1).is_some_and(|after| after.is_mark(".") || after.is_mark("("));
        could_name(token, name) && !other
    })
}

fn could_name(token: &Token<'_>, name: &str) -> bool {
    token.names(name) || (token.kind == TokenKind::String && same(&unquote(token.text), name))
}

/// The tables, but for the table itself, that have a foreign key to it.
pub(super) fn children<'s>(schema: &'s SchemaSnapshot, table: &str) -> Vec<&'s str> {
    let refers = |object: &&SchemaObject| {
        let text = object.text();
        if !text.to_ascii_lowercase().contains("references") {
            return false;
        }
        match CreateTable::parse(text) {
            Ok(child) => child.foreign_keys().any(|(_, target)| same(&target.table.value, table)),
            Err(_) => mentions(object, table),
        }
    };
    schema
        .objects
        .iter()
        .filter(|object| object.kind == "table" && !same(&object.name, table))
        .filter(refers)
        .map(|object| object.name.as_str())
        .collect()
}

/// What uses a column that the new definition no longer has.
pub(super) fn user_of_column(
    schema: &SchemaSnapshot,
    definition: &CreateTable,
    table: &str,
    column: &str,
) -> Option<String> {
    in_definition(definition, column)
        .or_else(|| {
            let uses = |object: &&SchemaObject| {
                meaningful(object.text()).is_ok_and(|tokens| any_names_column(after_on(&tokens), column))
            };
            schema.parts("index", table).find(uses).map(SchemaObject::described)
        })
        .or_else(|| {
            let uses = |object: &&SchemaObject| updates_of(object.text(), column);
            schema.parts("trigger", table).find(uses).map(SchemaObject::described)
        })
        .or_else(|| {
            let uses = |object: &&&SchemaObject| would_become_string(object.text(), column);
            dependents(schema, table).iter().find(uses).map(|object| object.described())
        })
}

/// The tokens of an index behind its own name.
fn after_on<'t, 's>(tokens: &'t [Token<'s>]) -> &'t [Token<'s>] {
    let on = tokens.iter().position(|token| token.is_word("ON"));
    &tokens[on.map_or(0, |on| (on + 2).min(tokens.len()))..]
}

fn in_definition(definition: &CreateTable, column: &str) -> Option<String> {
    let names = |span: &std::ops::Range<usize>| {
        meaningful(definition.slice(span)).is_ok_and(|tokens| any_names_column(&tokens, column))
    };
    let of_column = definition.columns().iter().find_map(|other| {
        let uses = other.constraints.iter().any(|constraint| match &constraint.rule {
            ColumnRule::Check { expression } | ColumnRule::Generated { expression, .. } => names(expression),
            _ => false,
        });
        uses.then(|| format!("the definition of column {}", other.name.value))
    });
    let of_table = || {
        definition.constraints().iter().find_map(|constraint| {
            let is = |key: &[crate::sqlite::Name]| key.iter().any(|name| same(&name.value, column));
            let uses = match &constraint.rule {
                TableRule::PrimaryKey { columns, .. }
                | TableRule::Unique { columns }
                | TableRule::ForeignKey { columns, .. } => is(columns),
                TableRule::Check { expression } => names(expression),
                TableRule::Nothing => false,
            };
            let described = || match &constraint.name {
                Some(name) => format!("constraint {}", name.value),
                None => format!("the constraint {}", definition.slice(&constraint.span)),
            };
            uses.then(described)
        })
    };
    of_column.or_else(of_table)
}

/// Whether a trigger fires on updates of the column: SQLite would let the name stand for nothing.
fn updates_of(sql: &str, column: &str) -> bool {
    let Ok(tokens) = meaningful(sql) else { return false };
    let of = tokens.windows(2).position(|pair| pair[0].is_word("UPDATE") && pair[1].is_word("OF"));
    of.is_some_and(|of| {
        let columns = tokens[of + 2..].iter().take_while(|token| !token.is_word("ON"));
        columns.into_iter().any(|token| could_name(token, column))
    })
}

/// Whether a statement has the column in double quotes and without its table: to SQLite that is a string as soon
/// as there is no such column, and no error.
fn would_become_string(sql: &str, column: &str) -> bool {
    let Ok(tokens) = meaningful(sql) else { return false };
    let is_trigger = tokens.iter().take(2).any(|token| token.is_word("TRIGGER"));
    // Only the first ON of a trigger has a table behind it; behind all others stands a condition.
    let header_on = tokens.iter().position(|token| is_trigger && token.is_word("ON"));
    tokens.iter().enumerate().any(|(index, token)| {
        token.text.starts_with('"')
            && token.names(column)
            && !(index > 0 && header_on == Some(index - 1))
            && !names_other(&tokens[..index])
            && !tokens.get(index + 1).is_some_and(|after| after.is_mark("."))
    })
}

/// Whether what follows some tokens is the name of something that is no column, or a column with its table.
///
/// A table behind a comma of FROM and a new name without AS look like columns here: they are refused, not lost.
fn names_other(before: &[Token<'_>]) -> bool {
    const WORDS: &[&str] =
        &["AS", "COLLATE", "FROM", "IN", "INTO", "JOIN", "OVER", "TRIGGER", "UPDATE", "VIEW", "WINDOW"];
    const CONFLICTS: &[&str] = &["ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"];
    let is = |token: &Token<'_>, words: &[&str]| words.iter().any(|word| token.is_word(word));
    match before {
        [.., or, conflict] if or.is_word("OR") && is(conflict, CONFLICTS) => true,
        [.., indexed, by] if indexed.is_word("INDEXED") && by.is_word("BY") => true,
        [.., last] => last.is_mark(".") || is(last, WORDS),
        [] => false,
    }
}
