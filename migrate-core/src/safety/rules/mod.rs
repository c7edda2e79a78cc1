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
mod unsaid_loss;
mod validate_in_same_transaction;
mod volatile_default;
mod work_after_strong_lock;

use super::case::Case;
use super::finding::Alternative;
use super::rule::Rule;
use crate::connection::Dialect;
use crate::operation::{Column, Constraint, Name};

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
    cascade_drop, unsaid_loss, json_column, foreign_key_without_index, char_column, timestamp_without_zone, money_column,
    narrow_primary_key,
}

/// Adds a constraint in several transactions, of which the short ones take the strong locks.
fn add_safely(case: &Case<'_>, table: &Name, constraint: &Constraint) -> String {
    let code = case.code();
    format!("cx.safely().add_constraint({}, {})?;", code.name(table), code.constraint(constraint))
}

/// Adds a column, and then its constraints one by one.
///
/// One that writes every row anew, or leaves rows without a value, is another rule's: here it is a plain one.
fn add_column_safely(case: &Case<'_>, table: &Name, column: &Column) -> Alternative {
    let code = case.code();
    let other = Alternative::outside_transaction(format!(
        "cx.safely().add_column({}, {})?;",
        code.name(table),
        code.column(column)
    ));
    if crate::operation::safe::add_column(table, column.clone()).is_ok() {
        return other;
    }
    Alternative::note("the column and its values as its other finding says").and_outside(
        "and at last each of its constraints",
        column_constraints(table, column)
            .map(|constraint| add_safely(case, table, &constraint))
            .collect::<Vec<_>>()
            .join("\n"),
    )
}

/// The constraints that stand with a column, as those of its table.
fn column_constraints<'c>(table: &'c Name, column: &'c Column) -> impl Iterator<Item = Constraint> + 'c {
    let name = move |label: &str| crate::operation::column_constraint_name(&table.name, &column.name, label);
    let checks = column.checks.iter().enumerate().map(move |(number, condition)| {
        let label = if number == 0 { "check".to_owned() } else { format!("check{number}") };
        crate::operation::check(condition.clone()).named(name(&label)).into()
    });
    let unique = column.unique.then(|| crate::operation::unique([&column.name]).into());
    checks.chain(unique)
}

/// Ends an alternative that added a column nullable.
fn then_set_not_null(case: &Case<'_>, other: Alternative, table: &Name, column: &str) -> Alternative {
    if case.dialect == Dialect::Postgres {
        return other.and_outside("then", set_not_null::code(case, table, column));
    }
    let code = case.code();
    other.and("then", format!("cx.set_not_null({}, {})?;", code.name(table), code.text(column)))
}
