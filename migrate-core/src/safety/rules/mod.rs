//! The rules, one a file.

mod add_required_column;
mod cascade_drop;
mod char_column;
mod check_not_valid_first;
mod concurrent_if_not_exists;
mod concurrent_in_transaction;
mod data_in_schema_transaction;
mod drop_column;
mod drop_foreign_key;
mod drop_index_not_concurrent;
mod drop_not_null;
mod drop_table;
mod enum_value_in_transaction;
mod exclusion_constraint;
mod foreign_key_not_valid_first;
mod foreign_key_without_index;
mod index_not_concurrent;
mod invalid_index;
mod json_column;
mod large_rebuild;
mod money_column;
mod narrow_primary_key;
mod no_lock_timeout;
mod numbered_column;
mod primary_key;
mod raw_sql;
mod refresh_not_concurrent;
mod reindex_not_concurrent;
mod rename_column;
mod rename_enum_value;
mod rename_schema;
mod rename_table;
mod set_not_null;
mod several_alters;
mod stored_generated_column;
mod table_copy;
mod timestamp_without_zone;
mod type_change_rewrite;
mod unique_constraint;
mod validate_in_same_transaction;
mod volatile_default;
mod work_after_strong_lock;

use super::case::Case;
use super::finding::Alternative;
use super::rule::Rule;
use crate::connection::Dialect;
use crate::operation::{Constraint, Name};

/// Makes the list of the rules, and a name for each as attributes write it.
macro_rules! rules {
    ($($rule:ident,)*) => {
        /// All rules, in the order of the documentation.
        pub static RULES: &[&Rule] = &[$(&$rule::RULE),*];

        /// The names of the rules, as `allow(…)` in an attribute has them.
        #[expect(non_upper_case_globals, reason = "they stand in attributes, where lints are written like this")]
        pub mod names {
            $(
                #[doc = concat!("The rule `", stringify!($rule), "`.")]
                pub const $rule: &str = super::$rule::RULE.name;
            )*
        }
    };
}

rules! {
    index_not_concurrent, concurrent_in_transaction, concurrent_if_not_exists, invalid_index,
    drop_index_not_concurrent, reindex_not_concurrent, refresh_not_concurrent, check_not_valid_first,
    foreign_key_not_valid_first, validate_in_same_transaction, set_not_null, unique_constraint, primary_key,
    exclusion_constraint, drop_foreign_key, volatile_default, numbered_column, stored_generated_column,
    type_change_rewrite, several_alters, work_after_strong_lock, data_in_schema_transaction,
    no_lock_timeout, table_copy, large_rebuild, raw_sql, add_required_column, enum_value_in_transaction,
    rename_column, rename_table, rename_schema, rename_enum_value, drop_column, drop_table, drop_not_null,
    cascade_drop, json_column, foreign_key_without_index, char_column, timestamp_without_zone, money_column,
    narrow_primary_key,
}

/// Adds a constraint `NOT VALID`, and validates it in a transaction of its own.
fn not_valid_first(case: &Case<'_>, table: &Name, constraint: &Constraint) -> Alternative {
    let name = constraint.name_in(&table.name);
    let mut code = case.code().constraint(constraint);
    if constraint.name().is_none() {
        // A name is needed to validate it; it is the one that it would get.
        let named = format!(".named({name:?})");
        let at = [".deferrable()", ".initially_deferred()"].iter().find_map(|end| code.strip_suffix(end));
        let position = at.map_or(code.len(), str::len);
        code.insert_str(position, &named);
    }
    Alternative::outside_transaction(not_valid_lines(case, table, &code, &name))
}

fn not_valid_lines(case: &Case<'_>, table: &Name, constraint: &str, name: &str) -> String {
    let (table, name) = (case.code().name(table), case.code().text(name));
    format!(
        "cx.add_constraint({table}, {constraint}.not_valid())?;\ncx.validate_constraint({table}, {name})?;"
    )
}

/// Ends an alternative that added a column nullable.
fn then_set_not_null(case: &Case<'_>, other: Alternative, table: &Name, column: &str) -> Alternative {
    if case.dialect == Dialect::Postgres {
        return other.and_outside("then", set_not_null::code(case, table, column));
    }
    let code = case.code();
    other.and("then", format!("cx.set_not_null({}, {})?;", code.name(table), code.text(column)))
}
