//! Getting a table from one definition to another.
//!
//! What SQLite's own `ALTER TABLE` cannot do is done as its documentation says (lang_altertable, section 7): a new
//! table, a copy of the rows, and the new table in place of the old one, within one transaction.

mod compile;
mod copy;
mod decide;
mod error;
pub(crate) mod foreign_keys;
mod misfit;
mod plan;
mod run;
mod schema;
#[cfg(all(test, feature = "sqlite"))]
mod tests;
mod uses;

pub use self::decide::plan_rebuild;
pub use self::error::RebuildError;
pub(crate) use self::error::asks_for_foreign_keys_off;
pub use self::foreign_keys::{BrokenForeignKeys, ForeignKeyCheck};
pub use self::misfit::Misfit;
pub use self::plan::{Change, Rebuild};
pub(crate) use self::run::atomically;
pub use self::run::rebuild;
pub use self::schema::{SchemaObject, SchemaSnapshot};
