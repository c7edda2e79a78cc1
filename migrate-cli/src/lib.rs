//! The command line of `migrate-core`.
