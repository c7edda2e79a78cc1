//! A type as SQL writes it, in any of its spellings.

use crate::operation::Name;

/// A type: `character varying(100)[]` and `varchar(100)[]` are the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlType {
    /// Its name; the server's own are without schema and in one spelling.
    pub(super) name: Name,
    /// What stands in parentheses.
    pub(super) modifiers: Vec<i64>,
    /// Whether it is an array; the server does not distinguish more.
    pub(super) array: bool,
}

impl SqlType {
    pub(super) fn parse(text: &str) -> Self {
        let mut text = text.trim();
        let mut array = false;
        while let Some((before, _)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
            (text, array) = (before.trim_end(), true);
        }
        let (name, modifiers) = take_modifiers(text);
        let name = parse_name(&name);
        // The extension `citext` is in a schema of the user's choice, and the one that has rules of its own.
        let own = matches!(name.schema.as_deref(), None | Some("pg_catalog")) || name.name == "citext";
        let name = if own { Name { schema: None, name: spelled(&name.name).to_owned() } } else { name };
        let modifiers = match (name.name.as_str(), &modifiers[..]) {
            // `char` and `bit` mean one; a precision means no digits after the point.
            ("character" | "bit", []) if own => vec![1],
            ("numeric", [precision]) if own => vec![*precision, 0],
            _ => modifiers,
        };
        Self { name, modifiers, array }
    }

    /// The name of a type of the server's own that is no array.
    pub(super) fn base(&self) -> Option<&str> {
        (self.name.schema.is_none() && !self.array).then_some(self.name.name.as_str())
    }
}

/// The name, and the numbers in parentheses, which may stand in the middle: `timestamp(3) with time zone`.
fn take_modifiers(text: &str) -> (String, Vec<i64>) {
    // A parenthesis in a quoted name is no modifier.
    if text.contains('"') && !text.ends_with(')') {
        return (text.to_owned(), Vec::new());
    }
    let Some((before, rest)) = text.rsplit_once('(') else { return (text.to_owned(), Vec::new()) };
    let Some((inside, after)) = rest.split_once(')') else { return (text.to_owned(), Vec::new()) };
    let numbers: Option<Vec<_>> = inside.split(',').map(|number| number.trim().parse().ok()).collect();
    let name = format!("{} {}", before.trim(), after.trim());
    (name.trim().to_owned(), numbers.unwrap_or_default())
}

fn parse_name(text: &str) -> Name {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = end_of_quotes(quoted);
            (quoted[..end].replace("\"\"", "\""), quoted.get(end + 1..).unwrap_or_default())
        } else {
            let end = rest.find('.').unwrap_or(rest.len());
            let words: Vec<_> = rest[..end].split_whitespace().map(str::to_lowercase).collect();
            (words.join(" "), &rest[end..])
        };
        parts.push(part);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None => break,
        }
    }
    let name = parts.pop().unwrap_or_default();
    Name { schema: parts.pop(), name }
}

fn end_of_quotes(text: &str) -> usize {
    let mut from = 0;
    while let Some(found) = text[from..].find('"') {
        let at = from + found;
        if !text[at + 1..].starts_with('"') {
            return at;
        }
        from = at + 2;
    }
    text.len()
}

/// The one spelling of a type of the server's own.
fn spelled(name: &str) -> &str {
    match name {
        "bool" => "boolean",
        "int2" => "smallint",
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float" | "float8" => "double precision",
        "decimal" | "dec" => "numeric",
        "varchar" => "character varying",
        "char" => "character",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        "varbit" => "bit varying",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, Vec<i64>, bool) {
        let SqlType { name, modifiers, array } = SqlType::parse(text);
        (name.to_string(), modifiers, array)
    }

    #[test]
    fn spellings_of_a_type_are_one_type() {
        for (one, other) in [
            ("varchar(50)", "character varying(50)"),
            ("int4", "integer"),
            ("\"pg_catalog\".\"int4\"", "INTEGER"),
            ("numeric(10)", "decimal(10, 0)"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("varchar(10)[][]", "character varying(10)[]"),
            ("char", "character(1)"),
            ("\"app\".\"mood\"", "app.mood"),
        ] {
            assert_eq!(SqlType::parse(one), SqlType::parse(other), "{one} {other}");
        }
        assert_ne!(SqlType::parse("\"Mood\""), SqlType::parse("Mood"));
        assert_eq!(parsed("\"a\"\".b\".\"c d\"[]"), ("a\".b.c d".to_owned(), vec![], true));
    }
}
