//! What schema changes lock, rewrite and read.

mod facts;
