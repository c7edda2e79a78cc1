//! String and number literals.

/// The value of a string literal's content, whose prefix and quotes are taken off.
///
/// `None` for what cannot be text in Rust, a lone surrogate, and for a name of Unicode's.
pub(super) fn unescape(content: &str, raw: bool) -> Option<String> {
    if raw || !content.contains('\\') {
        return Some(content.to_owned());
    }
    let mut text = String::with_capacity(content.len());
    let mut rest = content.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        let escaped = rest.next()?;
        match escaped {
            '\n' => {}
            '\\' | '\'' | '"' => text.push(escaped),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            'x' => text.push(hexadecimal(&mut rest, 2)?),
            'u' => text.push(hexadecimal(&mut rest, 4)?),
            'U' => text.push(hexadecimal(&mut rest, 8)?),
            'N' => return None,
            '0'..='7' => {
                let mut digits = escaped.to_string();
                while digits.len() < 3
                    && let Some(digit @ '0'..='7') = rest.clone().next()
                {
                    digits.push(digit);
                    rest.next();
                }
                text.push(char::from_u32(u32::from_str_radix(&digits, 8).ok()?)?);
            }
            // Python keeps the backslash of what it does not know, with a warning.
            other => {
                text.push('\\');
                text.push(other);
            }
        }
    }
    Some(text)
}

fn hexadecimal(rest: &mut std::str::Chars<'_>, length: usize) -> Option<char> {
    let digits: String = rest.by_ref().take(length).collect();
    (digits.len() == length).then_some(())?;
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

/// A whole number: `1_000`, `0x1f`, `0o17`, `0b1`.
pub(super) fn integer(text: &str) -> Option<i64> {
    let digits = text.replace('_', "").to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = digits.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok();
        }
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_python() {
        for (content, expected) in [
            (r"plain", Some("plain")),
            (r#"it\'s \"so\""#, Some("it's \"so\"")),
            (r"a\tb\nc\\d", Some("a\tb\nc\\d")),
            (r"\x41\u00e9\U0001F389\101", Some("Aé🎉A")),
            (r"\d+ \:now", Some(r"\d+ \:now")),
            ("a\\\nb", Some("ab")),
            (r"\ud800", None),
            (r"\N{BULLET}", None),
        ] {
            assert_eq!(unescape(content, false).as_deref(), expected, "{content}");
        }
        assert_eq!(unescape(r"a\nb", true).as_deref(), Some(r"a\nb"));
    }

    #[test]
    fn whole_numbers_are_those_of_python() {
        for (text, expected) in [
            ("42", Some(42)),
            ("1_000", Some(1000)),
            ("0xff", Some(255)),
            ("0o17", Some(15)),
            ("9".repeat(30).as_str(), None),
        ] {
            assert_eq!(integer(text), expected, "{text}");
        }
    }
}
