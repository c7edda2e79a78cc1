//! Scripts of Alembic, taken over by `adopt alembic`, beside what Alembic itself makes of them.
//!
//! The scripts are our own, in `fixtures/alembic/versions`, written in as many ways as people write them. Beside them
//! stands what real Alembic (1.20) says of them: `graph.json`, and its offline mode's `upgrade.sql` and `downgrade.sql`.
//! `versions` is what `adopt alembic` writes; a test holds it to that, and being compiled here shows that it compiles.

#![expect(unreachable_pub, reason = "the files are written as in a crate of their own")]

mod agreement;
mod conversion;

migrate_core::migrations!("server/from_alembic/versions");
