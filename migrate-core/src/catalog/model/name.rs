use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of an object, with its schema where the server has schemas.
///
/// As text, and so as the key of a JSON map: both parts joined by a dot, each in double quotes unless it is made
/// of lower-case ASCII letters, digits and `_` alone and does not begin with a digit. No two names share a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ObjectName {
    /// The schema; `None` on SQLite.
    pub schema: Option<String>,
    /// The name in it.
    pub name: String,
}

/// The name of a function: two that differ in their arguments are two functions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FunctionName {
    /// Its name.
    pub name: ObjectName,
    /// The types of its input arguments as the server writes them, joined by `, `.
    pub arguments: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnName {
    /// The table.
    pub table: ObjectName,
    /// The column.
    pub column: String,
}

/// Text that is not the written form of a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not the name of an object")]
pub struct NameError {
    /// The text.
    pub text: String,
}

impl ObjectName {
    /// A name in a schema.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: Some(schema.into()), name: name.into() }
    }

    /// A name without a schema: all that SQLite has.
    pub fn bare(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }
}

/// Shows a part of a name, in quotes where SQL needs them for its characters.
pub(in crate::catalog) struct Identifier<'n>(pub &'n str);

impl fmt::Display for Identifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_plain(self.0) { f.write_str(self.0) } else { write!(f, "\"{}\"", self.0.replace('"', "\"\"")) }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", Identifier(schema))?;
        }
        Identifier(&self.name).fmt(f)
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name, self.arguments)
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, Identifier(&self.column))
    }
}

impl FromStr for ObjectName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match object_name(text) {
            Some((name, "")) => Ok(name),
            _ => Err(NameError { text: text.to_owned() }),
        }
    }
}

impl FromStr for FunctionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let parsed = object_name(text).and_then(|(name, rest)| {
            let arguments = rest.strip_prefix('(')?.strip_suffix(')')?.to_owned();
            Some(Self { name, arguments })
        });
        parsed.ok_or_else(|| NameError { text: text.to_owned() })
    }
}

impl TryFrom<String> for ObjectName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl TryFrom<String> for FunctionName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<ObjectName> for String {
    fn from(name: ObjectName) -> Self {
        name.to_string()
    }
}

impl From<FunctionName> for String {
    fn from(name: FunctionName) -> Self {
        name.to_string()
    }
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(is_plain_char)
}

fn is_plain_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// Takes one or two identifiers from the start.
fn object_name(text: &str) -> Option<(ObjectName, &str)> {
    let (first, rest) = identifier(text)?;
    match rest.strip_prefix('.') {
        Some(rest) => {
            let (name, rest) = identifier(rest)?;
            Some((ObjectName { schema: Some(first), name }, rest))
        }
        None => Some((ObjectName::bare(first), rest)),
    }
}

fn identifier(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|c| !is_plain_char(c)).unwrap_or(text.len());
        return is_plain(&text[..end]).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_a_name_that_needs_quotes_has_them() {
        let texts = [
            (ObjectName::new("public", "users_2"), "public.users_2"),
            (ObjectName::bare("_x"), "_x"),
            (ObjectName::new("public", "Users"), "public.\"Users\""),
            (ObjectName::bare("2nd"), "\"2nd\""),
            (ObjectName::new("a.b", "c\"d"), "\"a.b\".\"c\"\"d\""),
            (ObjectName::bare(""), "\"\""),
            (ObjectName::bare("größe"), "\"größe\""),
        ];
        for (name, text) in texts {
            assert_eq!(name.to_string(), text);
            assert_eq!(text.parse(), Ok(name));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "A", "a.", ".a", "a.b.c", "\"a", "a b", "a\"", "\"a\"b"] {
            assert_eq!(text.parse::<ObjectName>(), Err(NameError { text: text.to_owned() }));
        }
        for text in ["f", "f(", "f)", "(integer)"] {
            assert_eq!(text.parse::<FunctionName>(), Err(NameError { text: text.to_owned() }));
        }
    }

    fn any_name() -> impl Strategy<Value = ObjectName> {
        let part = prop_oneof!["[a-z_][a-z0-9_]{0,4}", "[a-z.\"() Ä]{0,6}"];
        (proptest::option::of(part.clone()), part).prop_map(|(schema, name)| ObjectName { schema, name })
    }

    proptest! {
        #[test]
        fn a_name_comes_back_from_its_text(name in any_name(), arguments in "[a-z\"(),. ]{0,12}") {
            prop_assert_eq!(name.to_string().parse(), Ok(name.clone()));
            let function = FunctionName { name, arguments };
            prop_assert_eq!(function.to_string().parse(), Ok(function));
        }
    }
}
