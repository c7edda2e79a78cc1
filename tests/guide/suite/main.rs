//! The documents: their shell is run, their outputs compared, their links followed.
//!
//! The Rust in them is compiled by the doc tests (`build.rs`). docs/README.md has the conventions.

#![cfg(unix)]

mod conventions;

mod project;
mod reference;
mod transcript;
mod walk;

use crate::project::Server;

/// Two tests of each page that has shell in it (`build.rs` lists them): one on SQLite, one on PostgreSQL.
macro_rules! pages {
    ($($name:ident: $page:literal;)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn on_sqlite() {
                walk::walk($page, Server::Sqlite);
            }

            #[test]
            fn on_postgres() {
                walk::walk($page, Server::Postgres);
            }
        })*
    };
}

include!(concat!(env!("OUT_DIR"), "/pages.rs"));
