//! Left over.
