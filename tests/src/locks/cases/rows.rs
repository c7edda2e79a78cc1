//! Reading and writing rows.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessShare, RowExclusive, RowShare};

pub(super) const SECTION: Section = Section {
    title: "Rows",
    text: "What an application does all the time, and what a backfill does.",
    cases: &[
        Case::of("read", &["SELECT count(*) FROM users"]).locks(&[("users", AccessShare)]).scans(&["users"]),
        Case::of("read and lock rows", &["SELECT FROM users WHERE id = 1 FOR UPDATE"])
            .locks(&[("users", RowShare)]),
        Case::of("insert", &["INSERT INTO teams VALUES (1000, 'new')"]).locks(&[("teams", RowExclusive)]),
        Case::of(
            "insert into a table with a foreign key",
            &["INSERT INTO memberships (user_id, role) VALUES (1, 'x')"],
        )
        .locks(&[
            ("memberships", RowExclusive),
            ("memberships_id_seq", RowExclusive),
            ("users", RowShare),
        ]),
        Case::of("update one row", &["UPDATE users SET bio = '' WHERE id = 1"])
            .locks(&[("users", RowExclusive)]),
        Case::of("update all rows", &["UPDATE users SET bio = upper(bio)"])
            .locks(&[("users", RowExclusive)])
            .scans(&["users"]),
        Case::of("delete from a table that others refer to", &["DELETE FROM users WHERE id = 2999"])
            .locks(&[("memberships", RowShare), ("users", RowExclusive)])
            .scans(&["memberships"]),
    ],
};
