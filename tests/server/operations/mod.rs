//! What holds for operations of every kind, on both servers.

mod generate;
mod model;
mod revert;
