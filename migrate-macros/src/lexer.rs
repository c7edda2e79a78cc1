//! Source text as token trees, without `syn` and without the compiler's own lexer.
//!
//! A directory of 1,000 migrations is read in every build, by a macro that Cargo compiles without
//! optimisation, so this does no more than both readers need: it splits, it pairs delimiters, it drops comments.
//! The text of a token is never interpreted, which also makes it independent of the compiler's version.

#[cfg(test)]
mod tests;

/// A token or a delimited group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree<'a> {
    Token(Token<'a>),
    Group(Group<'a>),
}

/// A token: its text and where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// The byte offset in the source.
    pub(crate) start: usize,
}

/// What a token is; punctuation is always a single character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ident,
    Lifetime,
    Literal,
    Punct,
}

/// What stands between two delimiters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group<'a> {
    pub(crate) delimiter: Delimiter,
    pub(crate) trees: Vec<Tree<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delimiter {
    Parenthesis,
    Bracket,
    Brace,
}

/// Text that is not a sequence of balanced Rust tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LexError;

/// Splits source text into trees; comments and documentation comments vanish.
pub(crate) fn lex(source: &str) -> Result<Vec<Tree<'_>>, LexError> {
    let mut cursor = Cursor { source, bytes: source.as_bytes(), at: 0, after_dot: false };
    cursor.skip_preamble();
    let mut open: Vec<(Delimiter, Vec<Tree<'_>>)> = Vec::new();
    let mut trees = Vec::new();
    while let Some(lexeme) = cursor.next_lexeme()? {
        match lexeme {
            Lexeme::Token(token) => trees.push(Tree::Token(token)),
            Lexeme::Open(delimiter) => open.push((delimiter, std::mem::take(&mut trees))),
            Lexeme::Close(delimiter) => {
                let (opened, outer) = open.pop().ok_or(LexError)?;
                if opened != delimiter {
                    return Err(LexError);
                }
                let inner = std::mem::replace(&mut trees, outer);
                trees.push(Tree::Group(Group { delimiter, trees: inner }));
            }
        }
    }
    if open.is_empty() { Ok(trees) } else { Err(LexError) }
}

/// The one-based line of a byte offset.
pub(crate) fn line_of(source: &str, offset: usize) -> usize {
    1 + source[..offset].matches('\n').count()
}

impl<'a> Tree<'a> {
    /// The token's text; empty for a group.
    pub(crate) fn text(&self) -> &'a str {
        match self {
            Self::Token(token) => token.text,
            Self::Group(_) => "",
        }
    }

    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self, Self::Token(token) if token.text == text)
    }

    pub(crate) fn ident(&self) -> Option<&'a str> {
        match self {
            Self::Token(token) if token.kind == Kind::Ident => Some(token.text),
            _ => None,
        }
    }

    pub(crate) fn group(&self, delimiter: Delimiter) -> Option<&[Tree<'a>]> {
        match self {
            Self::Group(group) if group.delimiter == delimiter => Some(&group.trees),
            _ => None,
        }
    }
}

enum Lexeme<'a> {
    Token(Token<'a>),
    Open(Delimiter),
    Close(Delimiter),
}

struct Cursor<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// After a single `.` a number is a tuple index: `pair.0.1` holds no float.
    after_dot: bool,
}

impl<'a> Cursor<'a> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Skips a byte order mark and a `#!` line.
    fn skip_preamble(&mut self) {
        if self.source.starts_with('\u{feff}') {
            self.at += '\u{feff}'.len_utf8();
        }
        let rest = &self.source[self.at..];
        if rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[') {
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn next_lexeme(&mut self) -> Result<Option<Lexeme<'a>>, LexError> {
        self.skip_blank()?;
        let start = self.at;
        if start >= self.bytes.len() {
            return Ok(None);
        }
        let after_dot = std::mem::take(&mut self.after_dot);
        let first = self.bytes[start];
        let kind = match first {
            b'(' => return Ok(Some(self.delimiter(Lexeme::Open(Delimiter::Parenthesis)))),
            b'[' => return Ok(Some(self.delimiter(Lexeme::Open(Delimiter::Bracket)))),
            b'{' => return Ok(Some(self.delimiter(Lexeme::Open(Delimiter::Brace)))),
            b')' => return Ok(Some(self.delimiter(Lexeme::Close(Delimiter::Parenthesis)))),
            b']' => return Ok(Some(self.delimiter(Lexeme::Close(Delimiter::Bracket)))),
            b'}' => return Ok(Some(self.delimiter(Lexeme::Close(Delimiter::Brace)))),
            b'"' => {
                self.quoted(b'"')?;
                Kind::Literal
            }
            b'\'' => self.quote()?,
            b'0'..=b'9' => {
                self.number(after_dot);
                Kind::Literal
            }
            _ if is_word(first) => self.word()?,
            _ => {
                self.after_dot = first == b'.' && (start == 0 || self.bytes[start - 1] != b'.');
                self.at += 1;
                Kind::Punct
            }
        };
        Ok(Some(Lexeme::Token(Token { kind, text: &self.source[start..self.at], start })))
    }

    fn delimiter(&mut self, lexeme: Lexeme<'a>) -> Lexeme<'a> {
        self.at += 1;
        lexeme
    }

    fn skip_blank(&mut self) -> Result<(), LexError> {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.peek(1) == b'/' => {
                    let rest = &self.bytes[self.at..];
                    self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
                }
                b'/' if self.peek(1) == b'*' => self.skip_block_comment()?,
                0x80.. => match self.source[self.at..].chars().next() {
                    Some(blank) if is_pattern_white_space(blank) => self.at += blank.len_utf8(),
                    _ => return Ok(()),
                },
                _ => return Ok(()),
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<(), LexError> {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return Ok(());
                    }
                }
                _ if self.at >= self.bytes.len() => return Err(LexError),
                _ => self.at += 1,
            }
        }
    }

    /// An identifier, or a literal with a prefix: `r"…"`, `b'…'`, `cr#"…"#`, `r#type`.
    fn word(&mut self) -> Result<Kind, LexError> {
        let start = self.at;
        self.skip_word();
        let raw = matches!(&self.source[start..self.at], "r" | "br" | "cr");
        match (&self.source[start..self.at], self.peek(0)) {
            ("b" | "c", b'"') => self.quoted(b'"')?,
            ("b", b'\'') => self.quoted(b'\'')?,
            (_, b'"') if raw => self.raw_string()?,
            (_, b'#') if raw => {
                if is_word(self.peek(1)) {
                    self.at += 1;
                    self.skip_word();
                    return Ok(Kind::Ident);
                }
                if self.peek(1) != b'#' && self.peek(1) != b'"' {
                    return Ok(Kind::Ident);
                }
                self.raw_string()?;
            }
            _ => return Ok(Kind::Ident),
        }
        Ok(Kind::Literal)
    }

    fn raw_string(&mut self) -> Result<(), LexError> {
        let hashes = self.bytes[self.at..].iter().take_while(|byte| **byte == b'#').count();
        self.at += hashes;
        if self.peek(0) != b'"' {
            return Err(LexError);
        }
        loop {
            self.at += 1;
            if self.at >= self.bytes.len() {
                return Err(LexError);
            }
            let end = self.at + 1 + hashes;
            if self.peek(0) == b'"'
                && self.bytes.get(self.at + 1..end).is_some_and(|tail| tail.iter().all(|b| *b == b'#'))
            {
                self.at = end;
                self.skip_word();
                return Ok(());
            }
        }
    }

    fn quoted(&mut self, quote: u8) -> Result<(), LexError> {
        self.at += 1;
        loop {
            match self.peek(0) {
                b'\\' => self.at += 2,
                byte if byte == quote && self.at < self.bytes.len() => {
                    self.at += 1;
                    self.skip_word();
                    return Ok(());
                }
                _ if self.at >= self.bytes.len() => return Err(LexError),
                _ => self.at += 1,
            }
        }
    }

    /// A character or a lifetime.
    fn quote(&mut self) -> Result<Kind, LexError> {
        let mut after = self.source[self.at + 1..].chars();
        let first = after.next().ok_or(LexError)?;
        if first == '\\' || after.next() == Some('\'') {
            self.quoted(b'\'')?;
            return Ok(Kind::Literal);
        }
        self.at += 1;
        if !is_word(self.peek(0)) {
            return Err(LexError);
        }
        self.skip_word();
        if self.peek(0) == b'#' && is_word(self.peek(1)) {
            self.at += 1;
            self.skip_word();
        }
        Ok(Kind::Lifetime)
    }

    fn number(&mut self, is_index: bool) {
        let start = self.at;
        self.skip_word();
        if is_index {
            return;
        }
        if self.peek(0) == b'.'
            && self.peek(1) != b'.'
            && (!is_word(self.peek(1)) || self.peek(1).is_ascii_digit())
        {
            self.at += 1;
            self.skip_word();
        }
        let text = &self.bytes[start..self.at];
        let has_radix = text.len() > 1 && text[0] == b'0' && matches!(text[1], b'x' | b'o' | b'b');
        let has_exponent = !has_radix && matches!(text.last(), Some(b'e' | b'E'));
        if has_exponent && matches!(self.peek(0), b'+' | b'-') && self.peek(1).is_ascii_digit() {
            self.at += 1;
            self.skip_word();
        }
    }

    fn skip_word(&mut self) {
        while is_word(self.peek(0)) {
            self.at += 1;
        }
    }
}

/// Whether a byte belongs to an identifier or a number; which other characters may, rustc decides.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_pattern_white_space(character: char) -> bool {
    matches!(character, '\u{85}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}
