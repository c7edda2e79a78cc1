//! The SQL of operations on real servers.

mod enums;
mod hostile;
mod ordinary;
mod run;
mod sqlite;
