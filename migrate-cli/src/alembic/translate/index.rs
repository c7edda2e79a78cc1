//! Indexes.

use std::fmt::Write as _;

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::callee::is_sqlalchemy;
use super::naming::truncated;
use super::rust::{list, name, text};
use super::sql::sql;
use super::step::Step;
use super::{NotPlain, Plain};

/// The name that SQLAlchemy gives to the index of a column with `index=True`.
pub(super) fn name_of_column(table: &str, schema: Option<&str>, column: &str) -> String {
    let prefix = schema.map(|schema| format!("{}_", schema.replace('.', "_"))).unwrap_or_default();
    truncated(&format!("ix_{prefix}{table}_{column}"))
}

/// `Index("name", "column", …)` within `create_table`, as the argument of `.with_index(…)`.
pub(super) fn of_table(call: &Call) -> Plain<String> {
    let mut arguments = Arguments::of(call);
    let name = arguments.text(0, "name")?;
    let keys = arguments.rest(1);
    let (keys, rest) = keys_and_rest(&mut arguments, &keys)?;
    arguments.finish()?;
    if rest.concurrently {
        return Err(NotPlain::new("an index that is built concurrently with its table"));
    }
    Ok(format!("index({}).keys({keys}){}", text(&name), rest.rust))
}

/// `op.create_index(name, table, columns, …)`
pub(super) fn create(call: &Call, batch: Option<&str>) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let index = arguments.text(0, "index_name")?;
    let next = usize::from(batch.is_none());
    let table = if let Some(table) = batch {
        table.to_owned()
    } else {
        let table = arguments.text(1, "table_name")?;
        name(arguments.optional_text(None, "schema")?.as_deref(), &table)
    };
    let columns: Vec<&Expr> = match arguments.take(1 + next, "columns") {
        Some(Expr::List(columns)) => columns.iter().collect(),
        Some(other) => return Err(arguments.unexpected("columns", other)),
        None => return Err(NotPlain::new("an index of nothing")),
    };
    let (keys, options) = keys_and_rest(&mut arguments, &columns)?;
    arguments.finish()?;
    let rust = format!("cx.create_index(index({}).on({table}, {keys}){})", text(&index), options.rust);
    Ok(if options.concurrently { Step::outside(rust) } else { Step::statement(rust) })
}

/// `op.drop_index(name, table_name=…, …)`
pub(super) fn drop(call: &Call, batch: Option<&str>) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let index = arguments.text(0, "index_name")?;
    let table = match batch {
        Some(_) => None,
        None => arguments.optional_text(1, "table_name")?,
    };
    let schema = arguments.optional_text(None, "schema")?;
    let if_exists = arguments.flag("if_exists")? == Some(true);
    let concurrently = arguments.flag("postgresql_concurrently")? == Some(true);
    // What the index was, for Alembic to build it again.
    for option in ["using", "where", "ops", "include", "with", "nulls_not_distinct", "tablespace"] {
        arguments.keyword(&format!("postgresql_{option}"));
        arguments.keyword(&format!("sqlite_{option}"));
    }
    arguments.ignore(&["unique"]);
    arguments.finish()?;
    let table = match (batch, table) {
        (Some(table), _) => table.to_owned(),
        (None, Some(table)) => name(schema.as_deref(), &table),
        // PostgreSQL finds an index by its own name.
        (None, None) => {
            let words = if concurrently { "CONCURRENTLY " } else { "" };
            let exists = if if_exists { "IF EXISTS " } else { "" };
            let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
            let full = schema.iter().chain([&index]).map(quoted).collect::<Vec<_>>().join(".");
            let rust = format!("cx.execute({})", text(&format!("DROP INDEX {words}{exists}{full}")));
            return Ok(if concurrently { Step::outside(rust) } else { Step::statement(rust) });
        }
    };
    let dropped = match (if_exists, concurrently) {
        (false, false) => text(&index),
        (true, false) => format!("if_exists({})", text(&index)),
        (false, true) => format!("concurrently({})", text(&index)),
        (true, true) => format!("concurrently({}).if_exists()", text(&index)),
    };
    let rust = format!("cx.drop_index({dropped}, {table})");
    Ok(if concurrently { Step::outside(rust) } else { Step::statement(rust) })
}

/// What follows the keys.
struct Rest {
    rust: String,
    concurrently: bool,
}

/// The keys, and whatever else an index has.
fn keys_and_rest(arguments: &mut Arguments<'_>, columns: &[&Expr]) -> Plain<(String, Rest)> {
    let classes = match arguments.keyword("postgresql_ops") {
        None => Vec::new(),
        Some(Expr::Dict(pairs)) => pairs
            .iter()
            .map(|pair| match pair {
                (Expr::Str(column), Expr::Str(class)) => Ok((column.clone(), class.clone())),
                _ => Err(NotPlain::new("an operator class of something that is no column")),
            })
            .collect::<Plain<_>>()?,
        Some(other) => return Err(arguments.unexpected("postgresql_ops", other)),
    };
    let keys = columns.iter().map(|column| key(column, &classes)).collect::<Plain<Vec<_>>>()?;
    if !classes.iter().all(|(column, _)| columns.iter().any(|key| **key == Expr::Str(column.clone()))) {
        return Err(NotPlain::new("an operator class of a labelled expression"));
    }
    let are_names = keys.iter().all(|key| key.starts_with('"'));
    // All keys of an array are of one type.
    let keys: Vec<_> = if are_names {
        keys
    } else {
        keys.into_iter()
            .map(|plain| if plain.starts_with('"') { format!("key({plain})") } else { plain })
            .collect()
    };
    let keys = format!("[{}]", keys.join(", "));
    let rest = rest(arguments)?;
    Ok((keys, rest))
}

fn rest(arguments: &mut Arguments<'_>) -> Plain<Rest> {
    let mut rust = String::new();
    if arguments.flag("unique")? == Some(true) {
        rust.push_str(".unique()");
    }
    if let Some(method) = arguments.optional_text(None, "postgresql_using")? {
        match method.to_lowercase().as_str() {
            "btree" => {}
            method @ ("gin" | "gist" | "brin") => {
                let _ = write!(rust, ".{method}()");
            }
            method => {
                let _ = write!(rust, ".using({})", text(method));
            }
        }
    }
    if let Some(included) = arguments.keyword("postgresql_include") {
        let columns = included.texts().ok_or_else(|| arguments.unexpected("postgresql_include", included))?;
        // Autogenerate writes an empty one.
        if !columns.is_empty() {
            let _ = write!(rust, ".include({})", list(&columns));
        }
    }
    if arguments.flag("postgresql_nulls_not_distinct")? == Some(true) {
        rust.push_str(".nulls_not_distinct()");
    }
    match arguments.keyword("postgresql_with") {
        None => {}
        Some(Expr::Dict(pairs)) => {
            for pair in pairs {
                let (Expr::Str(name), value @ (Expr::Str(_) | Expr::Int(_))) = pair else {
                    return Err(NotPlain::new("a storage parameter that is no text"));
                };
                let value = if let Expr::Str(value) = value { value.clone() } else { int(value) };
                let _ = write!(rust, ".option({}, {})", text(name), text(&value));
            }
        }
        Some(other) => return Err(arguments.unexpected("postgresql_with", other)),
    }
    let on_postgres = arguments.keyword("postgresql_where").filter(|filter| **filter != Expr::None);
    let on_sqlite = arguments.keyword("sqlite_where").filter(|filter| **filter != Expr::None);
    match (on_postgres.map(sql).transpose()?, on_sqlite.map(sql).transpose()?) {
        (None, None) => {}
        (Some(filter), None) => {
            let _ = write!(rust, ".filter({})", text(filter.trim()));
        }
        (Some(filter), Some(other)) if filter.trim() == other.trim() => {
            let _ = write!(rust, ".filter({})", text(filter.trim()));
        }
        _ => return Err(NotPlain::new("an index that is partial on SQLite in a way of its own")),
    }
    if let Some(space) = arguments.optional_text(None, "postgresql_tablespace")? {
        let _ = write!(rust, ".tablespace({})", text(&space));
    }
    if arguments.flag("if_not_exists")? == Some(true) {
        rust.push_str(".if_not_exists()");
    }
    let concurrently = arguments.flag("postgresql_concurrently")? == Some(true);
    if concurrently {
        rust.push_str(".concurrently()");
    }
    arguments.ignore(&["info", "quote"]);
    Ok(Rest { rust, concurrently })
}

fn int(value: &Expr) -> String {
    if let Expr::Int(number) = value { number.to_string() } else { String::new() }
}

/// A key: a literal for a column, `key(…)` or `key_expression(…)` for more.
fn key(column: &Expr, classes: &[(String, String)]) -> Plain<String> {
    match column {
        Expr::Str(column) => {
            let class = classes.iter().find(|(named, _)| named == column);
            Ok(class.map_or_else(
                || text(column),
                |(_, class)| format!("key({}).opclass({})", text(column), text(class)),
            ))
        }
        Expr::Call(call) => {
            // `sa.text("created_at").desc()`, `sa.desc("created_at")`
            if let (Expr::Attribute(of, method), true) = (&call.function, call.arguments.is_empty()) {
                return match method.as_str() {
                    "desc" => Ok(of_sql(&sql(of)?)? + ".desc()"),
                    "asc" => of_sql(&sql(of)?),
                    _ => Err(NotPlain::new(format_args!("`.{method}()` of a key"))),
                };
            }
            if is_sqlalchemy(column, "desc")
                && let [of] = call.arguments.as_slice()
            {
                return Ok(of_sql(&sql(of)?)? + ".desc()");
            }
            of_sql(&sql(column)?)
        }
        other => Err(NotPlain::new(format_args!("{other} as a key of an index"))),
    }
}

/// A key as SQL has it: an expression or a column, an operator class, and how it is sorted.
fn of_sql(sql: &str) -> Plain<String> {
    let mut rest = sql.trim();
    let mut order = "";
    let mut nulls = "";
    for (words, method) in [("nulls first", ".nulls_first()"), ("nulls last", ".nulls_last()")] {
        if let Some(before) = without(rest, words) {
            (rest, nulls) = (before, method);
        }
    }
    for (word, method) in [("desc", ".desc()"), ("asc", "")] {
        if let Some(before) = without(rest, word) {
            (rest, order) = (before, method);
        }
    }
    let is_name = |text: &str| {
        text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && text.starts_with(|c: char| !c.is_ascii_digit())
    };
    let made = match rest.split_whitespace().collect::<Vec<_>>().as_slice() {
        [column] if is_name(column) => format!("key({})", text(column)),
        [column, class] if is_name(column) && is_name(class) => {
            format!("key({}).opclass({})", text(column), text(class))
        }
        _ if rest.ends_with(')') || rest.ends_with('\'') => format!("key_expression({})", text(peeled(rest))),
        // Something after the expression: an operator class, or a collation.
        _ => return Err(NotPlain::new(format_args!("the key `{sql}`"))),
    };
    Ok(made + order + nulls)
}

fn without<'s>(sql: &'s str, words: &str) -> Option<&'s str> {
    let at = sql.len().checked_sub(words.len())?;
    let end = sql.get(at..)?;
    let before = sql.get(..at)?;
    (end.eq_ignore_ascii_case(words) && before.ends_with(char::is_whitespace)).then(|| before.trim_end())
}

/// Without parentheses around the whole.
fn peeled(sql: &str) -> &str {
    let Some(inner) = sql.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return sql };
    let mut depth = 0_i32;
    let closes_early = inner.chars().any(|character| {
        depth += match character {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth < 0
    });
    if closes_early || inner.contains('\'') { sql } else { inner.trim() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_expressions() {
        for (sql, expected) in [
            ("created_at DESC", r#"key("created_at").desc()"#),
            ("created_at desc nulls last", r#"key("created_at").desc().nulls_last()"#),
            ("name gin_trgm_ops", r#"key("name").opclass("gin_trgm_ops")"#),
            ("lower(email)", r#"key_expression("lower(email)")"#),
            ("(payload ->> 'a')", r#"key_expression("(payload ->> 'a')")"#),
            ("(a + b)", r#"key_expression("a + b")"#),
            ("(a) || (b)", r#"key_expression("(a) || (b)")"#),
        ] {
            assert_eq!(of_sql(sql).unwrap(), expected, "{sql}");
        }
        for sql in ["lower(name) text_pattern_ops", "name COLLATE \"C\""] {
            assert!(of_sql(sql).is_err(), "{sql}");
        }
    }
}
