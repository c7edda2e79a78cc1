use std::ops::Range;

use super::EditError;
use super::splice::{remove, replace};
use crate::sqlite::create_table::{Column, ColumnConstraint, ColumnRule, CreateTable};
use crate::sqlite::name::{quote, same};
use crate::sqlite::token::{Token, TokenKind, meaningful};

impl CreateTable {
    pub(super) fn find(&self, column: &str) -> Result<&Column, EditError> {
        self.column(column)
            .ok_or_else(|| EditError::NoColumn { table: self.name.value.clone(), column: column.to_owned() })
    }

    pub(super) fn with_column(&self, definition: &str) -> Result<String, EditError> {
        let (definition, column) = Self::definition_of_column(definition)?;
        if self.column(&column.name.value).is_some() {
            let table = self.name.value.clone();
            return Err(EditError::ColumnExists { table, column: column.name.value });
        }
        let last = self.columns.last().map_or(0..0, |column| column.span.clone());
        Ok(self.insert_behind(&last, definition))
    }

    pub(super) fn without_column(&self, column: &str) -> Result<String, EditError> {
        let found = self.find(column)?;
        if self.columns.len() == 1 {
            let table = self.name.value.clone();
            return Err(EditError::LastColumn { table, column: found.name.value.clone() });
        }
        Ok(self.remove_item(&found.span))
    }

    pub(super) fn with_type(&self, column: &str, declared: &str) -> Result<String, EditError> {
        let column = self.find(column)?;
        let declared = as_type(declared)?;
        Ok(match &column.type_ {
            Some(span) if declared.is_empty() => remove(&self.text, span.clone()),
            Some(span) => replace(&self.text, span.clone(), declared),
            None if declared.is_empty() => self.text.clone(),
            None => insert(&self.text, column.name.span.end, declared),
        })
    }

    pub(super) fn with_not_null(&self, column: &str) -> Result<String, EditError> {
        let column = self.find(column)?;
        let rule = |wanted: &ColumnRule| column.constraints.iter().find(|found| found.rule == *wanted);
        Ok(if rule(&ColumnRule::NotNull).is_some() {
            self.text.clone()
        } else if let Some(null) = rule(&ColumnRule::Null) {
            replace(&self.text, null.span.clone(), "NOT NULL")
        } else {
            insert(&self.text, declared_end(column), "NOT NULL")
        })
    }

    pub(super) fn without_not_null(&self, column: &str) -> Result<String, EditError> {
        self.without_rules(column, |rule| *rule == ColumnRule::NotNull)
    }

    pub(super) fn with_default(&self, column: &str, value: &str) -> Result<String, EditError> {
        let column = self.find(column)?;
        let value = as_default(value)?;
        let old = column.constraints.iter().rev().find_map(|constraint| match &constraint.rule {
            ColumnRule::Default { value } => Some(value.clone()),
            _ => None,
        });
        let behind =
            column.constraints.iter().rev().find(|constraint| constraint.rule == ColumnRule::NotNull);
        if let Some(old) = old {
            return Ok(replace(&self.text, old, &value));
        }
        let at = behind.map_or_else(|| declared_end(column), |not_null| not_null.span.end);
        Ok(insert(&self.text, at, &format!("DEFAULT {value}")))
    }

    pub(super) fn without_default(&self, column: &str) -> Result<String, EditError> {
        self.without_rules(column, |rule| matches!(rule, ColumnRule::Default { .. }))
    }

    pub(super) fn with_collation(&self, column: &str, collation: &str) -> Result<String, EditError> {
        let column = self.find(column)?;
        let old = column.constraints.iter().rev().find_map(|constraint| match &constraint.rule {
            ColumnRule::Collate(name) => Some(name),
            _ => None,
        });
        Ok(match old {
            Some(old) if same(&old.value, collation) => self.text.clone(),
            Some(old) => replace(&self.text, old.span.clone(), &quote(collation)),
            None => insert(&self.text, declared_end(column), &format!("COLLATE {}", quote(collation))),
        })
    }

    pub(super) fn without_collation(&self, column: &str) -> Result<String, EditError> {
        self.without_rules(column, |rule| matches!(rule, ColumnRule::Collate(_)))
    }

    pub(super) fn with_generated(
        &self,
        column: &str,
        expression: &str,
        stored: bool,
    ) -> Result<String, EditError> {
        let found = self.find(column)?;
        let expression = as_expression(expression)?;
        let kind = if stored { "STORED" } else { "VIRTUAL" };
        let new = format!("GENERATED ALWAYS AS ({expression}) {kind}");
        let is_old = |constraint: &&ColumnConstraint| matches!(constraint.rule, ColumnRule::Generated { .. });
        Ok(match found.constraints.iter().find(is_old) {
            Some(old) => replace(&self.text, old.span.clone(), &new),
            None => insert(&self.text, found.span.end, &new),
        })
    }

    pub(super) fn without_generated(&self, column: &str) -> Result<String, EditError> {
        self.without_rules(column, |rule| matches!(rule, ColumnRule::Generated { .. }))
    }

    pub(super) fn with_column_check(
        &self,
        column: &str,
        name: &str,
        expression: &str,
    ) -> Result<String, EditError> {
        let expression = as_expression(expression)?;
        let column = self.find(column)?;
        let new = format!("CONSTRAINT {} CHECK ({expression})", quote(name));
        let old = column.constraints.iter().find(|constraint| is_check_named(constraint, name));
        if old.is_none() && self.constraints_named(name).next().is_some() {
            let table = self.name.value.clone();
            return Err(EditError::ConstraintExists { table, name: name.to_owned() });
        }
        Ok(match old {
            Some(old) => replace(&self.text, old.span.clone(), &new),
            None => insert(&self.text, column.span.end, &new),
        })
    }

    pub(super) fn without_column_check(&self, column: &str, name: &str) -> Result<String, EditError> {
        let column = self.find(column)?;
        match column.constraints.iter().find(|constraint| is_check_named(constraint, name)) {
            Some(found) => Ok(remove(&self.text, found.span.clone())),
            None => Err(self.no_constraint(format!("check {name} on column {}", column.name.value))),
        }
    }

    /// Removes the constraints of a column that a rule says; none is no error.
    fn without_rules(&self, column: &str, is: impl Fn(&ColumnRule) -> bool) -> Result<String, EditError> {
        let column = self.find(column)?;
        let spans = column.constraints.iter().filter(|constraint| is(&constraint.rule));
        Ok(self.without_spans(spans.map(|constraint| constraint.span.clone())))
    }

    /// Removes parts of definitions, given in the order of the text.
    pub(super) fn without_spans(&self, spans: impl DoubleEndedIterator<Item = Range<usize>>) -> String {
        spans.rev().fold(self.text.clone(), |text, span| remove(&text, span))
    }
}

fn is_check_named(constraint: &ColumnConstraint, name: &str) -> bool {
    matches!(constraint.rule, ColumnRule::Check { .. })
        && constraint.name.as_ref().is_some_and(|own| same(&own.value, name))
}

/// Where a column's name and type end.
fn declared_end(column: &Column) -> usize {
    column.type_.as_ref().map_or(column.name.span.end, |span| span.end)
}

/// Puts a part at a place, with a space before it.
fn insert(text: &str, at: usize, new: &str) -> String {
    replace(text, at..at, &format!(" {new}"))
}

/// The value of a default as SQLite's grammar wants it: in parentheses unless it is a literal or a bare word.
pub(super) fn as_default(value: &str) -> Result<String, EditError> {
    let inner = as_expression(value)?;
    let tokens = read(inner)?;
    let simple = match tokens.as_slice() {
        [only] => only.kind != TokenKind::QuotedName,
        [sign, number] => (sign.is_mark("-") || sign.is_mark("+")) && number.kind == TokenKind::Number,
        tokens => is_parenthesised(tokens),
    };
    Ok(if simple { inner.to_owned() } else { format!("({inner})") })
}

/// The text of a type without what stands around it.
fn as_type(declared: &str) -> Result<&str, EditError> {
    if read(declared)?.is_empty() {
        return Ok("");
    }
    let definition = format!("a {declared}");
    let (_, column) = CreateTable::definition_of_column(&definition)?;
    match (column.type_, column.constraints.as_slice()) {
        // The column's name and the space behind it are no part of the text.
        (Some(span), []) => Ok(&declared[span.start - 2..span.end - 2]),
        _ => Err(not_understood(declared, "a type", 0)),
    }
}

/// The text of one expression without what stands around it.
///
/// It must not close a parenthesis that it did not open: that would end the part it is put into.
pub(super) fn as_expression(text: &str) -> Result<&str, EditError> {
    let tokens = read(text)?;
    let mut depth = 0_usize;
    let balanced = tokens.iter().all(|token| {
        if token.is_mark("(") {
            depth += 1;
        } else if token.is_mark(")") {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            }
        }
        !(token.is_mark(";") || (depth == 0 && token.is_mark(",")))
    });
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) if balanced && depth == 0 => Ok(&text[first.start..last.end()]),
        _ => Err(not_understood(text, "an expression", tokens.last().map_or(0, Token::end))),
    }
}

/// Whether one pair of parentheses encloses everything.
fn is_parenthesised(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0_usize;
    tokens.first().is_some_and(|first| first.is_mark("("))
        && tokens.iter().enumerate().all(|(index, token)| {
            if token.is_mark("(") {
                depth += 1;
            } else if token.is_mark(")") {
                depth = depth.saturating_sub(1);
            }
            depth > 0 || index + 1 == tokens.len()
        })
}

fn read(text: &str) -> Result<Vec<Token<'_>>, EditError> {
    meaningful(text).map_err(|source| EditError::Definition { text: text.to_owned(), source: source.into() })
}

fn not_understood(text: &str, expected: &'static str, at: usize) -> EditError {
    let source = crate::sqlite::ParseError::Unexpected { expected, at };
    EditError::Definition { text: text.to_owned(), source }
}
