//! Literals of Rust.

use crate::scaffold::template::is_plain;

/// A string literal: raw where escapes would make it hard to read.
pub(in crate::alembic) fn text(text: &str) -> String {
    let escapes = |character: char| matches!(character, '"' | '\\' | '\n');
    // rustc denies what changes the direction of text, and a lone carriage return in a raw string.
    if !text.contains(escapes) || !text.chars().all(|character| character == '\n' || is_plain(character)) {
        return format!("{text:?}");
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// A line as a comment may hold it: rustc denies what changes the direction of text.
pub(in crate::alembic) fn comment(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for character in line.chars() {
        if is_plain(character) {
            shown.push(character);
        } else if character == '\t' {
            shown.push_str("    ");
        } else {
            shown.extend(character.escape_unicode());
        }
    }
    shown
}

/// The name of a table, with its schema if it has one.
pub(super) fn name(schema: Option<&str>, name: &str) -> String {
    match schema {
        Some(schema) => format!("({}, {})", text(schema), text(name)),
        None => text(name),
    }
}

/// An array of string literals.
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<_> = items.iter().map(|item| text(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_the_text_again() {
        for (value, expected) in [
            ("plain", r#""plain""#),
            ("it's", r#""it's""#),
            ("say \"so\"", "r#\"say \"so\"\"#"),
            ("\"#", r###"r##""#"##"###),
            ("a\nb", "r\"a\nb\""),
            (r"\d", r#"r"\d""#),
            ("a\rb\n", r#""a\rb\n""#),
            ("\u{202e}\n", r#""\u{202e}\n""#),
        ] {
            assert_eq!(text(value), expected);
            assert_eq!(syn::parse_str::<syn::LitStr>(expected).unwrap().value(), value);
        }
    }
}
