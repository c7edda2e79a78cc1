//! What a change of a column's type costs.
//!
//! The rules are those of `ATColumnChangeRequiresRewrite` in PostgreSQL's `tablecmds.c`, of the casts WITHOUT FUNCTION
//! in `pg_cast`, and of the functions that make a conversion of lengths go away (`varchar_support`,
//! `numeric_support`, `TemporalSimplify`).

use super::facts::{DataType, Facts};
use super::sql_type::SqlType;

/// What a change of a column's type costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeChange {
    /// The values stay as they are, and so do the indexes.
    Nothing,
    /// The values stay as they are; indexes on the column are built anew, for they are of another order.
    Reindex,
    /// Every row is written anew.
    Rewrite,
    /// As far as is known every row is written anew.
    Unknown,
}

/// What it costs to change a column from one type to another, both as SQL writes them.
///
/// `facts` is asked for types that are not the server's own, and for the time zone.
pub fn type_change(from: &str, to: &str, facts: &dyn Facts) -> TypeChange {
    let parse = |text| {
        let mut type_ = SqlType::parse(text);
        if type_.name.schema.as_deref() == facts.default_schema() && !is_own(&type_.name.name) {
            type_.name.schema = None;
        }
        type_
    };
    change(&parse(from), &parse(to), facts)
}

fn change(from: &SqlType, to: &SqlType, facts: &dyn Facts) -> TypeChange {
    if from == to {
        return TypeChange::Nothing;
    }
    if let Some(DataType::Domain { base, checked }) = known(to, facts) {
        let into = change(from, &SqlType::parse(&base), facts);
        return if checked { worse(into, TypeChange::Rewrite) } else { into };
    }
    if let Some(DataType::Domain { base, .. }) = known(from, facts) {
        return change(&SqlType::parse(&base), to, facts);
    }
    if from.array || to.array {
        return TypeChange::Rewrite;
    }
    let (Some(old), Some(new)) = (from.base(), to.base()) else {
        return of_others(from, to, facts);
    };
    if old == new {
        let kept = keeps_length(new, &from.modifiers, &to.modifiers);
        return if kept { TypeChange::Nothing } else { TypeChange::Rewrite };
    }
    // Through another type the old length is forgotten.
    if !keeps_length(new, &[], &to.modifiers) {
        return TypeChange::Rewrite;
    }
    match between(old, new, facts) {
        Some(cost) => cost,
        None if is_own(old) && is_own(new) => TypeChange::Rewrite,
        None => of_others(from, to, facts),
    }
}

/// Types of which one at least is not the server's own.
fn of_others(from: &SqlType, to: &SqlType, facts: &dyn Facts) -> TypeChange {
    let is_known = |type_: &SqlType| {
        type_.base().is_some_and(is_own) || matches!(known(type_, facts), Some(DataType::Enum))
    };
    // An enum is kept as a number of its own.
    if is_known(from) && is_known(to) { TypeChange::Rewrite } else { TypeChange::Unknown }
}

fn known(type_: &SqlType, facts: &dyn Facts) -> Option<DataType> {
    (!type_.array).then(|| facts.data_type(&type_.name)).flatten()
}

fn worse(a: TypeChange, b: TypeChange) -> TypeChange {
    if a == TypeChange::Unknown { a } else { b }
}

/// Whether values of one length are values of another as they are.
fn keeps_length(base: &str, old: &[i64], new: &[i64]) -> bool {
    match (base, old, new) {
        ("character varying" | "bit varying" | "numeric", _, []) => true,
        ("character varying" | "bit varying", &[old], &[new]) => old <= new,
        ("numeric", &[old_precision, old_scale], &[precision, scale]) => {
            old_scale == scale && old_precision <= precision
        }
        // Six digits after the point are all there are.
        (temporal, old, new) if is_temporal(temporal) => {
            let digits = |modifiers: &[i64]| modifiers.first().copied().unwrap_or(6);
            digits(old) <= digits(new)
        }
        (_, old, new) => old == new,
    }
}

fn is_temporal(base: &str) -> bool {
    base.starts_with("timestamp ") || base.starts_with("time ") || base == "interval"
}

/// Different types with the same bytes.
fn between(old: &str, new: &str, facts: &dyn Facts) -> Option<TypeChange> {
    const TIMESTAMPS: [&str; 2] = ["timestamp without time zone", "timestamp with time zone"];
    const SAME: [(&str, &str); 4] = [
        ("text", "character varying"),
        ("character varying", "text"),
        ("cidr", "inet"),
        ("character", "bpchar"),
    ];
    const OF_ANOTHER_ORDER: [(&str, &str); 13] = [
        ("text", "bpchar"),
        ("text", "citext"),
        ("character varying", "bpchar"),
        ("character varying", "citext"),
        ("citext", "text"),
        ("citext", "character varying"),
        ("citext", "bpchar"),
        ("xml", "text"),
        ("xml", "character varying"),
        ("xml", "bpchar"),
        ("bit", "bit varying"),
        ("integer", "oid"),
        ("oid", "integer"),
    ];
    if SAME.contains(&(old, new)) {
        Some(TypeChange::Nothing)
    } else if OF_ANOTHER_ORDER.contains(&(old, new)) {
        Some(TypeChange::Reindex)
    } else if TIMESTAMPS.contains(&old) && TIMESTAMPS.contains(&new) {
        Some(match facts.is_utc() {
            Some(true) => TypeChange::Reindex,
            Some(false) => TypeChange::Rewrite,
            None => TypeChange::Unknown,
        })
    } else {
        None
    }
}

/// Whether it is a type of the server's own of which all is said above.
pub(super) fn is_own(base: &str) -> bool {
    const OWN: [&str; 39] = [
        "bigint",
        "bit",
        "bit varying",
        "boolean",
        "box",
        "bpchar",
        "bytea",
        "character",
        "character varying",
        "cidr",
        "circle",
        "citext",
        "date",
        "double precision",
        "inet",
        "integer",
        "interval",
        "json",
        "jsonb",
        "line",
        "macaddr",
        "macaddr8",
        "money",
        "name",
        "numeric",
        "oid",
        "point",
        "real",
        "smallint",
        "text",
        "time with time zone",
        "time without time zone",
        "timestamp with time zone",
        "timestamp without time zone",
        "tsquery",
        "tsvector",
        "uuid",
        "xml",
        "jsonpath",
    ];
    OWN.contains(&base) || base.ends_with("range")
}
