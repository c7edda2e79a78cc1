//! Rehearsals: the next batches of a backfill, done and rolled back.
//!
//! In a few short transactions, none of which ever commits: it is read how far the backfill is, and what remains is
//! counted; a sample is done in batches, for the times and the findings; and a few of its rows are done once more while
//! their changes are watched, which would have spoilt the times. No table of the framework is written, so there is
//! nothing to clean up after a crash.
//!
//! - `run`: whether a backfill can be rehearsed, and trying again when others are in the way; `stage`: one try.
//! - `rest`: what is left of the table; `counts`: how many rows that are.
//! - `sample`: the sample; `scout`: its first row, which shows where to take the others from; `place`: a part of the
//!   table that is visited in turn with the others.
//! - `contract`: whether `rows` and the key keep to what is asked of them; `examples`: which rows are changed.
//! - `attempt`: one request to the backfill.

mod attempt;
mod contract;
mod counts;
mod examples;
mod place;
mod rest;
mod run;
mod sample;
mod scout;
mod stage;
