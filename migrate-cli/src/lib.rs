//! The command line of `migrate-core`.

pub mod clock;
pub mod scaffold;
