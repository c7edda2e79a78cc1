/// A value of a column, as the database writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// NULL.
    Null,
    /// A text, and whatever else PostgreSQL writes as one: a date, an array, a UUID.
    Text(String),
    /// What needs no quotes to be told from a text: a number, a boolean.
    Plain(String),
    /// A value of the types `json` and `jsonb`.
    Json(String),
    /// Bytes, in hexadecimal digits.
    Bytes(String),
}

impl Value {
    /// A value of PostgreSQL from its text and its type.
    pub(crate) fn of_type(type_: &str, text: Option<String>) -> Self {
        let Some(text) = text else { return Self::Null };
        // `numeric(10,2)`, `timestamp with time zone`: the first word decides.
        let first = type_.split(['(', ' ']).next().unwrap_or_default();
        match first {
            _ if type_.ends_with(']') => Self::Text(text),
            "smallint" | "integer" | "bigint" | "numeric" | "real" | "double" | "oid" | "boolean" => {
                Self::Plain(if first == "boolean" { spoken(&text) } else { text })
            }
            "json" | "jsonb" => Self::Json(text),
            "bytea" => Self::Bytes(text.strip_prefix("\\x").unwrap_or(&text).to_owned()),
            _ => Self::Text(text),
        }
    }

    /// What the database wrote; `None` for NULL.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Text(text) | Self::Plain(text) | Self::Json(text) | Self::Bytes(text) => Some(text),
        }
    }
}

fn spoken(boolean: &str) -> String {
    match boolean {
        "t" => "true",
        "f" => "false",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_tells_how_a_text_is_meant() {
        let value = |type_: &str, text: &str| Value::of_type(type_, Some(text.to_owned()));
        assert_eq!(value("numeric(10,2)", "1.50"), Value::Plain("1.50".to_owned()));
        assert_eq!(value("double precision", "1e10"), Value::Plain("1e10".to_owned()));
        assert_eq!(value("boolean", "true"), Value::Plain("true".to_owned()));
        assert_eq!(value("integer[]", "{1,2}"), Value::Text("{1,2}".to_owned()));
        assert_eq!(value("text", "NULL"), Value::Text("NULL".to_owned()));
        assert_eq!(value("jsonb", "{}"), Value::Json("{}".to_owned()));
        assert_eq!(value("bytea", "\\x00ff"), Value::Bytes("00ff".to_owned()));
        assert_eq!(Value::of_type("integer", None), Value::Null);
    }
}
