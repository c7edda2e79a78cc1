use std::ops::Range;

use super::cursor::{Cursor, is_name};
use super::reference::{conflict, deferral, references};
use super::{Column, ColumnConstraint, ColumnRule, GeneratedKind, Name, ParseError};
use crate::sqlite::token::TokenKind;

/// The reserved words that end a type.
const CONSTRAINT_WORDS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "DEFERRABLE",
    "AS",
];

pub(super) fn column(cursor: &mut Cursor<'_>) -> Result<Column, ParseError> {
    let start = cursor.start();
    let name = cursor.name()?;
    let type_ = declared_type(cursor)?;
    let mut constraints = Vec::new();
    while cursor.peek().is_some_and(|token| !token.is_mark(",") && !token.is_mark(")")) {
        constraints.push(column_constraint(cursor)?);
    }
    Ok(Column { name, type_, constraints, span: start..cursor.end() })
}

/// Reads words until a constraint begins, and then lengths in parentheses.
///
/// `GENERATED` and `ALWAYS` are words like any other: SQLite too takes them from the end of the type.
fn declared_type(cursor: &mut Cursor<'_>) -> Result<Option<Range<usize>>, ParseError> {
    let start = cursor.start();
    let mut words = 0;
    while let Some(token) = cursor.peek() {
        let ends = CONSTRAINT_WORDS.iter().any(|word| token.is_word(word));
        let generated =
            token.is_word("GENERATED") && cursor.peek_second().is_some_and(|second| second.is_word("ALWAYS"));
        if !is_name(token) || ends || generated {
            break;
        }
        words += 1;
        cursor.advance();
    }
    if words == 0 {
        return Ok(None);
    }
    if cursor.take_mark("(") {
        loop {
            let _ = cursor.take_mark("+") || cursor.take_mark("-");
            match cursor.advance() {
                Some(token) if token.kind == TokenKind::Number => {}
                _ => {
                    cursor.back();
                    return Err(cursor.unexpected("a number"));
                }
            }
            if !cursor.take_mark(",") {
                break;
            }
        }
        cursor.expect_mark(")")?;
    }
    Ok(Some(start..cursor.end()))
}

fn column_constraint(cursor: &mut Cursor<'_>) -> Result<ColumnConstraint, ParseError> {
    let start = cursor.start();
    let name: Option<Name> = cursor.take_word("CONSTRAINT").then(|| cursor.name()).transpose()?;
    let rule = if let Some(rule) = rule(cursor)? {
        rule
    } else if name.is_some() {
        ColumnRule::Nothing
    } else {
        return Err(cursor.unexpected("a column constraint"));
    };
    Ok(ColumnConstraint { name, rule, span: start..cursor.end() })
}

fn rule(cursor: &mut Cursor<'_>) -> Result<Option<ColumnRule>, ParseError> {
    if let Some(deferral) = deferral(cursor) {
        return Ok(Some(ColumnRule::Deferral(deferral)));
    }
    let Some(word) = cursor.advance() else { return Ok(None) };
    let rule = if word.is_word("PRIMARY") {
        primary_key(cursor)?
    } else if word.is_word("NOT") {
        cursor.expect_word("NULL")?;
        conflict(cursor)?;
        ColumnRule::NotNull
    } else if word.is_word("NULL") {
        conflict(cursor)?;
        ColumnRule::Null
    } else if word.is_word("UNIQUE") {
        conflict(cursor)?;
        ColumnRule::Unique
    } else if word.is_word("CHECK") {
        let expression = cursor.parenthesised()?;
        conflict(cursor)?;
        ColumnRule::Check { expression }
    } else if word.is_word("DEFAULT") {
        ColumnRule::Default { value: default(cursor)? }
    } else if word.is_word("COLLATE") {
        ColumnRule::Collate(cursor.name()?)
    } else if word.is_word("REFERENCES") {
        ColumnRule::References(references(cursor)?)
    } else if word.is_word("GENERATED") {
        cursor.expect_word("ALWAYS")?;
        cursor.expect_word("AS")?;
        generated(cursor)?
    } else if word.is_word("AS") {
        generated(cursor)?
    } else {
        cursor.back();
        return Ok(None);
    };
    Ok(Some(rule))
}

fn primary_key(cursor: &mut Cursor<'_>) -> Result<ColumnRule, ParseError> {
    cursor.expect_word("KEY")?;
    let descending = cursor.take_word("DESC");
    if !descending {
        cursor.take_word("ASC");
    }
    conflict(cursor)?;
    let autoincrement = cursor.take_word("AUTOINCREMENT");
    Ok(ColumnRule::PrimaryKey { descending, autoincrement })
}

fn generated(cursor: &mut Cursor<'_>) -> Result<ColumnRule, ParseError> {
    let expression = cursor.parenthesised()?;
    let kind = if cursor.take_word("STORED") {
        GeneratedKind::Stored
    } else {
        cursor.take_word("VIRTUAL");
        GeneratedKind::Virtual
    };
    Ok(ColumnRule::Generated { expression, kind })
}

/// Reads a literal, a number with its sign, a bare word, or an expression in parentheses.
fn default(cursor: &mut Cursor<'_>) -> Result<Range<usize>, ParseError> {
    let start = cursor.start();
    if cursor.is_mark("(") {
        cursor.parenthesised()?;
        return Ok(start..cursor.end());
    }
    let _ = cursor.take_mark("+") || cursor.take_mark("-");
    match cursor.advance() {
        Some(token) if token.kind != TokenKind::Mark => Ok(start..cursor.end()),
        Some(_) => {
            cursor.back();
            Err(cursor.unexpected("a value"))
        }
        None => Err(cursor.unexpected("a value")),
    }
}
