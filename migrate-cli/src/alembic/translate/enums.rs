//! Enum types.

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::callee::{Callee, callee, is_bind};
use super::rust::{list, name, text};
use super::types::{Kind, Type};
use super::{NotPlain, Plain};

/// An enum type of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnumType {
    pub(super) name: String,
    schema: Option<String>,
    values: Vec<String>,
}

impl EnumType {
    pub(super) fn rust(&self) -> String {
        format!("enum_type({}, {})", self.rust_name(), list(&self.values))
    }

    fn rust_name(&self) -> String {
        name(self.schema.as_deref(), &self.name)
    }
}

/// `Enum(…)` as the type of a column.
pub(super) fn type_of(arguments: &mut Arguments<'_>) -> Plain<Type> {
    let native = arguments.flag("native_enum")?.unwrap_or(true);
    let checked = arguments.flag("create_constraint")?.unwrap_or(false);
    let length = arguments.number(None, "length")?;
    let creates = arguments.flag("create_type")?.unwrap_or(true);
    let found = read(arguments, native)?;
    if !native {
        if checked {
            return Err(NotPlain::new("an enum that is a text with a constraint"));
        }
        let longest = found.values.iter().map(|value| value.chars().count()).max().unwrap_or(1);
        let length = length.unwrap_or_else(|| i64::try_from(longest).unwrap_or(i64::MAX));
        return Ok(Type { rust: format!("varchar({length})"), kind: Kind::Other, creates: None });
    }
    if found.values.is_empty() {
        // `ENUM(name="mood", create_type=False)`: the type that is there.
        let rust = format!("named_type({})", found.rust_name());
        return if creates {
            Err(NotPlain::new("an enum type without values"))
        } else {
            Ok(Type { rust, kind: Kind::Other, creates: None })
        };
    }
    Ok(Type { rust: found.rust(), kind: Kind::Other, creates: creates.then_some(found) })
}

fn read(arguments: &mut Arguments<'_>, named: bool) -> Plain<EnumType> {
    let given = arguments.optional_text(None, "name")?;
    let schema = arguments.optional_text(None, "schema")?;
    arguments.ignore(&["validate_strings", "inherit_schema", "values_callable", "omit_aliases", "metadata"]);
    let mut values = Vec::new();
    for value in arguments.rest(0) {
        match value {
            Expr::Str(value) => values.push(value.clone()),
            other => return Err(NotPlain::new(format_args!("{other} as a value of an enum type"))),
        }
    }
    match given {
        Some(name) => Ok(EnumType { name, schema, values }),
        None if named => Err(NotPlain::new("an enum type without a name")),
        None => Ok(EnumType { name: String::new(), schema, values }),
    }
}

/// `Enum(…).create(bind)` and `.drop(bind)`; `None` if the call is none of them.
pub(super) fn statement(call: &Call) -> Option<Plain<(String, Option<EnumType>)>> {
    let Expr::Attribute(object, method) = &call.function else { return None };
    let Expr::Call(made) = &**object else { return None };
    // Only PostgreSQL's own looks first unless it is told otherwise.
    let checks = match callee(&made.function)? {
        Callee::Sqlalchemy(name) if name == "Enum" => false,
        Callee::Postgres(name) if name == "ENUM" => true,
        _ => return None,
    };
    matches!(method.as_str(), "create" | "drop").then(|| create_or_drop(made, call, method, checks))
}

fn create_or_drop(
    made: &Call,
    call: &Call,
    method: &str,
    checks_by_default: bool,
) -> Plain<(String, Option<EnumType>)> {
    let mut arguments = Arguments::of(made);
    arguments.ignore(&["native_enum", "create_type", "create_constraint"]);
    let found = read(&mut arguments, true)?;
    arguments.finish()?;
    let mut arguments = Arguments::of(call);
    match arguments.take(0, "bind") {
        Some(bind) if is_bind(bind) => {}
        other => {
            let other = other.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            return Err(NotPlain::new(format_args!("{other} as a connection")));
        }
    }
    let checks = match arguments.take(1, "checkfirst") {
        None => checks_by_default,
        Some(Expr::Bool(checks)) => *checks,
        Some(other) => return Err(NotPlain::new(format_args!("{other} as `checkfirst`"))),
    };
    arguments.finish()?;
    let rust_name = found.rust_name();
    if method == "drop" {
        let dropped = if checks { format!("if_exists({rust_name})") } else { rust_name };
        return Ok((format!("cx.drop_enum({dropped})"), None));
    }
    if found.values.is_empty() {
        return Err(NotPlain::new("an enum type without values"));
    }
    if checks {
        return Ok((format!("cx.execute({})", text(&create_if_absent(&found))), Some(found)));
    }
    Ok((format!("cx.create_enum({})", found.rust()), Some(found)))
}

/// PostgreSQL has no `CREATE TYPE IF NOT EXISTS`.
fn create_if_absent(found: &EnumType) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let name =
        found.schema.iter().chain([&found.name]).map(|part| quoted(part)).collect::<Vec<_>>().join(".");
    let values: Vec<_> =
        found.values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
    format!(
        "DO $$ BEGIN\n    CREATE TYPE {name} AS ENUM ({});\nEXCEPTION WHEN duplicate_object THEN NULL;\nEND $$",
        values.join(", ")
    )
}
