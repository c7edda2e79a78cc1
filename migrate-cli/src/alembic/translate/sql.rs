//! SQL within Python: texts, and the marks for parameters in them.

use super::super::python::{Call, Expr};
use super::callee::{Callee, callee};
use super::{NotPlain, Plain};

/// The SQL of a string, of `sa.text(…)` or of `sa.literal_column(…)`.
pub(super) fn sql(expression: &Expr) -> Plain<String> {
    match expression {
        Expr::Str(text) => unmarked(text),
        Expr::Call(call) => of_call(call, expression),
        other => Err(NotPlain::new(format_args!("{other} as SQL"))),
    }
}

fn of_call(call: &Call, expression: &Expr) -> Plain<String> {
    // What older SQLAlchemy asked for to commit by itself; within a migration it says nothing.
    if let Expr::Attribute(statement, method) = &call.function
        && method == "execution_options"
        && call.arguments.is_empty()
        && call.keywords.iter().all(|(name, _)| name == "autocommit")
    {
        return sql(statement);
    }
    let Some(Callee::Sqlalchemy(name)) = callee(&call.function) else {
        return Err(NotPlain::new(format_args!("{expression} as SQL")));
    };
    match (name.as_str(), call.arguments.as_slice(), call.keywords.as_slice()) {
        ("text", [Expr::Str(text)], []) => unmarked(text),
        ("literal_column", [Expr::Str(text)], []) => Ok(text.clone()),
        ("DDL", [Expr::Str(text)], []) if !text.contains('%') => Ok(text.clone()),
        ("text" | "literal_column" | "DDL", [inner], []) => {
            Err(NotPlain::new(format_args!("{inner} as SQL")))
        }
        _ => Err(NotPlain::new(format_args!("{expression} as SQL"))),
    }
}

/// A text as SQLAlchemy reads it: `\:` is a colon, `:name` a parameter, which nothing would be bound to here.
fn unmarked(text: &str) -> Plain<String> {
    let characters: Vec<char> = text.chars().collect();
    let is_word = |character: Option<&char>| character.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let mut plain = String::with_capacity(text.len());
    for (at, &character) in characters.iter().enumerate() {
        let (before, next) = (at.checked_sub(1).map(|at| &characters[at]), characters.get(at + 1));
        if character == '\\' && next == Some(&':') {
            continue;
        }
        let starts = !matches!(before, Some(':' | '\\')) && !is_word(before);
        if character == ':' && starts && is_word(next) {
            let name: String = characters[at + 1..].iter().take_while(|c| is_word(Some(c))).collect();
            if characters.get(at + 1 + name.chars().count()) != Some(&':') {
                return Err(NotPlain::new(format_args!("the parameter `:{name}` in SQL")));
            }
        }
        plain.push(character);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_are_read_as_sqlalchemy_does() {
        for (text, expected) in [
            ("SELECT '12:30', a::int, '{\"a\": 1}'", Ok("SELECT '12:30', a::int, '{\"a\": 1}'")),
            (r#"'{"a"\:1}'"#, Ok(r#"'{"a":1}'"#)),
            ("WHERE id = :id", Err("the parameter `:id` in SQL")),
            (r#"'{"a":1}'"#, Err("the parameter `:1` in SQL")),
        ] {
            let expected = expected.map(str::to_owned).map_err(NotPlain::new);
            assert_eq!(sql(&Expr::Str(text.to_owned())), expected);
        }
    }
}
