//! Diesel's SQL migrations as revisions: what `migrations!("…", diesel = "…")` makes of a directory of them.
//!
//! The files are embedded by `diesel_migrations` itself. Their SQL goes through [`Context`](crate::Context) like that
//! of any body, so plans, scripts, safety rules and the journal see it.

mod recorder;
mod revision;

pub use self::revision::{SqlError, SqlRevision};
