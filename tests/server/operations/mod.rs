//! Operations on real databases.

mod journal;
mod retried;
