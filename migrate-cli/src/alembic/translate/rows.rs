//! `op.bulk_insert`.

use std::fmt::Write as _;

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::callee::{Callee, callee};
use super::rust::{list, name, text};
use super::step::Step;
use super::types::{Kind, type_of};
use super::{NotPlain, Plain};

/// As many values as a row that is a tuple has at most.
const WIDEST: usize = 16;

/// `op.bulk_insert(table, [{…}, …])`; no step for no rows.
pub(super) fn bulk_insert(call: &Call) -> Plain<Option<Step>> {
    let mut arguments = Arguments::of(call);
    let table = arguments.take(0, "table").ok_or_else(|| NotPlain::new("no table for rows"))?;
    let given = arguments.take(1, "rows").ok_or_else(|| NotPlain::new("no rows"))?;
    arguments.ignore(&["multiinsert"]);
    arguments.finish()?;
    let table = table_name(table)?;
    let Expr::List(given) = given else { return Err(NotPlain::new(format_args!("{given} as rows"))) };
    let Some(first) = given.first() else { return Ok(None) };
    let columns: Vec<String> = cells(first)?.into_iter().map(|(column, _)| column).collect();
    if columns.len() > WIDEST {
        return Err(NotPlain::new(format_args!("rows of more than {WIDEST} columns")));
    }
    let mut rust = format!("cx.bulk_insert(\n    rows({table}, {})", list(&columns));
    for row in given {
        let cells = cells(row)?;
        let value = |column: &String| {
            let (_, value) = cells.iter().find(|(named, _)| named == column)?;
            Some(value.as_str())
        };
        let values: Option<Vec<_>> = columns.iter().map(value).collect();
        let values = values.filter(|values| values.len() == cells.len());
        let values = values.ok_or_else(|| NotPlain::new("rows with different columns"))?;
        // A tuple of one has a comma.
        let comma = if values.len() == 1 { "," } else { "" };
        let _ = write!(rust, "\n        .row(({}{comma}))", values.join(", "));
    }
    rust.push_str(",\n)");
    Ok(Some(Step::statement(rust)))
}

fn cells(row: &Expr) -> Plain<Vec<(String, String)>> {
    let Expr::Dict(pairs) = row else { return Err(NotPlain::new(format_args!("{row} as a row"))) };
    let cell = |(column, value): &(Expr, Expr)| {
        let Expr::Str(column) = column else {
            return Err(NotPlain::new(format_args!("{column} as the name of a column")));
        };
        let value = match value {
            Expr::Str(value) => text(value),
            // A literal of Rust is an `i32` where nothing says otherwise.
            Expr::Int(value) if i32::try_from(*value).is_err() => format!("{value}_i64"),
            Expr::Int(value) => value.to_string(),
            Expr::Float(value) if value.parse::<f64>().is_ok_and(f64::is_finite) => {
                format!("{:?}", value.parse::<f64>().unwrap_or_default())
            }
            Expr::Bool(value) => value.to_string(),
            Expr::None => "Null".to_owned(),
            other => return Err(NotPlain::new(format_args!("{other} as the value of {column:?}"))),
        };
        Ok((column.clone(), value))
    };
    pairs.iter().map(cell).collect()
}

/// The name of `sa.table("roles", sa.column("slug"), …)` or `sa.Table("roles", sa.MetaData(), …)`.
fn table_name(table: &Expr) -> Plain<String> {
    let unknown = || NotPlain::new(format_args!("{table} as a table"));
    let Expr::Call(call) = table else { return Err(unknown()) };
    match callee(&call.function) {
        Some(Callee::Sqlalchemy(name)) if matches!(name.as_str(), "table" | "Table" | "TableClause") => {}
        _ => return Err(unknown()),
    }
    let mut arguments = Arguments::of(call);
    let named = arguments.text(0, "name")?;
    let schema = arguments.optional_text(None, "schema")?;
    for column in arguments.rest(1) {
        // What SQLAlchemy puts into a document, or turns into another value, is more than a literal.
        let Expr::Call(column) = column else { return Err(unknown()) };
        let mut declared = column
            .arguments
            .iter()
            .skip(1)
            .chain(column.keywords.iter().filter(|(name, _)| name == "type_").map(|(_, type_)| type_));
        if let Some(type_) = declared.next()
            && type_of(type_)?.kind == Kind::Json
        {
            return Err(NotPlain::new("rows with documents"));
        }
    }
    Ok(name(schema.as_deref(), &named))
}
