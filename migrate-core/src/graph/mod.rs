//! The revision graph: names resolved to edges, checked once, asked many times.
//!
//! Pure: values in, values out. Nodes are positions in the list of revisions sorted by id, so that "in id order"
//! is "in node order" and no answer can depend on the order of registration.

mod adjacency;
mod build;
mod cycle;
mod error;
mod label;
mod name;
mod revision_graph;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod walk;

pub use error::{GraphError, GraphErrors, NameFault};
pub use revision_graph::RevisionGraph;
pub(crate) use walk::NodeSet;

/// A revision's position in the list sorted by id.
pub(crate) type Node = usize;
