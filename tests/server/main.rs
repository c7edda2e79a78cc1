//! Tests of the runner, the ledger and the lock against real databases.

mod atomic;
mod bulk;
mod catalog;
mod closed;
mod defaults;
mod embedding;
mod ledger_rows;
mod lock;
mod locks;
mod outside_transaction;
mod pooler;
mod rebuild;
mod refusals;
mod rendering;
mod retries;
mod secrets;
mod single_transaction;
mod sixteen_processes;
mod startup;
mod stopped;
mod testkit;
mod whisperengine;
mod worker;
