//! SQLite's tokens.
//!
//! Follows `sqlite3GetToken` of SQLite 3.53: what is a word there is a word here, and what is illegal there is an
//! error here.

use std::ops::Range;

use super::name;

/// One token of an SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'s> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text, as written.
    pub text: &'s str,
    /// Where it begins, in bytes.
    pub start: usize,
}

/// The kinds of tokens that matter to whoever reads a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// A comment to the end of its line, without the line feed.
    LineComment,
    /// A comment between `/*` and `*/`, or to the end of the text.
    BlockComment,
    /// A bare word: a name or a keyword.
    Word,
    /// A name in `""`, `[]` or ` `` `.
    QuotedName,
    /// A string in `''`, which SQLite also takes for a name where only a name can stand.
    String,
    /// A number.
    Number,
    /// A blob literal.
    Blob,
    /// An operator or a punctuation mark.
    Mark,
}

impl Token<'_> {
    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Its place in the text.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end()
    }

    /// Whether it is the given keyword, in capitals or not.
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it is the given mark.
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == TokenKind::Mark && self.text == mark
    }

    /// Whether it says nothing: white space or a comment.
    pub fn is_trivia(&self) -> bool {
        matches!(self.kind, TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment)
    }

    /// Whether it can stand for something with this name (ASCII letters in either case, as SQLite compares).
    pub fn names(&self, wanted: &str) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::QuotedName)
            && name::same(&name::unquote(self.text), wanted)
    }
}

/// A text that SQLite's tokenizer would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {at}")]
pub struct TokenError {
    /// What is wrong.
    pub problem: &'static str,
    /// Where, in bytes.
    pub at: usize,
}

/// Takes a text apart; put together again the tokens are the text.
pub fn tokens(sql: &str) -> Result<Vec<Token<'_>>, TokenError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < sql.len() {
        let (kind, length) = next(&sql[at..]).map_err(|problem| TokenError { problem, at })?;
        tokens.push(Token { kind, text: &sql[at..at + length], start: at });
        at += length;
    }
    Ok(tokens)
}

/// The tokens that say something.
pub fn meaningful(sql: &str) -> Result<Vec<Token<'_>>, TokenError> {
    let mut tokens = tokens(sql)?;
    tokens.retain(|token| !token.is_trivia());
    Ok(tokens)
}

/// The kind and the length of the token that a text begins with.
fn next(rest: &str) -> Result<(TokenKind, usize), &'static str> {
    let bytes = rest.as_bytes();
    let second = bytes.get(1).copied().unwrap_or(0);
    match bytes[0] {
        byte if is_space(byte) => Ok((TokenKind::Space, length_while(bytes, is_space))),
        b'-' if second == b'-' => Ok((TokenKind::LineComment, length_while(bytes, |byte| byte != b'\n'))),
        b'/' if second == b'*' => {
            let end = rest.get(2..).and_then(|inner| inner.find("*/")).map_or(rest.len(), |end| end + 4);
            Ok((TokenKind::BlockComment, end))
        }
        b'\'' => Ok((TokenKind::String, quoted(bytes, b'\'')?)),
        quote @ (b'"' | b'`') => Ok((TokenKind::QuotedName, quoted(bytes, quote)?)),
        b'[' => match rest.find(']') {
            Some(end) => Ok((TokenKind::QuotedName, end + 1)),
            None => Err("a quoted name without an end"),
        },
        b'x' | b'X' if second == b'\'' => blob(bytes).map(|length| (TokenKind::Blob, length)),
        b'0'..=b'9' => number(bytes).map(|length| (TokenKind::Number, length)),
        b'.' if second.is_ascii_digit() => number(bytes).map(|length| (TokenKind::Number, length)),
        _ if rest.starts_with('\u{feff}') => Ok((TokenKind::Space, '\u{feff}'.len_utf8())),
        b'$' => Err("a parameter"),
        byte if is_word(byte) => Ok((TokenKind::Word, length_while(bytes, is_word))),
        _ => mark(bytes).map(|length| (TokenKind::Mark, length)),
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}

/// Whether a byte can be in a bare word. Every byte of a character beyond ASCII can.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn length_while(bytes: &[u8], test: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| test(**byte)).count()
}

/// The length of a quoted text, in which the quotation mark itself stands twice.
fn quoted(bytes: &[u8], quote: u8) -> Result<usize, &'static str> {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        if *byte != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Ok(at + 1);
        }
    }
    Err(if quote == b'\'' { "a string without an end" } else { "a quoted name without an end" })
}

fn blob(bytes: &[u8]) -> Result<usize, &'static str> {
    let digits = length_while(&bytes[2..], |byte| byte.is_ascii_hexdigit());
    if digits.is_multiple_of(2) && bytes.get(digits + 2) == Some(&b'\'') {
        Ok(digits + 3)
    } else {
        Err("a blob that is not hexadecimal")
    }
}

fn number(bytes: &[u8]) -> Result<usize, &'static str> {
    let digits = |from: usize| length_while(&bytes[from..], |byte| byte.is_ascii_digit() || byte == b'_');
    let is_hex = bytes[0] == b'0'
        && matches!(bytes.get(1), Some(b'x' | b'X'))
        && bytes.get(2).is_some_and(u8::is_ascii_hexdigit);
    let mut at = if is_hex {
        2 + length_while(&bytes[2..], |byte| byte.is_ascii_hexdigit() || byte == b'_')
    } else {
        digits(0)
    };
    if !is_hex {
        if bytes.get(at) == Some(&b'.') {
            at += 1;
            at += digits(at);
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
                at += 1 + sign;
                at += digits(at);
            }
        }
    }
    if bytes.get(at).is_some_and(|byte| is_word(*byte)) { Err("a malformed number") } else { Ok(at) }
}

fn mark(bytes: &[u8]) -> Result<usize, &'static str> {
    const MARKS: &[&str] = &[
        "->>", "->", "||", "<=", "<>", "<<", ">=", ">>", "!=", "==", "(", ")", ",", ".", ";", "+", "-", "*",
        "/", "%", "=", "<", ">", "&", "|", "~",
    ];
    let found = MARKS.iter().find(|mark| bytes.starts_with(mark.as_bytes()));
    match (found, bytes[0]) {
        (Some(mark), _) => Ok(mark.len()),
        (None, b'?' | b'@' | b':' | b'#') => Err("a parameter"),
        _ => Err("a character that has no meaning"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokens(sql).unwrap().into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn quotes_comments_and_numbers_end_where_they_end_for_sqlite() {
        use TokenKind::*;
        assert_eq!(kinds("a''''\"b\"\"c\""), [(Word, "a"), (String, "''''"), (QuotedName, "\"b\"\"c\"")]);
        assert_eq!(
            kinds("[a b]`c``d`--x\n/*y*/1.5e-3 0xFF x'0aFF'"),
            [
                (QuotedName, "[a b]"),
                (QuotedName, "`c``d`"),
                (LineComment, "--x"),
                (Space, "\n"),
                (BlockComment, "/*y*/"),
                (Number, "1.5e-3"),
                (Space, " "),
                (Number, "0xFF"),
                (Space, " "),
                (Blob, "x'0aFF'"),
            ]
        );
        assert_eq!(kinds("/* never ends"), [(BlockComment, "/* never ends")]);
        assert_eq!(kinds("/*/ x */y"), [(BlockComment, "/*/ x */"), (Word, "y")]);
        assert_eq!(kinds("a$1_é->>'b'"), [(Word, "a$1_é"), (Mark, "->>"), (String, "'b'")]);
    }

    #[test]
    fn what_sqlite_would_not_read_is_refused_with_its_place() {
        for (sql, at) in
            [("a 'b", 2), ("\"b", 0), ("[b", 0), ("x'0'", 0), ("12ab", 0), ("a > ?1", 4), ("a !", 2)]
        {
            assert_eq!(tokens(sql).unwrap_err().at, at, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn tokens_put_together_are_the_text(sql in "[a-z0-9 '\"\\[\\]`(),.\\-/*\\nxé]{0,40}") {
            if let Ok(tokens) = tokens(&sql) {
                let joined: String = tokens.iter().map(|token| token.text).collect();
                prop_assert_eq!(joined, sql);
            }
        }
    }
}
