//! Backfills under the worst that can happen, over and over: what comes out is what an undisturbed run leaves.

mod cut;
mod full_disk;
mod killed;
mod locked;
mod memory;
mod restarted;
mod stolen;
mod storm;
mod trial;
