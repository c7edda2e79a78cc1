//! A plan for a person who is about to run it: what each step does, and who waits for it.

mod backfill;
mod effect;
mod lines;

pub(crate) use self::effect::bytes_in_words;
pub(crate) use self::lines::{Detail, PlanView};
