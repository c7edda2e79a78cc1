//! What a migration's file imports: `use migrate_core::prelude::*;`.

pub use diesel::prelude::*;

pub use crate::backfill::{Backfill, End, Pace, Span};
pub use crate::bulk::{bulk_insert, bulk_update, bulk_upsert};
pub use crate::connection::{AnyConnection, Dialect};
pub use crate::context::Context;
pub use crate::error::{BodyError, Result, unwritten};
pub use crate::migration::{IrreversibleMigration, Migration};
pub use crate::operation::Action::{self, Cascade, NoAction, Restrict, SetDefault, SetNull};
pub use crate::operation::names::*;
pub use crate::operation::{
    ColumnType, CommentTarget, EnumType, Name, Null, Operation, ReindexTarget, Sql, Value, alter, array,
    cascade, char, check, column, comment, concurrently, custom, decimal, enum_type, enum_value, exclude,
    expression, extension, foreign_key, function, if_exists, index, key, key_expression, named_type,
    no_comment, now, per_dialect, primary_key, random_uuid, range, replace_enum, rows, sequence, sql, table,
    trigger, unique, varchar, view,
};
pub use crate::plan::Direction;
pub use migrate_macros::migration;
