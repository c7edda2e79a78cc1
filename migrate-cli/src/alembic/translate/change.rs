//! `op.alter_column`, `op.add_column` and the other changes of a table.

use std::fmt::Write as _;

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::column::{Role, column};
use super::default::server_default;
use super::rust::{list, name, text};
use super::sql::sql;
use super::step::Step;
use super::types::{Kind, type_of};
use super::{NotPlain, Plain, index};

/// The table of a batch, or the first argument with its schema, as Rust.
fn table(arguments: &mut Arguments<'_>, batch: Option<&str>) -> Plain<String> {
    if let Some(table) = batch {
        return Ok(table.to_owned());
    }
    let table = arguments.text(0, "table_name")?;
    Ok(name(arguments.optional_text(None, "schema")?.as_deref(), &table))
}

/// `op.add_column(table, Column(…))`
pub(super) fn add_column(call: &Call, batch: Option<(&str, &BareTable)>) -> Plain<Vec<Step>> {
    let mut arguments = Arguments::of(call);
    let bare = match batch {
        Some((_, bare)) => bare.clone(),
        None => BareTable {
            table: arguments.text(0, "table_name")?,
            schema: arguments.optional_text(None, "schema")?,
        },
    };
    let table = bare.rust();
    let place = usize::from(batch.is_none());
    let declared = arguments.take(place, "column").ok_or_else(|| NotPlain::new("no column to add"))?;
    let mut added = column(declared)?;
    if arguments.flag("if_not_exists")? == Some(true) {
        added = added.if_not_exists();
    }
    // Where a copy of the table would put it; elsewhere a new column is the last.
    arguments.ignore(&["insert_before", "insert_after"]);
    arguments.finish()?;
    if added.primary_key {
        return Err(NotPlain::new("a primary key that is added with its column"));
    }
    let mut steps = vec![Step::change(&table, "add_column", added.rust(Role::Plain))];
    steps.extend(added.constraints().into_iter().map(|it| Step::change(&table, "add_constraint", it)));
    if added.index {
        let name = index::name_of_column(&bare.table, bare.schema.as_deref(), &added.name);
        let keys = list(std::slice::from_ref(&added.name));
        let unique = if added.unique { ".unique()" } else { "" };
        steps.push(Step::statement(format!(
            "cx.create_index(index({}).on({table}, {keys}){unique})",
            text(&name)
        )));
    }
    Ok(steps)
}

/// A table's name and schema, as the script has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BareTable {
    pub(super) table: String,
    pub(super) schema: Option<String>,
}

impl BareTable {
    pub(super) fn rust(&self) -> String {
        name(self.schema.as_deref(), &self.table)
    }
}

/// `op.drop_column(table, column)`
pub(super) fn drop_column(call: &Call, batch: Option<&str>) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let table = table(&mut arguments, batch)?;
    let column = arguments.text(usize::from(batch.is_none()), "column_name")?;
    let if_exists = arguments.flag("if_exists")? == Some(true);
    arguments.finish()?;
    let column = text(&column);
    let dropped = if if_exists { format!("if_exists({column})") } else { column };
    Ok(Step::change(table, "drop_column", dropped))
}

/// `op.drop_constraint(name, table, type_=…)`
pub(super) fn drop_constraint(call: &Call, batch: Option<&str>) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let constraint = arguments.text(0, "constraint_name")?;
    let table = if let Some(table) = batch {
        table.to_owned()
    } else {
        let table = arguments.text(1, "table_name")?;
        name(arguments.optional_text(None, "schema")?.as_deref(), &table)
    };
    // Only MySQL has to be told what kind of constraint it is.
    arguments.take(1 + usize::from(batch.is_none()), "type_");
    let if_exists = arguments.flag("if_exists")? == Some(true);
    arguments.finish()?;
    let constraint = text(&constraint);
    let dropped = if if_exists { format!("if_exists({constraint})") } else { constraint };
    Ok(Step::change(table, "drop_constraint", dropped))
}

/// `op.alter_column(table, column, …)`
pub(super) fn alter_column(call: &Call, batch: Option<&str>) -> Plain<Vec<Step>> {
    let mut arguments = Arguments::of(call);
    let table = table(&mut arguments, batch)?;
    let column = arguments.text(usize::from(batch.is_none()), "column_name")?;
    let new_name = arguments.optional_text(None, "new_column_name")?;
    let new_type =
        arguments.keyword("type_").filter(|type_| **type_ != Expr::None).map(type_of).transpose()?;
    // What it was is not understood: the change is the same without it.
    let old_type = arguments.keyword("existing_type").and_then(|type_| type_of(type_).ok());
    let was_not_null = arguments.flag("existing_nullable")? == Some(false);
    arguments.ignore(&["existing_server_default", "existing_comment", "existing_autoincrement"]);
    let mut change = String::new();
    if let Some(type_) = &new_type {
        let _ = write!(change, ".type_({})", type_.rust);
        match arguments.keyword("postgresql_using") {
            None | Some(Expr::None) => {}
            Some(using) => {
                let _ = write!(change, ".using({})", text(&sql(using)?));
            }
        }
    }
    match arguments.flag("nullable")? {
        Some(true) => change.push_str(".nullable()"),
        Some(false) => change.push_str(".not_null()"),
        None => {}
    }
    let kind = new_type.as_ref().or(old_type.as_ref()).map_or(Kind::Other, |type_| type_.kind);
    match arguments.keyword("server_default") {
        None | Some(Expr::Bool(false)) => {}
        Some(default) => match server_default(default, kind)? {
            Some(default) => {
                let _ = write!(change, ".default({default})");
            }
            None => change.push_str(".drop_default()"),
        },
    }
    match arguments.keyword("comment") {
        None | Some(Expr::Bool(false)) => {}
        Some(Expr::None) => change.push_str(".drop_comment()"),
        Some(Expr::Str(comment)) => {
            let _ = write!(change, ".comment({})", text(comment));
        }
        Some(other) => return Err(arguments.unexpected("comment", other)),
    }
    arguments.finish()?;
    if let (Some(_), Some(old)) = (&new_type, old_type) {
        let not_null = if was_not_null { ".not_null()" } else { "" };
        let _ = write!(change, ".was(column({}, {}){not_null})", text(&column), old.rust);
    }
    let mut steps = Vec::new();
    if !change.is_empty() {
        steps.push(Step::change(&table, "alter_column", format!("{}, alter(){change}", text(&column))));
    }
    if let Some(new_name) = new_name.filter(|new_name| *new_name != column) {
        steps.push(Step::change(table, "rename_column", format!("{}, {}", text(&column), text(&new_name))));
    }
    Ok(steps)
}

/// `op.create_table_comment(table, comment)` and `op.drop_table_comment(table)`
pub(super) fn table_comment(call: &Call, batch: Option<&str>, drops: bool) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let table = table(&mut arguments, batch)?;
    let comment = if drops {
        "no_comment()".to_owned()
    } else {
        text(&arguments.text(usize::from(batch.is_none()), "comment")?)
    };
    arguments.ignore(&["existing_comment"]);
    arguments.finish()?;
    Ok(Step::statement(format!("cx.comment_on_table({table}, {comment})")))
}

/// `op.drop_table(table)` and `op.rename_table(old, new)`
pub(super) fn drop_table(call: &Call) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let table = table(&mut arguments, None)?;
    let if_exists = arguments.flag("if_exists")? == Some(true);
    arguments.finish()?;
    let dropped = if if_exists { format!("if_exists({table})") } else { table };
    Ok(Step::statement(format!("cx.drop_table({dropped})")))
}

pub(super) fn rename_table(call: &Call) -> Plain<Step> {
    let mut arguments = Arguments::of(call);
    let (old, new) = (arguments.text(0, "old_table_name")?, arguments.text(1, "new_table_name")?);
    let schema = arguments.optional_text(2, "schema")?;
    arguments.finish()?;
    Ok(Step::statement(format!("cx.rename_table({}, {})", name(schema.as_deref(), &old), text(&new))))
}
