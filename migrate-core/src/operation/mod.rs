//! Schema changes as data: what Alembic calls `op.*`, typed.
//!
//! A method of [`Context`](crate::Context) makes an [`Operation`] and runs it. The operation is a plain value
//! that says its SQL for each server, what takes it back, which locks it takes and what it rewrites, so that a
//! plan, a script and a check know all of that before anything runs. Nothing in here touches a database.
//!
//! | file | what it has |
//! |---|---|
//! | `kind` | the list of operations |
//! | `table`, `column`, `constraint`, `index`, `enums`, `view`, `trigger`, … | what they are made of, with builders |
//! | `types`, `value`, `sql`, `name`, `naming` | types, literals, SQL per dialect, names |
//! | `inverse` | what takes each one back |
//! | `safe` | changes that block nobody, as the operations they consist of |
//! | `render` | the SQL for each server |
//! | `effect`, `forecast` | what each statement does to others on PostgreSQL |

mod column;
mod comment;
mod constraint;
mod effect;
mod enums;
mod error;
mod extension;
pub mod forecast;
mod function;
mod index;
mod inverse;
mod kind;
mod name;
mod naming;
pub mod render;
mod rows;
pub(crate) mod safe;
mod sequence;
mod sql;
mod table;
mod trigger;
mod types;
mod value;
mod view;

pub use self::column::{Column, ColumnChange, Generated, Identity, alter, column};
pub use self::comment::{Comment, CommentTarget, comment, no_comment};
pub use self::constraint::{
    Action, Check, Constraint, Deferral, Exclude, ExcludeKey, ForeignKey, PrimaryKey, References, Unique,
    check, exclude, foreign_key, primary_key, unique,
};
pub use self::effect::{Assumption, Effect, TableLock};
pub use self::enums::{
    EnumColumn, EnumPosition, EnumType, EnumValue, ReplaceEnum, enum_type, enum_value, replace_enum,
};
pub use self::error::{NameFault, NoSafeWay, OperationError};
pub use self::extension::{Extension, extension};
pub use self::function::{Function, function};
pub use self::index::{Index, IndexKey, KeyTarget, ReindexTarget, index, key, key_expression};
pub use self::inverse::{NoInverse, Reason};
pub use self::kind::{Leaves, Operation};
pub use self::name::{Dropped, Dropping, Name, cascade, concurrently, if_exists};
pub(crate) use self::naming::names_in;
pub use self::naming::{LONGEST_NAME, column_constraint_name};
pub use self::rows::{Rows, rows};
pub use self::sequence::{Sequence, sequence};
pub use self::sql::{NoSqlForDialect, Sql, per_dialect, sql};
pub use self::table::{AlterTable, Table, TableChange, TableChanges, TableOptions, table};
pub use self::trigger::{Timing, Trigger, TriggerEvent, trigger};
pub use self::types::{ColumnType, array, char, custom, decimal, named_type, names, range, varchar};
pub use self::value::{ColumnDefault, IntoRow, Null, Value, expression, now, random_uuid};
pub use self::view::{View, view};

#[cfg(test)]
mod tests;
