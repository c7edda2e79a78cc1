//! From a target to a plan: what would run, in which order, and what is current afterwards.
//!
//! Pure: a graph, an applied set and the words of the user in; a plan or one typed error out. Targets mean what
//! they mean in Alembic 1.20. Where Alembic dies of an assertion or depends on the order of a hash, there is a
//! typed error or one right answer.

mod applied;
mod deferral;
mod downgrade;
mod error;
mod history;
mod offline;
mod relative;
mod resolve;
mod stamp;
mod steps;
mod target;
#[cfg(test)]
mod tests;
mod upgrade;

pub use applied::{Applied, NotApplicable};
pub use deferral::Deferred;
pub use downgrade::{downgrade, undo};
pub use error::PlanError;
pub use history::history;
pub use offline::{
    OfflinePlan, OfflineStamp, offline_downgrade, offline_stamp, offline_upgrade, offline_upgrade_deferring,
};
pub use resolve::{parent, resolve};
pub use stamp::{StampPlan, stamp};
pub use steps::{Direction, Plan, Step};
pub use upgrade::{upgrade, upgrade_deferring};
