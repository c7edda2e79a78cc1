//! New migration files: what stands in the source directory, and what is written there.
//!
//! Works on the files on disk and not on the linked migrations, so `new` twice in a row makes a chain without a
//! build in between, and a file that does not compile yet is no obstacle.

pub mod draft;
pub mod reader;
pub mod slug;
pub mod sql;
pub mod template;
pub mod tree;
pub mod writer;
