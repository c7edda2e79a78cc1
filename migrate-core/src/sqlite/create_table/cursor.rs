use std::ops::Range;

use super::{Name, ParseError};
use crate::sqlite::name::unquote;
use crate::sqlite::token::{Token, TokenKind, meaningful};

/// The tokens of a text that say something, and how far they are read.
pub(super) struct Cursor<'s> {
    tokens: Vec<Token<'s>>,
    next: usize,
    length: usize,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(text: &'s str) -> Result<Self, ParseError> {
        Ok(Self { tokens: meaningful(text)?, next: 0, length: text.len() })
    }

    pub(super) fn peek(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.next)
    }

    pub(super) fn peek_second(&self) -> Option<&Token<'s>> {
        self.tokens.get(self.next + 1)
    }

    pub(super) fn is_word(&self, keyword: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(keyword))
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        self.peek().is_some_and(|token| token.is_mark(mark))
    }

    /// Takes the next token, whatever it is.
    pub(super) fn advance(&mut self) -> Option<Token<'s>> {
        let token = self.tokens.get(self.next).copied();
        self.next += usize::from(token.is_some());
        token
    }

    /// Goes back by one token.
    pub(super) fn back(&mut self) {
        self.next -= 1;
    }

    pub(super) fn take_word(&mut self, keyword: &str) -> bool {
        let found = self.is_word(keyword);
        self.next += usize::from(found);
        found
    }

    /// Takes all of these words, or none.
    pub(super) fn take_words(&mut self, keywords: &[&str]) -> bool {
        let found = keywords.iter().enumerate().all(|(ahead, keyword)| {
            self.tokens.get(self.next + ahead).is_some_and(|token| token.is_word(keyword))
        });
        self.next += if found { keywords.len() } else { 0 };
        found
    }

    pub(super) fn take_mark(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect_word(&mut self, keyword: &'static str) -> Result<(), ParseError> {
        if self.take_word(keyword) { Ok(()) } else { Err(self.unexpected(keyword)) }
    }

    pub(super) fn expect_mark(&mut self, mark: &'static str) -> Result<(), ParseError> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.unexpected(mark)) }
    }

    /// Takes a name: a word, a quoted name, or the string that SQLite takes for one.
    pub(super) fn name(&mut self) -> Result<Name, ParseError> {
        match self.peek() {
            Some(token) if is_name(token) => {
                let name = Name { value: unquote(token.text).into_owned(), span: token.span() };
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected("a name")),
        }
    }

    /// Takes a text in parentheses, and returns the place of what is between them.
    pub(super) fn parenthesised(&mut self) -> Result<Range<usize>, ParseError> {
        self.expect_mark("(")?;
        let first = self.next;
        let mut depth = 1;
        while let Some(token) = self.advance() {
            if token.is_mark("(") {
                depth += 1;
            } else if token.is_mark(")") {
                depth -= 1;
            }
            if depth == 0 {
                let inner = &self.tokens[first..self.next - 1];
                return match (inner.first(), inner.last()) {
                    (Some(first), Some(last)) => Ok(first.start..last.end()),
                    _ => Err(ParseError::Unexpected { expected: "an expression", at: token.start }),
                };
            }
        }
        Err(self.unexpected(")"))
    }

    /// Where the next token begins.
    pub(super) fn start(&self) -> usize {
        self.peek().map_or(self.length, |token| token.start)
    }

    /// Where the last token that was taken ends.
    pub(super) fn end(&self) -> usize {
        self.next.checked_sub(1).map_or(0, |last| self.tokens[last].end())
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> ParseError {
        ParseError::Unexpected { expected, at: self.start() }
    }
}

pub(super) fn is_name(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::Word | TokenKind::QuotedName | TokenKind::String)
}
