//! Which ids and labels a graph accepts: those that every target can express.

use super::NameFault;

/// The words that targets are made of.
const RESERVED: [&str; 4] = ["base", "current", "head", "heads"];

/// Checks a revision id: Alembic's forbidden characters, and what would not survive a log line or a shell.
pub(super) fn check_id(id: &str) -> Result<(), NameFault> {
    check(id, |character| matches!(character, '@' | '-' | '+' | ':'))
}

/// Checks a branch label.
///
/// Alembic checks none. A label may have a dash within (`feature-x`), but must not end like `-1`, because
/// `feature-1` would mean the revision before `feature`.
pub(super) fn check_label(label: &str) -> Result<(), NameFault> {
    check(label, |character| matches!(character, '@' | '+' | ':'))?;
    let stem = label.trim_end_matches(|character: char| character.is_ascii_digit());
    if stem.len() < label.len() && stem.ends_with('-') {
        return Err(NameFault::Relative);
    }
    Ok(())
}

fn check(name: &str, forbidden: impl Fn(char) -> bool) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    if RESERVED.contains(&name) {
        return Err(NameFault::Reserved);
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')) {
        return Ok(());
    }
    let bad = |&character: &char| forbidden(character) || character.is_whitespace() || character.is_control();
    name.chars().find(bad).map_or(Ok(()), |character| Err(NameFault::Character(character)))
}
