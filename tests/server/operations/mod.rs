//! Operations on real databases.

mod concurrently;
mod generate;
mod journal;
mod killed;
mod live_writer;
mod model;
mod retried;
mod revert;
mod safely;
