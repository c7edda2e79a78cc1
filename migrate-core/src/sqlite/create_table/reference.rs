use super::cursor::Cursor;
use super::{Action, ActionEvent, Deferral, Name, ParseError, References};

/// Reads what stands behind `REFERENCES`.
pub(super) fn references(cursor: &mut Cursor<'_>) -> Result<References, ParseError> {
    let table = cursor.name()?;
    let columns = if cursor.is_mark("(") { key(cursor)?.0 } else { Vec::new() };
    let (mut actions, mut match_) = (Vec::new(), None);
    loop {
        if cursor.take_word("ON") {
            actions.push((event(cursor)?, action(cursor)?));
        } else if cursor.take_word("MATCH") {
            match_ = Some(cursor.name()?);
        } else {
            break;
        }
    }
    Ok(References { table, columns, actions, match_, deferral: deferral(cursor) })
}

/// Reads `[NOT] DEFERRABLE [INITIALLY …]` if that is what comes.
pub(super) fn deferral(cursor: &mut Cursor<'_>) -> Option<Deferral> {
    let not = cursor.take_words(&["NOT", "DEFERRABLE"]);
    if !not && !cursor.take_word("DEFERRABLE") {
        return None;
    }
    let deferred = cursor.take_words(&["INITIALLY", "DEFERRED"]);
    if !deferred {
        cursor.take_words(&["INITIALLY", "IMMEDIATE"]);
    }
    Some(if deferred && !not { Deferral::Deferred } else { Deferral::Immediate })
}

/// Reads `ON CONFLICT …` if that is what comes.
pub(super) fn conflict(cursor: &mut Cursor<'_>) -> Result<(), ParseError> {
    if !cursor.take_words(&["ON", "CONFLICT"]) {
        return Ok(());
    }
    let known = ["ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"];
    if known.into_iter().any(|word| cursor.take_word(word)) {
        Ok(())
    } else {
        Err(cursor.unexpected("a way to resolve a conflict"))
    }
}

/// Reads the columns of a key with their collations and directions, and whether `AUTOINCREMENT` ends it.
pub(super) fn key(cursor: &mut Cursor<'_>) -> Result<(Vec<Name>, bool), ParseError> {
    cursor.expect_mark("(")?;
    let mut columns = Vec::new();
    loop {
        columns.push(cursor.name()?);
        if cursor.take_word("COLLATE") {
            cursor.name()?;
        }
        let _ = cursor.take_word("ASC") || cursor.take_word("DESC");
        if !cursor.take_mark(",") {
            break;
        }
    }
    let autoincrement = cursor.take_word("AUTOINCREMENT");
    cursor.expect_mark(")")?;
    Ok((columns, autoincrement))
}

fn event(cursor: &mut Cursor<'_>) -> Result<ActionEvent, ParseError> {
    if cursor.take_word("DELETE") {
        Ok(ActionEvent::Delete)
    } else if cursor.take_word("UPDATE") {
        Ok(ActionEvent::Update)
    } else if cursor.take_word("INSERT") {
        Ok(ActionEvent::Insert)
    } else {
        Err(cursor.unexpected("DELETE or UPDATE"))
    }
}

fn action(cursor: &mut Cursor<'_>) -> Result<Action, ParseError> {
    if cursor.take_words(&["SET", "NULL"]) {
        Ok(Action::SetNull)
    } else if cursor.take_words(&["SET", "DEFAULT"]) {
        Ok(Action::SetDefault)
    } else if cursor.take_words(&["NO", "ACTION"]) {
        Ok(Action::NoAction)
    } else if cursor.take_word("CASCADE") {
        Ok(Action::Cascade)
    } else if cursor.take_word("RESTRICT") {
        Ok(Action::Restrict)
    } else {
        Err(cursor.unexpected("an action"))
    }
}
