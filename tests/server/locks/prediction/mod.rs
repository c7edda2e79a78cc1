//! What a forecast says, beside what servers do.

mod measured;
mod operations;
mod run;
mod types;
