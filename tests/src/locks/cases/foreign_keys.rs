//! Foreign keys.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, RowShare, ShareRowExclusive, ShareUpdateExclusive};

pub(super) const SECTION: Section = Section {
    title: "Foreign keys",
    text: "They lock both tables, for both get triggers; dropping one stops even the readers of \
           both. What validates one is a query that joins the tables: it reads the referring \
           one, and of the other as much as its plan wants.",
    cases: &[
        Case::of(
            "add a foreign key",
            &["ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams"],
        )
        .locks(&[("teams", ShareRowExclusive), ("users", ShareRowExclusive)])
        .scans(&["teams", "users"]),
        Case::of(
            "add a foreign key that is NOT VALID",
            &["ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams \
               NOT VALID"],
        )
        .locks(&[("teams", ShareRowExclusive), ("users", ShareRowExclusive)]),
        Case::of("validate a foreign key", &["ALTER TABLE users VALIDATE CONSTRAINT users_team"])
            .after(&["ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams \
                      NOT VALID"])
            .locks(&[("teams", RowShare), ("users", ShareUpdateExclusive)])
            .scans(&["teams", "users"]),
        Case::of(
            "add a foreign key into the table itself",
            &["ALTER TABLE users ADD CONSTRAINT users_self FOREIGN KEY (id) REFERENCES users"],
        )
        .locks(&[("users", ShareRowExclusive)])
        .scans(&["users"]),
        Case::of(
            "add a foreign key into the table itself that is NOT VALID",
            &["ALTER TABLE users ADD CONSTRAINT users_self FOREIGN KEY (id) REFERENCES users NOT \
               VALID"],
        )
        .locks(&[("users", ShareRowExclusive)]),
        Case::of(
            "add a foreign key that is NOT ENFORCED",
            &["ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams \
               NOT ENFORCED"],
        )
        .since(18)
        .locks(&[("teams", ShareRowExclusive), ("users", ShareRowExclusive)]),
        Case::of(
            "add a column and a foreign key on it, in one statement",
            &["ALTER TABLE users ADD COLUMN leads bigint, \
               ADD CONSTRAINT users_leads FOREIGN KEY (leads) REFERENCES teams"],
        )
        .locks(&[("teams", ShareRowExclusive), ("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of("drop a foreign key", &["ALTER TABLE memberships DROP CONSTRAINT memberships_user"])
            .locks(&[("memberships", AccessExclusive), ("users", AccessExclusive)]),
        Case::of(
            "make a foreign key deferrable",
            &["ALTER TABLE memberships ALTER CONSTRAINT memberships_user DEFERRABLE"],
        )
        .locks(&[("memberships", AccessExclusive)]),
        Case::of(
            "rename a foreign key",
            &["ALTER TABLE memberships RENAME CONSTRAINT memberships_user TO member"],
        )
        .locks(&[("memberships", AccessExclusive)]),
        Case::of(
            "create a table with a foreign key",
            &["CREATE TABLE badges (id bigint PRIMARY KEY, user_id bigint REFERENCES users (id))"],
        )
        .locks(&[("users", ShareRowExclusive)]),
        Case::of("drop a table that has a foreign key", &["DROP TABLE memberships"]).locks(&[
            ("memberships", AccessExclusive),
            ("memberships_id_seq", AccessExclusive),
            ("users", AccessExclusive),
        ]),
        Case::of("drop a table that others refer to", &["DROP TABLE users CASCADE"]).locks(&[
            ("memberships", AccessExclusive),
            ("team_sizes", AccessExclusive),
            ("users", AccessExclusive),
        ]),
    ],
};
