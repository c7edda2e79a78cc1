//! Objects whose text is written anew.

use super::{Fault, QUOTE, Step, main_only};
use crate::operation::render::sqlite::object;
use crate::operation::{Name, View};
use crate::sqlite::{SchemaSnapshot, meaningful, same};

/// An index under another name: dropped, and made again from its text.
pub(super) fn rename_index(
    table: &Name,
    from: &str,
    to: &str,
    schema: &SchemaSnapshot,
) -> Result<Vec<Step>, Fault> {
    main_only(table)?;
    let index = schema.parts("index", &table.name).find(|index| same(&index.name, from));
    let index = index.ok_or_else(|| Fault::Malformed(format!("{table} has no index {from}")))?;
    let sql = index.sql.as_deref();
    let sql = sql.ok_or_else(|| Fault::Malformed(format!("{from} is the index of a constraint")))?;
    let tokens = meaningful(sql).unwrap_or_default();
    let name = tokens.windows(2).find(|pair| pair[0].is_word("INDEX")).map(|pair| pair[1].span());
    let name = name.ok_or_else(|| Fault::Malformed(format!("the text of {from} is not understood")))?;
    let mut renamed = sql.to_owned();
    renamed.replace_range(name, &QUOTE.name(to)?);
    Ok(vec![
        Step::Statement(format!("DROP INDEX main.{}", QUOTE.name(&index.name)?)),
        Step::Statement(renamed),
    ])
}

/// A view that takes the place of another: the triggers on that one are made again, as they stay on PostgreSQL.
pub(super) fn replace_view(view: &View, schema: &SchemaSnapshot) -> Result<Vec<Step>, Fault> {
    let statements = object::create_view(view)?;
    let is_main = main_only(&view.name).is_ok();
    let triggers = schema.parts("trigger", &view.name.name).filter(|_| is_main);
    let triggers = triggers.filter_map(|trigger| trigger.sql.clone());
    Ok(statements.into_iter().chain(triggers).map(Step::Statement).collect())
}
