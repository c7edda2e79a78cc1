//! The rules, one a file.

mod concurrent_if_not_exists;
mod concurrent_in_transaction;
mod drop_index_not_concurrent;
mod index_not_concurrent;
mod invalid_index;
mod reindex_not_concurrent;
mod set_not_null;

use super::rule::Rule;

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
    drop_index_not_concurrent, reindex_not_concurrent, set_not_null,
}
