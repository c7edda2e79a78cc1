//! `scripts/migrations/db-migrate.sh`, with a program that only tells how it was called.

#![cfg(unix)]

mod arguments;
mod database;
mod programs;
mod project;
