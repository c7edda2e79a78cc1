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

/// Two tests of each page: one on SQLite, one on PostgreSQL.
macro_rules! pages {
    ($($name:ident: $page:literal;)*) => {
        const PAGES: &[&str] = &[$($page),*];

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

pages! {
    application_code: "docs/guide/application-code.md";
    backfills: "docs/backfills.md";
    branching: "docs/guide/branching.md";
    concepts: "docs/concepts.md";
    patterns: "docs/guide/patterns.md";
    production: "docs/guide/production.md";
    quick_start: "docs/guide/quick-start.md";
    troubleshooting: "docs/guide/troubleshooting.md";
    workflow: "docs/guide/workflow.md";
}

#[test]
fn every_page_with_shell_in_it_is_run() {
    for page in migrate_guide::page::pages(project::workspace()) {
        let text = std::fs::read_to_string(project::workspace().join(&page)).expect("a page");
        let has_shell = migrate_guide::page::blocks(&text).iter().any(|block| matches!(block.word.as_str(), "sh" | "run"));
        assert_eq!(
            has_shell,
            PAGES.contains(&page.as_str()),
            "{page} is to be in the list of `pages!`, or not"
        );
    }
}
