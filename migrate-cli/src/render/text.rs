//! Small pieces of text.

use std::fmt::{Display, Write as _};
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;

/// A number with its noun: `1 step`, `2 steps`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// How long something took, to three digits or so.
pub(crate) fn took(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", duration.as_secs_f64()),
        _ => lasting(duration),
    }
}

/// A number with its thousands set apart: `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of rows: `1 row`, `1,234,567 rows`.
pub(crate) fn rows(number: u64) -> String {
    if number == 1 { "1 row".to_owned() } else { format!("{} rows", thousands(number)) }
}

/// Rows a second to three digits: `0.4 rows/s`, `980 rows/s`, `12.3k rows/s`, `1.25M rows/s`.
pub(crate) fn rate(per_second: f64) -> String {
    let (number, unit) = match per_second {
        // What would be rounded up to a thousand belongs to the next unit.
        small if small < 999.5 => (small, ""),
        middle if middle < 999_500.0 => (middle / 1e3, "k"),
        large => (large / 1e6, "M"),
    };
    match (number, unit) {
        (slow, "") if slow < 9.95 => format!("{slow:.1} rows/s"),
        (number, "") => format!("{number:.0} rows/s"),
        (number, unit) if number < 9.995 => format!("{number:.2}{unit} rows/s"),
        (number, unit) if number < 99.95 => format!("{number:.1}{unit} rows/s"),
        (number, unit) => format!("{number:.0}{unit} rows/s"),
    }
}

/// How long something lasts or has lasted, as a person says it: `45 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`.
pub(crate) fn lasting(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min {:02} s", seconds % 60),
        3_600..86_400 => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
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
            [(0, "0 ms"), (999, "999 ms"), (1_000, "1.0 s"), (59_940, "59.9 s"), (61_500, "1 min 01 s")]
        {
            assert_eq!(took(Duration::from_millis(milliseconds)), expected);
        }
    }

    #[test]
    fn numbers_are_as_long_as_they_are_read() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (100_000, "100,000")]
        {
            assert_eq!(thousands(number), expected);
        }
        assert_eq!([rows(0), rows(1), rows(2_000)], ["0 rows", "1 row", "2,000 rows"]);
        for (number, expected) in [
            (0.42, "0.4"),
            (9.96, "10"),
            (980.4, "980"),
            (999.6, "1.00k"),
            (1_234.0, "1.23k"),
            (9_996.0, "10.0k"),
            (12_345.0, "12.3k"),
            (99_960.0, "100k"),
            (123_456.0, "123k"),
            (999_700.0, "1.00M"),
            (12_500_000.0, "12.5M"),
        ] {
            assert_eq!(rate(number), format!("{expected} rows/s"));
        }
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 00 s"),
            (200, "3 min 20 s"),
            (7_500, "2 h 05 min"),
            (273_600, "3 d 4 h"),
        ] {
            assert_eq!(lasting(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn a_long_list_ends_in_a_number() {
        assert_eq!(list(&["a", "b"], 3), "a, b");
        assert_eq!(list(&["a", "b", "c"], 2), "a, b and 1 more");
    }
}
