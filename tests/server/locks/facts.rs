//! Each fact, on the machine's server and on PostgreSQL 18.

use migrate_tests::locks::{SECTIONS, mismatches};
use migrate_tests::testkit::Postgres;

fn check(server: &Postgres, title: &str) {
    let version = server.database().one("SELECT current_setting('server_version_num')");
    let major = version.parse::<u32>().unwrap() / 10_000;
    let section = SECTIONS.iter().find(|section| section.title == title).unwrap();
    let trials: Vec<_> = section.cases.iter().map(|case| case.trial(major)).collect();
    let mismatches = mismatches(server, &trials);
    assert!(mismatches.is_empty(), "on PostgreSQL {major}:\n{mismatches}");
}

/// Two tests of each section, which may run at the same time.
macro_rules! sections {
    ($($name:ident: $title:literal,)*) => {
        $(mod $name {
            use super::*;

            #[test]
            fn on_the_machines_server() {
                check(Postgres::shared(), $title);
            }

            #[test]
            fn on_18() {
                check(Postgres::eighteen(), $title);
            }
        })*

        #[test]
        fn no_section_is_left_out() {
            let titles: Vec<_> = SECTIONS.iter().map(|section| section.title).collect();
            assert_eq!(titles, [$($title),*]);
        }
    };
}

sections! {
    columns: "Columns",
    defaults_and_not_null: "Defaults and NOT NULL",
    column_types: "Column types",
    constraints: "CHECK, UNIQUE, PRIMARY KEY, EXCLUDE",
    foreign_keys: "Foreign keys",
    indexes: "Indexes",
    tables: "Tables, triggers, policies",
    partitions: "Partitions",
    views_and_sequences: "Views and sequences",
    settings: "Settings and comments",
    rows: "Rows",
}
