//! Columns.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, ShareRowExclusive};

pub(super) const SECTION: Section = Section {
    title: "Columns",
    text: "A new column costs nothing if the server can keep its value in the catalog: none, or \
           one that is the same for all rows. `now()` is, for it is the transaction's; \
           `clock_timestamp()` is not.",
    cases: &[
        Case::of("add a column", &["ALTER TABLE users ADD COLUMN note text"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "add a column with a constant default",
            &["ALTER TABLE users ADD COLUMN note text DEFAULT 'none'"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of(
            "add a NOT NULL column with a constant default",
            &["ALTER TABLE users ADD COLUMN logins integer NOT NULL DEFAULT 0"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of(
            "add a column with a default that is stable",
            &["ALTER TABLE users ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of(
            "add a column with a default that is volatile (a random UUID)",
            &["ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()"],
        )
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
        Case::of(
            "add a column with a default that is volatile (the clock)",
            &["ALTER TABLE users ADD COLUMN created_at timestamptz DEFAULT clock_timestamp()"],
        )
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
        Case::of("add a serial column", &["ALTER TABLE users ADD COLUMN number bigserial"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of(
            "add an identity column",
            &["ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY"],
        )
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
        Case::of(
            "add a stored generated column",
            &["ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (split_part(email, '@', \
               2)) STORED"],
        )
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
        Case::of(
            "add a virtual generated column",
            &["ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (split_part(email, '@', \
               2)) VIRTUAL"],
        )
        .since(18)
        .locks(&[("users", AccessExclusive)]),
        Case::of("add a column of an enum", &["ALTER TABLE users ADD COLUMN second mood DEFAULT 'sad'"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("add a column of a domain with a CHECK", &["ALTER TABLE users ADD COLUMN note short_text"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of(
            "add a column with a CHECK",
            &["ALTER TABLE users ADD COLUMN height integer CHECK (height > 0)"],
        )
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of("add a column that is UNIQUE", &["ALTER TABLE users ADD COLUMN login text UNIQUE"])
            .locks(&[("users", AccessExclusive)])
            .scans(&["users"]),
        Case::of(
            "add a column that refers to another table",
            &["ALTER TABLE users ADD COLUMN leads bigint REFERENCES teams (id)"],
        )
        .locks(&[("teams", ShareRowExclusive), ("users", AccessExclusive)]),
        Case::of(
            "add a column with a default that refers to another table",
            &["ALTER TABLE users ADD COLUMN leads bigint DEFAULT 1 REFERENCES teams (id)"],
        )
        .locks(&[("teams", ShareRowExclusive), ("users", AccessExclusive)])
        .scans(&["teams", "users"]),
        Case::of(
            "add a column that is there, IF NOT EXISTS",
            &["ALTER TABLE users ADD COLUMN IF NOT EXISTS bio text"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("drop a column", &["ALTER TABLE users DROP COLUMN bio"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("drop a column that has an index", &["ALTER TABLE users DROP COLUMN nickname"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "drop a column that refers to another table",
            &["ALTER TABLE memberships DROP COLUMN user_id"],
        )
        .locks(&[("memberships", AccessExclusive), ("users", AccessExclusive)]),
        Case::of(
            "drop a column that is not there, IF EXISTS",
            &["ALTER TABLE users DROP COLUMN IF EXISTS absent"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("drop a column that a view shows", &["ALTER TABLE users DROP COLUMN bio CASCADE"])
            .after(&["CREATE VIEW bios AS SELECT id, bio FROM users"])
            .locks(&[("bios", AccessExclusive), ("users", AccessExclusive)]),
        Case::of("rename a column that a view shows", &["ALTER TABLE users RENAME COLUMN bio TO about"])
            .after(&["CREATE VIEW bios AS SELECT id, bio FROM users"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("rename a column", &["ALTER TABLE users RENAME COLUMN bio TO about"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "make a column an identity",
            &["ALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("change an identity", &["ALTER TABLE memberships ALTER COLUMN id SET GENERATED ALWAYS"])
            .locks(&[("memberships", AccessExclusive), ("memberships_id_seq", ShareRowExclusive)]),
        Case::of("drop an identity", &["ALTER TABLE memberships ALTER COLUMN id DROP IDENTITY"])
            .locks(&[("memberships", AccessExclusive), ("memberships_id_seq", AccessExclusive)]),
        Case::of(
            "make a generated column a plain one",
            &["ALTER TABLE users ALTER COLUMN domain DROP EXPRESSION"],
        )
        .after(&["ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (split_part(email, '@', \
                  2)) STORED"])
        .locks(&[("users", AccessExclusive)]),
        Case::of(
            "change the expression of a stored generated column",
            &["ALTER TABLE users ALTER COLUMN domain SET EXPRESSION AS (lower(split_part(email, \
               '@', 2)))"],
        )
        .after(&["ALTER TABLE users ADD COLUMN domain text GENERATED ALWAYS AS (split_part(email, '@', \
                  2)) STORED"])
        .since(17)
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
    ],
};
