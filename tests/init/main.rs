//! The crates as they are published: packed, unpacked outside of this workspace, and used as a newcomer does.
//!
//! Needs `tar`, and PostgreSQL with libpq. Nothing is fetched: the crates take each other's packages, and of all others
//! the versions of this workspace's Cargo.lock.

mod newcomer;
mod packages;
mod pages;
mod project;
