//! Views and sequences.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, AccessShare, Exclusive, Share, ShareRowExclusive};

pub(super) const SECTION: Section = Section {
    title: "Views and sequences",
    text: "A view takes no more of its tables than a reader does. Whoever reads a view waits \
           for the lock on it.",
    cases: &[
        Case::of("create a view", &["CREATE VIEW old_users AS SELECT id FROM users WHERE age > 80"])
            .locks(&[("users", AccessShare)]),
        Case::of(
            "replace a view",
            &["CREATE OR REPLACE VIEW old_users AS SELECT id FROM users WHERE age > 70"],
        )
        .after(&["CREATE VIEW old_users AS SELECT id FROM users WHERE age > 80"])
        .locks(&[("old_users", AccessExclusive), ("users", AccessShare)]),
        Case::of("drop a view", &["DROP VIEW old_users"])
            .after(&["CREATE VIEW old_users AS SELECT id FROM users WHERE age > 80"])
            .locks(&[("old_users", AccessExclusive)]),
        Case::of("rename a view", &["ALTER VIEW old_users RENAME TO aged_users"])
            .after(&["CREATE VIEW old_users AS SELECT id FROM users WHERE age > 80"])
            .locks(&[("old_users", AccessExclusive)]),
        Case::of(
            "create a materialized view",
            &["CREATE MATERIALIZED VIEW ages AS SELECT age, count(*) FROM users GROUP BY age"],
        )
        .locks(&[("users", AccessShare)])
        .scans(&["users"]),
        Case::of("refresh a materialized view", &["REFRESH MATERIALIZED VIEW team_sizes"])
            .locks(&[("team_sizes", AccessExclusive), ("users", AccessShare)])
            .rewrites(&["team_sizes"])
            .scans(&["team_sizes", "users"]),
        Case::of(
            "refresh a materialized view concurrently",
            &["REFRESH MATERIALIZED VIEW CONCURRENTLY team_sizes"],
        )
        .locks(&[("team_sizes", Exclusive), ("users", AccessShare)])
        .scans(&["team_sizes", "users"]),
        Case::of("rename a materialized view", &["ALTER MATERIALIZED VIEW team_sizes RENAME TO sizes"])
            .locks(&[("team_sizes", AccessExclusive)]),
        Case::of(
            "create an index on a materialized view",
            &["CREATE INDEX team_sizes_members ON team_sizes (members)"],
        )
        .locks(&[("team_sizes", Share)])
        .scans(&["team_sizes"]),
        Case::of("drop a materialized view", &["DROP MATERIALIZED VIEW team_sizes"])
            .locks(&[("team_sizes", AccessExclusive)]),
        Case::of("create a sequence", &["CREATE SEQUENCE numbers"]),
        Case::of("change a sequence", &["ALTER SEQUENCE memberships_id_seq INCREMENT BY 10"])
            .locks(&[("memberships_id_seq", ShareRowExclusive)]),
        Case::of("restart a sequence", &["ALTER SEQUENCE memberships_id_seq RESTART WITH 10000"])
            .locks(&[("memberships_id_seq", ShareRowExclusive)]),
        Case::of("rename a sequence", &["ALTER SEQUENCE memberships_id_seq RENAME TO numbers"])
            .locks(&[("memberships_id_seq", AccessExclusive)]),
        Case::of("give a sequence to a column", &["ALTER SEQUENCE numbers OWNED BY users.age"])
            .after(&["CREATE SEQUENCE numbers"])
            .locks(&[("numbers", ShareRowExclusive), ("users", AccessShare)]),
        Case::of("drop a sequence", &["DROP SEQUENCE numbers"])
            .after(&["CREATE SEQUENCE numbers"])
            .locks(&[("numbers", AccessExclusive)]),
    ],
};
