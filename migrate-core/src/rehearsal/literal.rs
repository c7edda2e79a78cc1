//! SQLite's literals, as its function `quote` writes them.

use super::value::Value;

/// The value of a literal.
pub(super) fn value(literal: &str) -> Value {
    let between = |text: &str| text.strip_prefix('\'')?.strip_suffix('\'').map(str::to_owned);
    if literal == "NULL" {
        return Value::Null;
    }
    if let Some(text) = between(literal) {
        return Value::Text(text.replace("''", "'"));
    }
    match literal.strip_prefix(['X', 'x']).and_then(between) {
        Some(digits) => Value::Bytes(digits.to_lowercase()),
        None => Value::Plain(literal.to_owned()),
    }
}

/// A part of a key, written down as JSON, as a literal of either server. `None` for what no column holds.
pub(super) fn of_json(part: &serde_json::Value) -> Option<String> {
    match part {
        serde_json::Value::String(text) if !text.contains('\0') => Some(quoted(text)),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(is_true) => Some(if *is_true { "true" } else { "false" }.to_owned()),
        _ => None,
    }
}

/// A text as a literal.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_literal_is_told_apart() {
        for (literal, expected) in [
            ("NULL", Value::Null),
            ("'NULL'", Value::Text("NULL".to_owned())),
            ("'it''s'", Value::Text("it's".to_owned())),
            ("''", Value::Text(String::new())),
            ("-1.5e10", Value::Plain("-1.5e10".to_owned())),
            ("X'00FF'", Value::Bytes("00ff".to_owned())),
        ] {
            assert_eq!(value(literal), expected, "{literal}");
        }
    }

    #[test]
    fn a_part_of_a_key_cannot_end_its_literal() {
        assert_eq!(of_json(&"a'; --".into()).unwrap(), "'a''; --'");
        assert_eq!(of_json(&(-3).into()).unwrap(), "-3");
        assert_eq!(of_json(&serde_json::Value::Null), None);
    }
}
