//! What SQLite lacks: an `ALTER TABLE` for everything that its own cannot do.
//!
//! SQLite keeps the text of each `CREATE` statement and reads its schema from there. So does this module:
//! [`CreateTable`] is such a text taken apart, each part with its place in it. An [`Edit`] changes the text of one
//! part, and every other character stays as its author wrote it. [`plan_rebuild`] decides how a table gets from
//! the old text to the new one, with SQLite's own `ALTER TABLE` where that can do it and otherwise by a copy of the
//! table; [`rebuild`] does it.
//!
//! All but [`rebuild`] and the reading of the schema is values in, values out.

mod create_table;
mod edit;
mod keyword;
mod name;
mod normal;
mod rebuild;
mod token;

pub use self::create_table::{
    Action, ActionEvent, Column, ColumnConstraint, ColumnRule, CreateTable, Deferral, GeneratedKind, Name,
    Options, ParseError, References, TableConstraint, TableRule,
};
pub use self::edit::{ConstraintRef, Edit, EditError};
pub(crate) use self::keyword::is_keyword;
#[cfg(all(test, feature = "sqlite"))]
pub(crate) use self::name::literal;
pub use self::name::{quote, same, unquote};
pub use self::normal::{normal, unqualified};
pub use self::rebuild::{
    BrokenForeignKeys, Change, ForeignKeyCheck, Misfit, Rebuild, RebuildError, SchemaObject, SchemaSnapshot,
    plan_rebuild, rebuild,
};
pub(crate) use self::rebuild::{asks_for_foreign_keys_off, atomically, foreign_keys};
pub use self::token::{Token, TokenError, TokenKind, meaningful, tokens};
