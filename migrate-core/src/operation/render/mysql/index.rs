use super::super::contradiction;
use super::constraint::NULLS_ARE_DISTINCT;
use super::{Fault, QUOTE, enclosed};
use crate::operation::{Index, IndexKey, KeyTarget};

/// `CREATE INDEX`.
pub(super) fn create(index: &Index) -> Result<String, Fault> {
    if index.if_not_exists {
        return Err(Fault::Unsupported("MySQL has no IF NOT EXISTS for an index"));
    }
    let (kind, using) = kind(index)?;
    let (name, table) = (QUOTE.name(&index.name)?, QUOTE.qualified(&index.table)?);
    Ok(format!("CREATE {kind} {name}{using} ON {table} {}", keys(index)?))
}

/// An index in a `CREATE TABLE`.
pub(super) fn item(index: &Index) -> Result<String, Fault> {
    let (kind, using) = kind(index)?;
    Ok(format!("{kind} {}{using} {}", QUOTE.name(&index.name)?, keys(index)?))
}

/// What comes before and behind the name.
fn kind(index: &Index) -> Result<(&'static str, &'static str), Fault> {
    contradiction::of_index(index)?;
    if index.predicate.is_some() {
        return Err(Fault::Unsupported("an index has all rows of its table there"));
    }
    if index.nulls_not_distinct {
        return Err(NULLS_ARE_DISTINCT);
    }
    let method = index.using.as_deref().map(str::to_ascii_lowercase);
    let usual = if index.unique { "UNIQUE INDEX" } else { "INDEX" };
    match (method.as_deref(), index.unique) {
        (None, _) => Ok((usual, "")),
        (Some("btree"), _) => Ok((usual, " USING BTREE")),
        (Some("hash"), _) => Ok((usual, " USING HASH")),
        (Some("fulltext"), false) => Ok(("FULLTEXT INDEX", "")),
        (Some("spatial"), false) => Ok(("SPATIAL INDEX", "")),
        _ => Err(Fault::Unsupported("its indexes are btree, hash, fulltext and spatial")),
    }
}

fn keys(index: &Index) -> Result<String, Fault> {
    let keys: Vec<_> = index.keys.iter().map(key).collect::<Result<_, _>>()?;
    Ok(format!("({})", keys.join(", ")))
}

fn key(key: &IndexKey) -> Result<String, Fault> {
    if key.collation.is_some() {
        return Err(Fault::Unsupported("a key is compared by the collation of its column there"));
    }
    let mut sql = match &key.on {
        KeyTarget::Column(column) => QUOTE.name(column)?,
        // In the list's own parentheses it has its own.
        KeyTarget::Expression(expression) => enclosed(expression)?,
    };
    if let Some(length) = key.length {
        sql.extend(["(", &length.to_string(), ")"]);
    }
    if key.descending {
        sql.push_str(" DESC");
    }
    Ok(sql)
}
