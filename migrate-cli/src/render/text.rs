//! Small pieces of text.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

/// A number with its noun: `1 step`, `2 steps`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A number with a comma before every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How long something took, to three digits or so.
pub(crate) fn took(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} m {:02} s", duration.as_secs() / 60, duration.as_secs() % 60),
    }
}

/// A comma-separated list, of which the first few are shown.
pub(crate) fn list<T: Display>(items: &[T], shown: usize) -> String {
    let mut text = items.iter().take(shown).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if items.len() > shown {
        let _ = write!(text, " and {} more", items.len() - shown);
    }
    text
}

/// Lines no wider than `width`, broken between words; a longer word has a line of its own.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_broken_between_words() {
        assert_eq!(wrapped("blocks reads  of users", 12), ["blocks reads", "of users"]);
        assert_eq!(wrapped("a_very_long_name b", 4), ["a_very_long_name", "b"]);
        assert!(wrapped(" ", 4).is_empty());
    }

    #[test]
    fn a_duration_is_as_precise_as_a_person_wants_it() {
        for (milliseconds, expected) in
            [(0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_940, "59.9 s"), (61_500, "1 m 01 s")]
        {
            assert_eq!(took(Duration::from_millis(milliseconds)), expected);
        }
    }

    #[test]
    fn a_long_number_is_grouped() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
    }

    #[test]
    fn a_long_list_ends_in_a_number() {
        assert_eq!(list(&["a", "b"], 3), "a, b");
        assert_eq!(list(&["a", "b", "c"], 2), "a, b and 1 more");
    }
}
