//! Taking over what another migration tool has done.
//!
//! Each tool has a table in which it records what it applied. [`Migrator::adopt`](crate::Migrator::adopt) reads it,
//! finds the revision that each row stands for, and records those as applied, at the time when the tool says that it
//! was. The tool's table is read and left as it is.
//!
//! | tool | its table | a row stands for the revision whose id is |
//! |---|---|---|
//! | Diesel | `__diesel_schema_migrations` | its version |
//! | Alembic | `alembic_version` | its head, and for everything below that |
//! | sqlx | `_sqlx_migrations` | its version |
//! | refinery | `refinery_schema_history` | its version |
//! | SeaORM | `seaql_migrations` | its name |

mod decide;
mod error;
mod known;
mod report;
mod table;
#[cfg(test)]
mod tests;
mod tool;

pub(crate) use self::decide::{Adoption, Ours, decide};
pub use self::error::AdoptError;
pub use self::known::OtherLedger;
pub use self::report::{AdoptReport, Adopted};
pub use self::table::Row;
pub(crate) use self::table::read;
pub use self::tool::{Source, Tool};
