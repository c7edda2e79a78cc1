//! Comparing our plans with recorded answers of Alembic, case by case.
//!
//! A case is one line of JSON: a graph, the rows of the version table, a command with its target, and what
//! Alembic 1.20 did. [`judge`] runs our planner on it and says whether we agree; [`Mistakes`] is the short list
//! of answers that we hold to be wrong.

mod answer;
mod case;
mod judge;
mod mistakes;
mod model;

pub use answer::Answer;
pub use case::{Case, CaseError, read_cases};
pub use judge::{Report, Verdict, judge, report};
pub use mistakes::{Mistake, Mistakes};
