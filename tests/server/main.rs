//! Tests of the runner, the ledger and the lock against real databases.

mod adopt;
mod atomic;
mod backfill;
mod bulk;
mod catalog;
mod chaos;
mod closed;
mod defaults;
mod defer;
mod embedding;
mod existing;
mod from_alembic;
mod ledger_rows;
mod lock;
mod locks;
mod operations;
mod outside_transaction;
mod pooler;
mod previews;
mod real;
mod rebuild;
mod refusals;
mod rehearsal;
mod rendering;
mod retries;
mod safety;
mod scripts;
mod secrets;
mod single_transaction;
mod sixteen_processes;
mod startup;
mod stopped;
mod testkit;
mod whisperengine;
mod worker;

/// What `adopt alembic` writes names the connection as in a crate of its own; the scripts of `from_alembic` are
/// PostgreSQL's.
type Connection = diesel::PgConnection;
