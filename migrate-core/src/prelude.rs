//! What a migration's file imports: `use migrate_core::prelude::*;`.

pub use diesel::prelude::*;

pub use crate::connection::{AnyConnection, Dialect};
pub use crate::context::{Context, Sql, per_dialect};
pub use crate::error::{BodyError, Result};
pub use crate::migration::{IrreversibleMigration, Migration};
pub use crate::plan::Direction;
pub use migrate_macros::migration;
