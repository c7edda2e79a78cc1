//! Reads the catalog of PostgreSQL 12 and later.
//!
//! One query for each kind of object, all in one snapshot and under pinned settings, for the server's texts depend
//! on the search path, on the style of dates and on more. The server prints what only it can print (expressions,
//! types, definitions) and names things by number; the numbers become names here, which is faster than joins.

mod columns;
mod constraints;
mod fields;
mod indexes;
mod programs;
mod read;
mod relations;
mod selection;
mod sequences;
mod snapshot;
mod statistics;
mod types;

pub(super) use self::read::read;
pub(super) use self::statistics::statistics;
