//! Defaults that the server gives.

use super::super::python::Expr;
use super::callee::{Callee, callee};
use super::rust::text;
use super::sql::sql;
use super::types::Kind;
use super::{NotPlain, Plain};

/// The argument of `.default(…)` for a `server_default`; `None` for `server_default=None`.
pub(super) fn server_default(value: &Expr, kind: Kind) -> Plain<Option<String>> {
    match value {
        Expr::None => Ok(None),
        Expr::Str(value) => Ok(Some(quoted(value, kind))),
        Expr::Call(call) => match callee(&call.function) {
            Some(Callee::Function(name)) if call.arguments.is_empty() && call.keywords.is_empty() => {
                Ok(Some(match name.to_lowercase().as_str() {
                    "current_timestamp" | "current_date" | "current_time" | "localtimestamp"
                    | "current_user" => {
                        format!("expression({})", text(&name.to_uppercase()))
                    }
                    _ => expression(&format!("{name}()"), kind),
                }))
            }
            Some(Callee::Sqlalchemy(name)) if name == "true" || name == "false" => Ok(Some(name)),
            _ => Ok(Some(expression(&sql(value)?, kind))),
        },
        other => Err(NotPlain::new(format_args!("{other} as `server_default`"))),
    }
}

/// A literal in quotes: the server reads it as the column's type. Numbers and truths are the same without them.
fn quoted(value: &str, kind: Kind) -> String {
    match kind {
        Kind::Integer => {
            value.trim().parse::<i32>().map_or_else(|_| text(value), |number| number.to_string())
        }
        Kind::Boolean => match value.to_lowercase().as_str() {
            "true" | "t" | "1" => "true".to_owned(),
            "false" | "f" | "0" => "false".to_owned(),
            _ => text(value),
        },
        _ => text(value),
    }
}

/// An expression, or what it plainly is: a number, a truth, a text, the time, a random UUID.
fn expression(sql: &str, kind: Kind) -> String {
    let sql = sql.trim();
    let lower = sql.to_lowercase();
    match lower.as_str() {
        "now()" => return "now()".to_owned(),
        "gen_random_uuid()" => return "random_uuid()".to_owned(),
        "true" | "false" if kind == Kind::Boolean => return lower,
        _ => {}
    }
    if kind.serial().is_some() && sql.parse::<i64>().is_ok_and(|number| number.to_string() == sql) {
        return sql.to_owned();
    }
    let literal = sql.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match literal.filter(|inner| !inner.contains(['\'', '\\'])) {
        Some(inner) if kind != Kind::Json => text(inner),
        _ => format!("expression({})", text(sql)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_plainly_is() {
        for (sql, kind, expected) in [
            ("now()", Kind::Other, "now()"),
            ("CURRENT_TIMESTAMP", Kind::Other, r#"expression("CURRENT_TIMESTAMP")"#),
            ("0", Kind::Integer, "0"),
            ("0", Kind::Other, r#"expression("0")"#),
            ("FALSE", Kind::Boolean, "false"),
            ("'a'", Kind::Other, r#""a""#),
            ("'it''s'", Kind::Other, r#"expression("'it''s'")"#),
            ("'a' || 'b'", Kind::Other, r#"expression("'a' || 'b'")"#),
            ("'{}'::jsonb", Kind::Json, r#"expression("'{}'::jsonb")"#),
        ] {
            assert_eq!(expression(sql, kind), expected, "{sql}");
        }
    }
}
