//! How answers look: lines for people, documents for programs.

pub(crate) mod graph;
