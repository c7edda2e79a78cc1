//! Typed Rust migrations for Diesel on a revision graph.

pub mod graph;
pub mod plan;
pub mod revision;
