//! The ledgers of other tools, taken over.

mod ledgers;
mod refusals;
mod takeover;
