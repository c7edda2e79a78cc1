//! Literals of Python: what `repr` prints of dictionaries, lists, texts, numbers, `True`, `False` and `None`.
//!
//! Nothing else is read, and nothing is run: a call or a name is an error.

use serde_json::{Map, Number, Value};

/// Why a text is no literal.
#[derive(Debug, thiserror::Error)]
#[error("neither JSON nor a Python literal: {what} at character {at}")]
pub(super) struct NoLiteral {
    what: &'static str,
    at: usize,
}

/// Deeper than any that there is; so a hostile text cannot use up the stack.
const DEEPEST: u32 = 64;

/// Reads a literal.
pub(super) fn literal(text: &str) -> Result<Value, NoLiteral> {
    let mut reader = Reader { text: text.chars().collect(), at: 0, depth: 0 };
    let value = reader.value()?;
    reader.blanks();
    if reader.at < reader.text.len() { Err(reader.error("something more")) } else { Ok(value) }
}

struct Reader {
    text: Vec<char>,
    at: usize,
    depth: u32,
}

impl Reader {
    fn value(&mut self) -> Result<Value, NoLiteral> {
        self.blanks();
        match self.peek() {
            Some('{') => self.nested(Self::dictionary),
            Some('[') => self.nested(|reader| reader.list(']')),
            Some('(') => self.nested(|reader| reader.list(')')),
            Some('\'' | '"') => self.text().map(Value::String),
            Some('-' | '0'..='9') => self.number(),
            _ => self.word(),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, NoLiteral>,
    ) -> Result<Value, NoLiteral> {
        if self.depth == DEEPEST {
            return Err(self.error("too much nesting"));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn dictionary(&mut self) -> Result<Value, NoLiteral> {
        let mut entries = Map::new();
        while !self.take('}') {
            let key = self.text()?;
            if !self.take(':') {
                return Err(self.error("no `:`"));
            }
            let value = self.value()?;
            entries.insert(key, value);
            self.next_or('}')?;
        }
        Ok(Value::Object(entries))
    }

    fn list(&mut self, end: char) -> Result<Value, NoLiteral> {
        let mut values = Vec::new();
        while !self.take(end) {
            values.push(self.value()?);
            self.next_or(end)?;
        }
        Ok(Value::Array(values))
    }

    /// A comma, or the end without taking it.
    fn next_or(&mut self, end: char) -> Result<(), NoLiteral> {
        self.blanks();
        if self.take(',') || self.peek() == Some(end) { Ok(()) } else { Err(self.error("no `,`")) }
    }

    fn text(&mut self) -> Result<String, NoLiteral> {
        self.blanks();
        let Some(quote @ ('\'' | '"')) = self.peek() else { return Err(self.error("no text")) };
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.next()? {
                '\\' => text.push(self.escape()?),
                character if character == quote => return Ok(text),
                character => text.push(character),
            }
        }
    }

    fn escape(&mut self) -> Result<char, NoLiteral> {
        let digits = match self.next()? {
            'n' => return Ok('\n'),
            't' => return Ok('\t'),
            'r' => return Ok('\r'),
            character @ ('\\' | '\'' | '"') => return Ok(character),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return Err(self.error("an unknown escape")),
        };
        let mut code = 0;
        for _ in 0..digits {
            let digit = self.next()?.to_digit(16).ok_or_else(|| self.error("no hexadecimal digit"))?;
            code = code * 16 + digit;
        }
        char::from_u32(code).ok_or_else(|| self.error("no character"))
    }

    fn number(&mut self) -> Result<Value, NoLiteral> {
        let is_part = |character: &char| matches!(character, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
        let number: String = self.text[self.at..].iter().take_while(|character| is_part(character)).collect();
        self.at += number.len();
        number.parse::<Number>().map(Value::Number).map_err(|_| self.error("no number"))
    }

    fn word(&mut self) -> Result<Value, NoLiteral> {
        for (word, value) in [("True", true.into()), ("False", false.into()), ("None", Value::Null)] {
            if self.text[self.at..].iter().copied().take(word.len()).eq(word.chars()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error("no value"))
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, character: char) -> bool {
        self.blanks();
        let found = self.peek() == Some(character);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Result<char, NoLiteral> {
        let character = self.peek().ok_or_else(|| self.error("the end"))?;
        self.at += 1;
        Ok(character)
    }

    fn error(&self, what: &'static str) -> NoLiteral {
        NoLiteral { what, at: self.at }
    }
}
