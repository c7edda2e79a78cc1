//! What schema changes lock, rewrite and read on PostgreSQL: facts, each checked against real servers.
//!
//! A [`Case`] is a fact about a statement and a row of `docs/locks.md`. A [`Trial`] is whatever can be run and
//! compared with what somebody expected of it: a case, or an operation with its prediction.

mod case;
mod cases;
mod document;
mod fixture;
mod trial;

pub use self::case::{Case, Section};
pub use self::cases::SECTIONS;
pub use self::document::document;
pub use self::fixture::FIXTURE;
pub use self::trial::{Expected, Trial, Way, mismatches};
