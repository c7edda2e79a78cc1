//! The command line of `migrate-core`: a program over any crate of migrations.
//!
//! [`run`] is the whole of it. stdout carries data, stderr talk; with `--json` every command that reads prints
//! a document with a `version`; the exit codes are listed in [`exit_code`].
//!
//! Commands that write source files ([`scaffold`]) read what is on disk; all others work with what is linked.

#[cfg(feature = "adopt-alembic")]
mod alembic;
mod app;
mod args;
pub mod clock;
mod commands;
mod error;
pub mod exit_code;
mod program;
pub mod project;
mod render;
pub mod scaffold;
pub mod settings;
pub mod ui;
mod watch;

pub use self::error::{CommandError, ErrorKind};
pub use self::program::{run, run_with};
