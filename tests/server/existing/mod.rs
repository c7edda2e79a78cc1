//! Databases that were there before their ledger.

mod tables;
mod together;
