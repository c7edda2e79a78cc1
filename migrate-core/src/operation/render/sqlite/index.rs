use super::super::contradiction;
use super::constraint::NULLS_ARE_DISTINCT;
use super::{Fault, QUOTE, enclosed};
use crate::connection::Dialect;
use crate::operation::{Index, IndexKey, KeyTarget, Name};

/// An index of a table, in the table's schema.
pub(super) fn create(index: &Index, table: &Name) -> Result<String, Fault> {
    contradiction::of_index(index)?;
    if index.using.as_ref().is_some_and(|method| !method.eq_ignore_ascii_case("btree")) {
        return Err(Fault::Unsupported("it has no other indexes than B-trees"));
    }
    if index.nulls_not_distinct {
        return Err(NULLS_ARE_DISTINCT);
    }
    let unique = if index.unique { "UNIQUE " } else { "" };
    let if_not_exists = if index.if_not_exists { "IF NOT EXISTS " } else { "" };
    let keys: Vec<_> = index.keys.iter().map(key).collect::<Result<_, _>>()?;
    let mut sql = format!(
        "CREATE {unique}INDEX {if_not_exists}{} ON {} ({})",
        QUOTE.qualified(&table.sibling(&index.name))?,
        QUOTE.name(&table.name)?,
        keys.join(", ")
    );
    if let Some(predicate) = &index.predicate {
        sql.push_str(" WHERE ");
        sql.push_str(predicate.for_dialect(Dialect::Sqlite)?);
    }
    Ok(sql)
}

fn key(key: &IndexKey) -> Result<String, Fault> {
    let mut sql = match &key.on {
        KeyTarget::Column(column) => QUOTE.name(column)?,
        KeyTarget::Expression(expression) => enclosed(expression)?,
    };
    if let Some(collation) = &key.collation {
        sql.extend([" COLLATE ", &QUOTE.name(collation)?]);
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    Ok(sql)
}
