use super::cursor::Cursor;
use super::{Column, CreateTable, Name, Options, TableConstraint, column, table_constraint};
use crate::sqlite::token::TokenError;

/// A definition that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text is not made of SQLite's tokens.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Something else was to be expected.
    #[error("expected {expected} at byte {at}")]
    Unexpected {
        /// What would have been understood.
        expected: &'static str,
        /// Where, in bytes.
        at: usize,
    },
    /// The table is made by a module.
    #[error("it is a virtual table")]
    Virtual,
}

/// Reads a whole statement.
pub(super) fn create_table(text: String) -> Result<CreateTable, ParseError> {
    let mut cursor = Cursor::new(&text)?;
    let name = head(&mut cursor)?;
    let (mut columns, mut constraints) = (Vec::new(), Vec::new());
    cursor.expect_mark("(")?;
    loop {
        columns.push(column::column(&mut cursor)?);
        if !cursor.take_mark(",") {
            break;
        }
        if table_constraint::begins(&cursor) {
            constraints.push(table_constraint::table_constraint(&mut cursor)?);
            break;
        }
    }
    // SQLite takes constraints also without commas between them.
    while !constraints.is_empty() && !cursor.is_mark(")") {
        cursor.take_mark(",");
        constraints.push(table_constraint::table_constraint(&mut cursor)?);
    }
    cursor.expect_mark(")")?;
    let options = options(&mut cursor)?;
    cursor.take_mark(";");
    if cursor.peek().is_some() {
        return Err(cursor.unexpected("the end"));
    }
    Ok(CreateTable { text, name, columns, constraints, options })
}

/// Reads one column's definition that is the whole text.
pub(in crate::sqlite) fn parse_column(text: &str) -> Result<Column, ParseError> {
    let mut cursor = Cursor::new(text)?;
    if table_constraint::begins(&cursor) {
        return Err(cursor.unexpected("a column"));
    }
    let column = column::column(&mut cursor)?;
    if cursor.peek().is_some() { Err(cursor.unexpected("the end of the column")) } else { Ok(column) }
}

/// Reads one table constraint that is the whole text.
pub(in crate::sqlite) fn parse_table_constraint(text: &str) -> Result<TableConstraint, ParseError> {
    let mut cursor = Cursor::new(text)?;
    let constraint = table_constraint::table_constraint(&mut cursor)?;
    if cursor.peek().is_some() { Err(cursor.unexpected("the end of the constraint")) } else { Ok(constraint) }
}

fn head(cursor: &mut Cursor<'_>) -> Result<Name, ParseError> {
    cursor.expect_word("CREATE")?;
    if cursor.is_word("VIRTUAL") {
        return Err(ParseError::Virtual);
    }
    let _ = cursor.take_word("TEMP") || cursor.take_word("TEMPORARY");
    cursor.expect_word("TABLE")?;
    cursor.take_words(&["IF", "NOT", "EXISTS"]);
    let name = cursor.name()?;
    if cursor.take_mark(".") { cursor.name() } else { Ok(name) }
}

fn options(cursor: &mut Cursor<'_>) -> Result<Options, ParseError> {
    let mut options = Options::default();
    if cursor.peek().is_none() || cursor.is_mark(";") {
        return Ok(options);
    }
    loop {
        if cursor.take_words(&["WITHOUT", "ROWID"]) {
            options.without_rowid = true;
        } else if cursor.take_word("STRICT") {
            options.strict = true;
        } else {
            return Err(cursor.unexpected("a table option"));
        }
        if !cursor.take_mark(",") {
            return Ok(options);
        }
    }
}
