use super::cursor::Cursor;
use super::reference::{conflict, key, references};
use super::{Name, ParseError, TableConstraint, TableRule};

/// Whether a table constraint comes: its first words are reserved and name no column.
pub(super) fn begins(cursor: &Cursor<'_>) -> bool {
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].into_iter().any(|word| cursor.is_word(word))
}

pub(super) fn table_constraint(cursor: &mut Cursor<'_>) -> Result<TableConstraint, ParseError> {
    let start = cursor.start();
    let name: Option<Name> = cursor.take_word("CONSTRAINT").then(|| cursor.name()).transpose()?;
    let rule = if cursor.take_word("PRIMARY") {
        cursor.expect_word("KEY")?;
        let (columns, autoincrement) = key(cursor)?;
        conflict(cursor)?;
        TableRule::PrimaryKey { columns, autoincrement }
    } else if cursor.take_word("UNIQUE") {
        let (columns, _) = key(cursor)?;
        conflict(cursor)?;
        TableRule::Unique { columns }
    } else if cursor.take_word("CHECK") {
        let expression = cursor.parenthesised()?;
        conflict(cursor)?;
        TableRule::Check { expression }
    } else if cursor.take_word("FOREIGN") {
        cursor.expect_word("KEY")?;
        let (columns, _) = key(cursor)?;
        cursor.expect_word("REFERENCES")?;
        TableRule::ForeignKey { columns, target: references(cursor)? }
    } else if name.is_some() {
        TableRule::Nothing
    } else {
        return Err(cursor.unexpected("a table constraint"));
    };
    Ok(TableConstraint { name, rule, span: start..cursor.end() })
}
