//! `adopt alembic --from`: Alembic's scripts, read as text, become Rust revisions.
//!
//! Nothing of what is read is run. Each direction of a revision is taken over whole or not at all: as operations
//! where every statement has its counterpart, else as the SQL that Alembic's offline mode printed for it, else as a
//! body that says that it is not written yet, with the Python above it.
//!
//! | file | what it has |
//! |---|---|
//! | `python` | as much of Python as scripts are read with |
//! | `script`, `date` | one script: its node, and its two functions |
//! | `folder` | a directory of them, and whether they make a graph |
//! | `translate` | a function as operations, or why not |
//! | `offline`, `statements` | the output of `alembic upgrade … --sql`, revision by revision |
//! | `file` | the text of a Rust file |
//! | `convert` | all of it, decided first, written then |

mod convert;
mod date;
mod error;
mod file;
mod folder;
mod offline;
mod python;
mod script;
mod statements;
mod translate;

pub(crate) use self::convert::{Conversion, Request, convert, write};
pub(crate) use self::error::ConvertError;
pub(crate) use self::file::Source;
