//! What each `op.…` becomes.

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::body::Known;
use super::change::{self, BareTable};
use super::rust::text;
use super::sql::sql;
use super::step::Step;
use super::{NotPlain, Plain, constraint, create_table, index, rows};

/// The steps of `op.name(…)`.
pub(super) fn steps(name: &str, call: &Call, known: &mut Known) -> Plain<Vec<Step>> {
    Ok(match name {
        "create_table" => return create_table::steps(call, &mut known.enums),
        "add_column" => return change::add_column(call, None),
        "alter_column" => return change::alter_column(call, None),
        "drop_table" => vec![change::drop_table(call)?],
        "rename_table" => vec![change::rename_table(call)?],
        "bulk_insert" => rows::bulk_insert(call)?.into_iter().collect(),
        "execute" => vec![execute(call)?],
        _ => return shared(name, call, None),
    })
}

/// The steps of `batch_op.name(…)`.
pub(super) fn batch_steps(name: &str, call: &Call, table: &BareTable) -> Plain<Vec<Step>> {
    let rust = table.rust();
    match name {
        "add_column" => change::add_column(call, Some((&rust, table))),
        "alter_column" => change::alter_column(call, Some(&rust)),
        "execute" => Ok(vec![execute(call)?]),
        _ => shared(name, call, Some(&rust)),
    }
}

/// What is the same but for the table.
fn shared(name: &str, call: &Call, batch: Option<&str>) -> Plain<Vec<Step>> {
    let added = |(table, constraint)| Step::change(table, "add_constraint", constraint);
    Ok(vec![match name {
        "drop_column" => change::drop_column(call, batch)?,
        "create_index" => index::create(call, batch)?,
        "drop_index" => index::drop(call, batch)?,
        "drop_constraint" => change::drop_constraint(call, batch)?,
        "create_foreign_key" => added(constraint::create_foreign_key(call, batch)?),
        "create_unique_constraint" => added(constraint::create_key(call, batch, "unique")?),
        "create_primary_key" => added(constraint::create_key(call, batch, "primary_key")?),
        "create_exclude_constraint" => added(constraint::create_exclude(call, batch)?),
        "create_check_constraint" => added(constraint::create_check(call, batch)?),
        "create_table_comment" => change::table_comment(call, batch, false)?,
        "drop_table_comment" => change::table_comment(call, batch, true)?,
        _ => return Err(NotPlain::new(format_args!("`op.{name}`"))),
    }])
}

/// `op.execute(sql)`, and `execute` of a connection whose answer nobody reads.
pub(super) fn execute(call: &Call) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let statement = arguments.take(0, "sqltext").ok_or_else(|| NotPlain::new("no SQL to execute"))?;
    if let Some(options) = arguments.take(1, "execution_options").filter(|options| **options != Expr::None) {
        return Err(arguments.unexpected("execution_options", options));
    }
    arguments.finish()?;
    let statement = sql(statement)?;
    Ok(Step::statement(format!("cx.execute({})", text(statement.trim()))))
}
