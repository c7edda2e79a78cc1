//! Schema changes as data: what Alembic calls `op.*`, typed.
//!
//! A method of [`Context`](crate::Context) makes an [`Operation`] and runs it. The operation is a plain value
//! that says its SQL for each server, what takes it back, which locks it takes and what it rewrites, so that a
//! plan, a script and a check know all of that before anything runs. Nothing in here touches a database.
//!
//! | file | what it has |
//! |---|---|
//! | `kind` | the list of operations |
//! | `table`, `column`, `constraint`, `index`, `object`, `rows` | what they are made of, with builders |
//! | `types`, `value`, `sql`, `name`, `naming` | types, literals, SQL per dialect, names |
//! | `inverse` | what takes each one back |
//! | `safe` | changes that block nobody, as the operations they consist of |
//! | `render` | the SQL for each server |
//! | `effect`, `forecast` | what each statement does to others on PostgreSQL |

mod column;
mod constraint;
mod effect;
mod error;
pub mod forecast;
mod index;
mod inverse;
mod kind;
mod name;
mod naming;
mod object;
pub mod render;
mod rows;
pub(crate) mod safe;
mod sql;
mod table;
mod types;
mod value;

pub use self::column::{Column, ColumnChange, Generated, Identity, alter, column};
pub use self::constraint::{
    Action, Check, Constraint, Deferral, Exclude, ExcludeKey, ForeignKey, PrimaryKey, References, Unique,
    check, exclude, foreign_key, primary_key, unique,
};
pub use self::effect::{Assumption, Effect, TableLock};
pub use self::error::{NameFault, NoSafeWay, OperationError};
pub use self::index::{Index, IndexKey, KeyTarget, index, key, key_expression};
pub use self::inverse::{NoInverse, Reason};
pub use self::kind::{Leaves, Operation};
pub use self::name::{Dropped, Dropping, Name, cascade, concurrently, if_exists};
pub use self::naming::{LONGEST_NAME, column_constraint_name};
pub use self::object::{
    Comment, CommentTarget, EnumColumn, EnumPosition, EnumValue, Extension, Function, ReindexTarget,
    ReplaceEnum, Sequence, Timing, Trigger, TriggerEvent, View, comment, enum_value, extension, function,
    no_comment, replace_enum, sequence, trigger, view,
};
pub use self::rows::{Rows, rows};
pub use self::sql::{NoSqlForDialect, Sql, per_dialect, sql};
pub use self::table::{AlterTable, Table, TableChange, TableChanges, TableOptions, table};
pub use self::types::{
    ColumnType, EnumType, array, char, custom, decimal, enum_type, named_type, names, range, varchar,
};
pub use self::value::{ColumnDefault, IntoRow, Null, Value, expression, now, random_uuid};

#[cfg(test)]
mod tests;
