//! Names in SQL: quoting, and when two are the same.

use std::borrow::Cow;

use super::keyword::is_keyword;
use super::token::is_word;

/// A name as an identifier of an SQL text, always in double quotes.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as a string literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name that a token stands for: without its quotes, whichever of SQLite's four kinds they are.
pub fn unquote(token: &str) -> Cow<'_, str> {
    let inner = |quote: char| {
        let inner = token.strip_prefix(quote)?.strip_suffix(quote)?;
        let doubled = format!("{quote}{quote}");
        Some(if inner.contains(&doubled) {
            Cow::Owned(inner.replace(&doubled, &quote.to_string()))
        } else {
            Cow::Borrowed(inner)
        })
    };
    inner('"')
        .or_else(|| inner('`'))
        .or_else(|| inner('\''))
        .or_else(|| token.strip_prefix('[')?.strip_suffix(']').map(Cow::Borrowed))
        .unwrap_or(Cow::Borrowed(token))
}

/// Whether SQLite takes two names for one: ASCII letters are the same in both cases, all others differ.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether a name needs no quotes.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(is_word)
        && !name.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '$' | '\u{feff}'))
        && !is_keyword(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_quotes_comes_off() {
        for token in ["\"a\"\"b\"", "`a\"b`", "'a\"b'", "[a\"b]"] {
            assert_eq!(unquote(token), "a\"b", "{token}");
        }
        assert_eq!(unquote("plain"), "plain");
        assert_eq!(unquote("'it''s'"), "it's");
        assert_eq!(quote("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn only_ascii_letters_have_two_cases() {
        assert!(same("Users", "uSERS"));
        assert!(!same("É", "é"));
    }
}
