//! Operations on real databases.

mod concurrently;
mod journal;
mod killed;
mod live_writer;
mod retried;
mod safely;
