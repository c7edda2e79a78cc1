//! What schema changes lock, rewrite and read.

mod facts;
mod modes;
mod observing;
mod prediction;
