//! Reads the catalog of SQLite.
//!
//! A handful of queries, whatever the number of tables: SQLite's pragmas as table-valued functions, joined over
//! `sqlite_schema`. What they do not tell is read from the texts of the `CREATE` statements: checks, the names of
//! constraints, conflict clauses, computed expressions, collations, `AUTOINCREMENT`, when a foreign key is checked.
//!
//! Texts are in [normal form](crate::sqlite::normal), for SQLite itself rewrites the names in a statement when it
//! renames a table or a column: quotes, case, white space and comments make no difference. Neither does whether a
//! constraint stands in a column's definition or behind the columns, or a table's own name before its columns in
//! a check. The indexes that SQLite makes for constraints are left out, because their names are numbers and move
//! when another constraint goes; so are its own tables and the shadow tables of virtual ones.

mod column;
mod constraint;
mod index;
mod read;
mod statistics;
mod table;
#[cfg(test)]
mod tests;

pub(super) use self::read::read;
pub(super) use self::statistics::statistics;
