//! The identifiers in a piece of SQL.

use std::collections::BTreeSet;

/// An identifier as the server understands it: in lower case unless it was in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether it is called: a parenthesis follows.
    pub(super) called: bool,
}

/// All identifiers and key words, without those in literals and comments.
pub(super) fn words(sql: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        rest = if first == '\'' {
            after_quote(&rest[1..], '\'').1
        } else if first == '"' {
            let (text, after) = after_quote(&rest[1..], '"');
            words.push(word(text.replace("\"\"", "\""), after));
            after
        } else if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else if first == '$' {
            after_dollar_quote(rest)
        } else if first.is_alphabetic() || first == '_' {
            let end =
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            // The prefix of a literal: E'…', U&"…" and the like.
            if !after.starts_with('\'') {
                words.push(word(text.to_lowercase(), after));
            }
            after
        } else if first.is_ascii_digit() {
            rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '.')
        } else {
            &rest[first.len_utf8()..]
        };
    }
    words
}

/// The identifiers as a set.
pub(super) fn mentioned(sql: &str) -> BTreeSet<String> {
    words(sql).into_iter().map(|word| word.text).collect()
}

fn word(text: String, after: &str) -> Word {
    Word { text, called: after.trim_start().starts_with('(') }
}

/// What stands before the closing quote, doubled ones left as they are, and what comes after it.
fn after_quote(text: &str, quote: char) -> (&str, &str) {
    let mut from = 0;
    while let Some(found) = text[from..].find(quote) {
        let at = from + found;
        if text[at + 1..].starts_with(quote) {
            from = at + 2;
        } else {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}

fn after_dollar_quote(text: &str) -> &str {
    let tag = text[1..].find('$').map(|end| &text[..end + 2]);
    let tag = tag.filter(|tag| tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_'));
    match tag {
        Some(tag) => text[tag.len()..].split_once(tag).map_or("", |(_, after)| after),
        None => &text[1..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_found_and_literals_are_not() {
        let sql =
            "Lower(\"Na\"\"me\") || 'users' /* posts */ || $a$ teams $a$ -- more\n + E'x' + f (1.5e3) + $1";
        let found: Vec<_> = words(sql).into_iter().map(|word| (word.text, word.called)).collect();
        let expected = [("lower", true), ("Na\"me", false), ("f", true)];
        assert_eq!(found, expected.map(|(text, called)| (text.to_owned(), called)));
    }
}
