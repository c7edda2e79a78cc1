//! Tests of the runner, the ledger and the lock against real databases.

mod atomic;
