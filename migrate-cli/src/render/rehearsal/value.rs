//! Values as they are shown.

use migrate_core::rehearsal::Value;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How much of what two values have in common is shown before they part.
const CONTEXT: usize = 8;

/// A value in one line: a text in quotes, so that it cannot be taken for NULL or a number.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => format!("'{}'", visible(text)),
        Value::Plain(text) | Value::Json(text) => visible(text),
        Value::Bytes(digits) => format!("x'{digits}'"),
    }
}

/// The text with its control characters, and what turns the direction of writing, as escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let turns =
            matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Two values in so many columns each: what they begin with alike is left out where there is no room for it.
pub(super) fn pair(before: &str, after: &str, width: usize) -> [String; 2] {
    let is_long = |text: &str| text.width() > width;
    if !is_long(before) && !is_long(after) {
        return [before.to_owned(), after.to_owned()];
    }
    let common = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    // No more than makes room for what differs.
    let excess = (before.width().max(after.width()) + 1).saturating_sub(width);
    let skipped = common.saturating_sub(CONTEXT).min(excess);
    [before, after].map(|text| {
        if common <= 2 * CONTEXT {
            return shortened(text, width);
        }
        let rest: String = text.chars().skip(skipped).collect();
        shortened(&format!("…{rest}"), width)
    })
}

/// The text in so many columns: its beginning and its end.
pub(super) fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let head = fitting(text.chars(), room.div_ceil(2));
    let tail: String = fitting(text.chars().rev(), room / 2).chars().rev().collect();
    format!("{head}…{tail}")
}

fn fitting(characters: impl Iterator<Item = char>, width: usize) -> String {
    let mut used = 0;
    characters
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle() {
        assert_eq!(shortened("abcdefghij", 10), "abcdefghij");
        assert_eq!(shortened("abcdefghijk", 7), "abc…ijk");
        assert_eq!(shortened("ユーザー追加の説明文", 9), "ユー…明文");
    }

    #[test]
    fn two_long_texts_are_shown_where_they_part() {
        let (before, after) = (format!("'{}old'", "x".repeat(100)), format!("'{}newer'", "x".repeat(100)));
        let common = "x".repeat(13);
        assert_eq!(pair(&before, &after, 20), [format!("…{common}old'"), format!("…{common}newer'")]);
        let longest = format!("'{}{}'", "x".repeat(100), "y".repeat(100));
        assert_eq!(pair(&before, &longest, 16), ["…xxxxxxxxold'", "…xxxxxxx…yyyyyy'"]);
        assert_eq!(pair("NULL", "'a'", 20), ["NULL", "'a'"]);
        assert_eq!(pair("NULL", &"y".repeat(30), 9), ["NULL", "yyyy…yyyy"]);
    }

    #[test]
    fn null_is_no_text_and_controls_are_seen() {
        assert_eq!(text(&Value::Null), "NULL");
        assert_eq!(text(&Value::Text("NULL".to_owned())), "'NULL'");
        assert_eq!(text(&Value::Text("a\n\u{1b}[31m\u{202e}".to_owned())), "'a\\n\\u{1b}[31m\\u{202e}'");
    }
}
