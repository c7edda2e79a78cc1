//! The workspace's integration tests.

mod alembic_cases;
mod histories;
mod tidy;
