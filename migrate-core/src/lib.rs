//! Typed Rust migrations for Diesel on a revision graph.

pub mod revision;
