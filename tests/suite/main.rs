//! The workspace's integration tests.

mod alembic_cases;
mod histories;
mod locks_document;
mod rendering;
mod tidy;
