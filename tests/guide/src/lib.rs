//! The blocks of the documents.
//!
//! The Rust in README.md and in each page under `docs` is a doc test of this crate, made by `build.rs`; `suite` runs
//! the shell. docs/README.md has the conventions.

pub mod page;

/// The Rust in the documents, compiled like any doc test.
#[cfg(doctest)]
mod documents {
    include!(concat!(env!("OUT_DIR"), "/documents.rs"));
}
