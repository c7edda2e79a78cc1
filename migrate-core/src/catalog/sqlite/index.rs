use std::collections::{BTreeMap, BTreeSet};

use super::read::{Object, list, text};
use crate::catalog::{CatalogError, Column, Index, IndexKey, IndexTarget, Nulls, Order};
use crate::connection::{Driver, TextRow};
use crate::sqlite::{Token, meaningful};

/// What SQLite tells of a key of an index.
pub(super) struct ToldKey {
    index: String,
    unique: bool,
    /// None for an expression.
    column: Option<String>,
    descending: bool,
    collation: String,
}

/// The keys of the indexes that were made by a statement, by table.
pub(super) fn read(
    driver: &mut dyn Driver,
    tables: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<ToldKey>>, CatalogError> {
    let mut keys: BTreeMap<String, Vec<ToldKey>> = BTreeMap::new();
    let sql = format!(
        "SELECT s.name, i.name, i.\"unique\", k.name, k.\"desc\", k.coll \
         FROM main.sqlite_schema AS s, pragma_index_list(s.name, 'main') AS i, \
         pragma_index_xinfo(i.name, 'main') AS k \
         WHERE s.type = 'table' AND s.name IN {} AND i.origin = 'c' AND k.key ORDER BY s.name, i.name, k.seqno",
        list(tables)
    );
    for row in driver.query(&sql, &[])? {
        let (table, key) = told(row);
        keys.entry(table).or_default().push(key);
    }
    Ok(keys)
}

fn told(row: TextRow) -> (String, ToldKey) {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    let table = next().unwrap_or_default();
    let index = next().unwrap_or_default();
    let unique = next().as_deref() == Some("1");
    let column = next();
    let descending = next().as_deref() == Some("1");
    (table, ToldKey { index, unique, column, descending, collation: next().unwrap_or_default() })
}

/// The indexes of a table.
pub(super) fn indexes(
    told: Vec<ToldKey>,
    columns: &[Column],
    objects: &[Object],
) -> Result<BTreeMap<String, Index>, CatalogError> {
    let mut indexes: BTreeMap<String, Index> = BTreeMap::new();
    for key in told {
        let Some(object) = objects.iter().find(|object| object.kind == "index" && object.name == key.index)
        else {
            continue;
        };
        let index = match indexes.entry(key.index.clone()) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(empty(object, key.unique)?),
        };
        let number = index.keys.len();
        index.keys.push(key_of(key, number, columns, &object.sql)?);
    }
    Ok(indexes)
}

fn empty(object: &Object, unique: bool) -> Result<Index, CatalogError> {
    Ok(Index {
        keys: Vec::new(),
        include: Vec::new(),
        unique,
        nulls_not_distinct: false,
        method: "btree".to_owned(),
        predicate: predicate(&object.sql)?,
        options: BTreeMap::new(),
        valid: true,
        constraint: None,
        partition_of: None,
        clustered: false,
        definition: text("index", &object.sql)?,
        comment: None,
    })
}

fn key_of(told: ToldKey, number: usize, columns: &[Column], sql: &str) -> Result<IndexKey, CatalogError> {
    let own = told.column.as_ref().and_then(|name| columns.iter().find(|column| column.name == *name));
    let own = own.and_then(|column| column.collation.as_deref()).unwrap_or("BINARY");
    let collation = told.collation.to_ascii_uppercase();
    let target = match told.column {
        Some(column) => IndexTarget::Column(column),
        None => IndexTarget::Expression(expression(sql, number)?),
    };
    Ok(IndexKey {
        target,
        order: if told.descending { Order::Desc } else { Order::Asc },
        nulls: Nulls::Default,
        opclass: None,
        collation: (collation != own).then_some(collation),
    })
}

/// The tokens of an index's definition behind the table's name, and where the list of keys ends among them.
fn keys(sql: &str) -> Result<(Vec<Token<'_>>, usize), CatalogError> {
    let answer = || CatalogError::Answer { what: "index", text: sql.to_owned() };
    let tokens = meaningful(sql).map_err(|_| answer())?;
    let on = tokens.iter().position(|token| token.is_word("ON")).ok_or_else(answer)?;
    let tokens: Vec<_> = tokens[on + 2..].to_vec();
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.is_mark("(") {
            depth += 1;
        } else if token.is_mark(")") {
            depth -= 1;
        }
        if depth == 0 {
            return Ok((tokens, index));
        }
    }
    Err(answer())
}

/// The expression of a key, without its collation and direction, which are told apart from it.
fn expression(sql: &str, number: usize) -> Result<String, CatalogError> {
    let (tokens, end) = keys(sql)?;
    let mut depth = 0;
    let mut parts = vec![Vec::new()];
    for token in &tokens[1..end] {
        if token.is_mark("(") {
            depth += 1;
        } else if token.is_mark(")") {
            depth -= 1;
        }
        if depth == 0 && token.is_mark(",") {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(*token);
        }
    }
    let mut key = parts.into_iter().nth(number).unwrap_or_default();
    if key.last().is_some_and(|last| last.is_word("ASC") || last.is_word("DESC")) {
        key.pop();
    }
    if key.len() > 2 && key[key.len() - 2].is_word("COLLATE") {
        key.truncate(key.len() - 2);
    }
    match (key.first(), key.last()) {
        (Some(first), Some(last)) => text("index", &sql[first.start..last.end()]),
        _ => Err(CatalogError::Answer { what: "index", text: sql.to_owned() }),
    }
}

/// The condition of a partial index.
fn predicate(sql: &str) -> Result<Option<String>, CatalogError> {
    let (tokens, end) = keys(sql)?;
    match tokens.get(end + 1) {
        Some(token) if token.is_word("WHERE") => Ok(Some(text("index", &sql[token.end()..])?)),
        _ => Ok(None),
    }
}
