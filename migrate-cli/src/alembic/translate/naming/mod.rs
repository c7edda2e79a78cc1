//! The names that a `naming_convention` of the application's metadata gives to what scripts leave unnamed.
//!
//! Alembic makes its tables and constraints with that metadata, so the names are made when a script runs and stand
//! nowhere in it. Here the calls are written out as if the script had named everything.

mod pattern;
mod settle;

pub(in crate::alembic) use self::pattern::Naming;
pub(super) use self::pattern::truncated;
