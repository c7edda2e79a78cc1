//! Every sample on the SQLite that comes with the crate, done by migrations.

mod enums;
mod hostile;
mod ordinary;
mod resolved;
mod run;
