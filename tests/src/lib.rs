//! The testkit.

pub mod alembic_cases;
pub mod declared;
