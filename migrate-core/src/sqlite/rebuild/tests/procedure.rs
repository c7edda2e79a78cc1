//! Generated tables against SQLite's documented procedure.
