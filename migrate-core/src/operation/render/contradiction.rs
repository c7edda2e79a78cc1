//! What makes no sense on any server, so that it is said in one way and before anything runs.

use std::collections::BTreeSet;

use super::fault::Fault;
use crate::operation::{
    Column, ColumnChange, ColumnType, Constraint, Dropped, EnumType, Index, KeyTarget, PrimaryKey,
    ReplaceEnum, Table, View, primary_key as key_of,
};

type Outcome = Result<(), Fault>;

fn refuse(is_so: bool, reason: &str) -> Outcome {
    if is_so { Err(Fault::malformed(reason)) } else { Ok(()) }
}

/// A new table as a whole.
pub(super) fn of_table(table: &Table) -> Outcome {
    let mut seen = BTreeSet::new();
    for column in &table.columns {
        if !seen.insert(column.name.as_str()) {
            return Err(Fault::Malformed(format!("it has two columns {}", column.name)));
        }
    }
    let lacks = |name: &&String| !table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    for index in &table.indexes {
        let named = index.keys.iter().filter_map(|key| match &key.on {
            KeyTarget::Column(column) => Some(column),
            KeyTarget::Expression(_) => None,
        });
        if let Some(column) = named.into_iter().find(lacks) {
            return Err(Fault::Malformed(format!(
                "index {} is on column {column}, which it lacks",
                index.name
            )));
        }
    }
    let takes_over = table.constraints.iter().any(|constraint| using_index(constraint).is_some());
    refuse(takes_over, "a new table has no index to take over")
}

/// The primary key of a new table, whether it stands with a column or behind the columns.
pub(super) fn primary_key(table: &Table) -> Result<Option<PrimaryKey>, Fault> {
    let of_columns = table.columns.iter().filter(|column| column.primary_key);
    let of_table = table.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::PrimaryKey(key) => Some(key.clone()),
        _ => None,
    });
    let mut keys = of_columns.map(|column| key_of([column.name.clone()])).chain(of_table);
    let key = keys.next();
    refuse(
        keys.next().is_some(),
        "it has more than one primary key; one of several columns is `primary_key([…])`",
    )?;
    Ok(key)
}

/// A column; `numbered` says whether the server gives it its values.
pub(super) fn of_column(column: &Column, numbered: bool) -> Outcome {
    let name = &column.name;
    let serial = numbered && column.identity.is_none();
    let sources = [
        (serial, "the sequence of its type"),
        (column.default.is_some(), "a default"),
        (column.identity.is_some(), "an identity"),
        (column.generated.is_some(), "an expression that it is computed from"),
    ];
    let given: Vec<_> = sources.into_iter().filter_map(|(given, what)| given.then_some(what)).collect();
    if let [first, second, ..] = given[..] {
        return Err(Fault::Malformed(format!(
            "the values of column {name} come from {first} and from {second}"
        )));
    }
    if column.nullable && (column.primary_key || column.identity.is_some()) {
        return Err(Fault::Malformed(format!(
            "column {name} is numbered or the primary key, and may be NULL"
        )));
    }
    match &column.references {
        Some(target) if target.table.name.is_empty() => {
            Err(Fault::Malformed(format!("column {name} has an action without a table that it refers to")))
        }
        _ => Ok(()),
    }
}

/// A constraint of a table, new or old.
pub(super) fn of_constraint(constraint: &Constraint) -> Outcome {
    if using_index(constraint).is_some() {
        let (columns, include) = match constraint {
            Constraint::PrimaryKey(key) => (&key.columns, false),
            Constraint::Unique(unique) => (&unique.columns, !unique.include.is_empty()),
            _ => return Ok(()),
        };
        return refuse(!columns.is_empty() || include, "an index that is taken over has columns of its own");
    }
    match constraint {
        Constraint::PrimaryKey(PrimaryKey { columns, .. }) => refuse(columns.is_empty(), "it has no columns"),
        Constraint::Unique(unique) => refuse(unique.columns.is_empty(), "it has no columns"),
        Constraint::ForeignKey(key) => {
            refuse(key.columns.is_empty(), "it has no columns")?;
            refuse(key.references.table.name.is_empty(), "a foreign key refers to no table")?;
            let (own, referenced) = (key.columns.len(), key.references.columns.len());
            if referenced > 0 && referenced != own {
                return Err(Fault::Malformed(format!("{own} columns refer to {referenced}")));
            }
            Ok(())
        }
        Constraint::Exclude(exclude) => refuse(exclude.elements.is_empty(), "it compares nothing"),
        Constraint::Check(_) => Ok(()),
    }
}

fn using_index(constraint: &Constraint) -> Option<&String> {
    match constraint {
        Constraint::PrimaryKey(key) => key.using_index.as_ref(),
        Constraint::Unique(unique) => unique.using_index.as_ref(),
        _ => None,
    }
}

/// A change of a column.
pub(super) fn of_change(change: &ColumnChange) -> Outcome {
    let ColumnChange { type_, using, nullable, default, identity, collation, comment, was: _ } = change;
    let nothing = type_.is_none()
        && nullable.is_none()
        && default.is_none()
        && identity.is_none()
        && collation.is_none()
        && comment.is_none();
    refuse(using.is_some() && type_.is_none(), "values are converted to a type, and none is given")?;
    refuse(nothing, "it changes nothing")?;
    let is_serial = |type_: &ColumnType| {
        matches!(type_, ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial)
    };
    refuse(
        type_.as_ref().is_some_and(is_serial),
        "a column becomes no serial: that is a type and a sequence",
    )?;
    let (numbers, values) = (matches!(identity, Some(Some(_))), matches!(default, Some(Some(_))));
    refuse(numbers && values, "its values come from an identity and from a default")
}

/// An index.
pub(super) fn of_index(index: &Index) -> Outcome {
    refuse(index.table.name.is_empty(), "it has no table; `on` gives it one")?;
    refuse(index.keys.is_empty(), "it is sorted by nothing")?;
    refuse(index.nulls_not_distinct && !index.unique, "NULLs are alike in a unique index only")
}

/// A view.
pub(super) fn of_view(view: &View) -> Outcome {
    refuse(!view.with_data && !view.materialized, "only a materialised view can be without data")
}

/// The values of an enum.
pub(super) fn of_enum(enum_type: &EnumType) -> Outcome {
    let mut seen = BTreeSet::new();
    match enum_type.values.iter().find(|value| !seen.insert(value.as_str())) {
        Some(twice) => Err(Fault::Malformed(format!("it has the value {twice} twice"))),
        None => refuse(enum_type.values.is_empty(), "the enum has no values"),
    }
}

/// Something that is dropped and is no index.
pub(super) fn of_dropped<D>(dropped: &Dropped<D>) -> Outcome {
    refuse(dropped.concurrently, "only an index is dropped while its table stays writable")
}

/// The replacement of an enum's values.
pub(super) fn of_replacement(replace: &ReplaceEnum) -> Outcome {
    of_enum(&replace.to)?;
    let mut seen = BTreeSet::new();
    for (old, new) in &replace.mapping {
        if !replace.to.values.contains(new) {
            return Err(Fault::Malformed(format!("{old} becomes {new}, which is no value of it")));
        }
        if replace.from.as_ref().is_some_and(|from| !from.contains(old)) {
            return Err(Fault::Malformed(format!("{old} becomes {new}, and there is no {old}")));
        }
        if !seen.insert(old.as_str()) {
            return Err(Fault::Malformed(format!("{old} becomes two values")));
        }
    }
    Ok(())
}
