//! The testkit.

pub mod alembic_cases;
pub mod declared;
pub mod fixture;
pub mod testkit;
