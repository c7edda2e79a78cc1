//! Names and literals as each server spells them.

use std::fmt::Write as _;

use crate::connection::Dialect;
use crate::operation::error::{NameFault, OperationError};
use crate::operation::naming::LONGEST_NAME;
use crate::operation::{Name, Value};

/// Quotes names and literals for one dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quote(pub(crate) Dialect);

impl Quote {
    /// A name in the quotes of the dialect; always quoted, so that case and reserved words never matter.
    pub(crate) fn name(self, name: &str) -> Result<String, OperationError> {
        if let Some(reason) = self.fault(name) {
            return Err(OperationError::Name { name: name.to_owned(), dialect: self.0, reason });
        }
        Ok(match self.0 {
            Dialect::Mysql => format!("`{}`", name.replace('`', "``")),
            Dialect::Postgres | Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
        })
    }

    fn fault(self, name: &str) -> Option<NameFault> {
        let too_long =
            |length, longest| (length > longest).then_some(NameFault::TooLong { bytes: length, longest });
        if name.is_empty() {
            return Some(NameFault::Empty);
        }
        if name.contains('\0') {
            return Some(NameFault::ZeroByte);
        }
        match self.0 {
            Dialect::Postgres => too_long(name.len(), LONGEST_NAME),
            Dialect::Mysql if name.ends_with(' ') => Some(NameFault::TrailingSpace),
            Dialect::Mysql if name.contains(|character| character > '\u{ffff}') => {
                Some(NameFault::BeyondThreeBytes)
            }
            Dialect::Mysql => too_long(name.chars().count(), 64),
            Dialect::Sqlite => {
                let reserved = name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_"));
                reserved.then_some(NameFault::Reserved)
            }
        }
    }

    /// A name with its schema.
    pub(crate) fn qualified(self, name: &Name) -> Result<String, OperationError> {
        match &name.schema {
            Some(schema) => Ok(format!("{}.{}", self.name(schema)?, self.name(&name.name)?)),
            None => self.name(&name.name),
        }
    }

    /// Names in parentheses, separated by commas.
    pub(crate) fn list<S: AsRef<str>>(self, names: &[S]) -> Result<String, OperationError> {
        let names: Vec<_> = names.iter().map(|name| self.name(name.as_ref())).collect::<Result<_, _>>()?;
        Ok(format!("({})", names.join(", ")))
    }

    /// A text literal. What it means depends on no setting of the session.
    pub(crate) fn text(self, text: &str) -> Result<String, OperationError> {
        if text.contains('\0') && self.0 != Dialect::Mysql {
            return Err(OperationError::Malformed {
                operation: "write a text".to_owned(),
                reason: format!("{} keeps no zero byte in a text", self.0),
            });
        }
        let doubled = text.replace('\'', "''");
        Ok(match self.0 {
            // With `standard_conforming_strings` off a backslash would be an escape, so it is made one.
            Dialect::Postgres if text.contains('\\') => format!("E'{}'", doubled.replace('\\', "\\\\")),
            Dialect::Mysql if text.contains('\\') || text.contains('\0') => {
                // As bytes, for what a backslash means depends on `sql_mode`.
                format!("CONVERT({} USING utf8mb4)", self.bytes(text.as_bytes()))
            }
            _ => format!("'{doubled}'"),
        })
    }

    /// A literal of bytes.
    pub(crate) fn bytes(self, bytes: &[u8]) -> String {
        let hex = hex(bytes);
        match self.0 {
            // With the escape written out it means the same whatever `standard_conforming_strings` is.
            Dialect::Postgres => format!("E'\\\\x{hex}'::bytea"),
            Dialect::Sqlite | Dialect::Mysql => format!("x'{hex}'"),
        }
    }

    /// A literal.
    pub(crate) fn value(self, value: &Value) -> Result<String, OperationError> {
        Ok(match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Value::Integer(value) => value.to_string(),
            Value::Double(value) if value.is_finite() => format!("{value:?}"),
            Value::Double(value) => return Err(unfit(format!("{value} is not a finite number"))),
            Value::Text(text) => self.text(text)?,
            Value::Binary(bytes) => self.bytes(bytes),
            Value::Array(values) => self.array(values)?,
        })
    }

    /// An array as the text that PostgreSQL reads one from, so that it fits every type of elements.
    fn array(self, values: &[Value]) -> Result<String, OperationError> {
        if self.0 != Dialect::Postgres {
            return Err(unfit(format!("{} has no arrays", self.0)));
        }
        self.text(&self.array_text(values)?)
    }

    fn array_text(self, values: &[Value]) -> Result<String, OperationError> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let element = |value: &Value| match value {
            Value::Text(text) => Ok(quoted(text)),
            Value::Binary(bytes) => Ok(quoted(&format!("\\x{}", hex(bytes)))),
            Value::Array(values) => self.array_text(values),
            plain => self.value(plain),
        };
        let values: Vec<_> = values.iter().map(element).collect::<Result<_, _>>()?;
        Ok(format!("{{{}}}", values.join(",")))
    }
}

fn unfit(reason: String) -> OperationError {
    OperationError::Malformed { operation: "write a literal".to_owned(), reason }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_as_each_server_does_it() {
        assert_eq!(Quote(Dialect::Postgres).name("a\"b").unwrap(), r#""a""b""#);
        assert_eq!(Quote(Dialect::Sqlite).name("select").unwrap(), "\"select\"");
        assert_eq!(Quote(Dialect::Mysql).name("a`b").unwrap(), "`a``b`");
    }

    #[test]
    fn a_name_that_a_server_would_cut_is_an_error() {
        let long = "é".repeat(32);
        let fault = |dialect, name: &str| Quote(dialect).name(name).err().map(|error| error.to_string());
        assert_eq!(
            fault(Dialect::Postgres, &long).unwrap(),
            format!("`{long}` is no name for PostgreSQL: it has 64 bytes, and 63 are kept")
        );
        assert_eq!(fault(Dialect::Mysql, &long), None);
        assert_eq!(fault(Dialect::Sqlite, &long), None);
        assert_eq!(
            fault(Dialect::Sqlite, "sqlite_stat").unwrap(),
            "`sqlite_stat` is no name for SQLite: the server reserves it"
        );
    }

    #[test]
    fn a_name_that_mysql_would_change_is_an_error() {
        for name in ["a ", "a🦀"] {
            assert!(Quote(Dialect::Mysql).name(name).is_err(), "{name}");
            assert!(Quote(Dialect::Postgres).name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_backslash_means_itself_whatever_the_session_says() {
        assert_eq!(Quote(Dialect::Postgres).text(r"C:\n'x").unwrap(), r"E'C:\\n''x'");
        assert_eq!(Quote(Dialect::Postgres).bytes(b"\x00A"), r"E'\\x0041'::bytea");
        let array = Value::from([Some(r#"a\"b"#), None]);
        assert_eq!(Quote(Dialect::Postgres).value(&array).unwrap(), r#"E'{"a\\\\\\"b",NULL}'"#);
        assert_eq!(Quote(Dialect::Sqlite).text(r"C:\n").unwrap(), r"'C:\n'");
        assert_eq!(Quote(Dialect::Mysql).text(r"\").unwrap(), "CONVERT(x'5c' USING utf8mb4)");
    }
}
