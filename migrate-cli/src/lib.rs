//! The command line of `migrate-core`.

pub mod clock;
pub mod exit_code;
mod render;
pub mod scaffold;
pub mod settings;
pub mod ui;
