//! Changes of a text at a place, with care for what touches it.

use std::ops::Range;

use crate::sqlite::token::{Token, TokenKind, is_word, tokens};

/// Replaces what stands at a place, with a space where two words would run together.
pub(super) fn replace(text: &str, at: Range<usize>, new: &str) -> String {
    let (before, after) = (&text[..at.start], &text[at.end..]);
    let mut result = String::with_capacity(text.len() + new.len() + 2);
    result.push_str(before);
    for part in [new, after] {
        if touches(&result, part) {
            result.push(' ');
        }
        result.push_str(part);
    }
    result
}

/// Whether the end of a text and the beginning of the next would read as one token.
fn touches(left: &str, right: &str) -> bool {
    let open = |byte: u8| is_word(byte) || matches!(byte, b'"' | b'\'' | b'`' | b'[' | b']' | b'.');
    let left = left.bytes().next_back().is_some_and(|byte| open(byte) || byte == b')');
    left && right.bytes().next().is_some_and(open)
}

/// Removes what stands at a place with the white space before it.
///
/// The line feed that ends a comment stays.
pub(super) fn remove(text: &str, at: Range<usize>) -> String {
    let around = Around::new(text, at.start);
    let start = match around.before() {
        Some(token) if token.kind == TokenKind::Space && !around.ends_comment() => token.start,
        _ => at.start,
    };
    replace(text, start..at.end, "")
}

/// The tokens of a text up to a place.
pub(super) struct Around<'s> {
    before: Vec<Token<'s>>,
}

impl<'s> Around<'s> {
    pub(super) fn new(text: &'s str, at: usize) -> Self {
        // The text was read before, so it is made of tokens.
        Self { before: tokens(&text[..at]).unwrap_or_default() }
    }

    pub(super) fn before(&self) -> Option<&Token<'s>> {
        self.before.last()
    }

    /// Whether the white space before the place is what ends a comment.
    pub(super) fn ends_comment(&self) -> bool {
        self.before
            .len()
            .checked_sub(2)
            .is_some_and(|index| self.before[index].kind == TokenKind::LineComment)
    }

    /// The white space before the place when a line begins in it.
    pub(super) fn line_break(&self) -> Option<&'s str> {
        self.before()
            .filter(|token| token.kind == TokenKind::Space && token.text.contains('\n'))
            .map(|token| &token.text[token.text.rfind('\n').unwrap_or(0)..])
    }

    /// Where the last comma before the place stands, if only trivia stands between.
    pub(super) fn comma(&self) -> Option<usize> {
        self.before
            .iter()
            .rev()
            .find(|token| !token.is_trivia())
            .filter(|token| token.is_mark(","))
            .map(|token| token.start)
    }
}

/// What follows a place.
pub(super) struct After {
    /// Where the comma after the place ends, if only trivia stands between.
    pub(super) comma: Option<usize>,
    /// Whether the list ends behind the place.
    pub(super) closes: bool,
    /// Where the comments end that stand on the same line behind the part and its comma.
    pub(super) comments: usize,
    /// Whether the last of them reaches to the end of its line.
    pub(super) to_line_end: bool,
}

impl After {
    pub(super) fn new(text: &str, at: usize) -> Self {
        let rest = tokens(&text[at..]).unwrap_or_default();
        let next = rest.iter().position(|token| !token.is_trivia());
        let closes = next.is_none_or(|index| rest[index].is_mark(")"));
        let comma_index = next.filter(|index| rest[*index].is_mark(","));
        let comma = comma_index.map(|index| at + rest[index].end());
        let (mut comments, mut to_line_end) = (comma.unwrap_or(at), false);
        for token in &rest[comma_index.map_or(0, |index| index + 1)..] {
            match token.kind {
                TokenKind::Space if !token.text.contains('\n') => {}
                TokenKind::LineComment | TokenKind::BlockComment => {
                    comments = at + token.end();
                    to_line_end = token.kind == TokenKind::LineComment;
                }
                _ => break,
            }
        }
        Self { comma, closes, comments, to_line_end }
    }
}
