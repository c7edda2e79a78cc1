//! Types of columns, and enums.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, Share};

pub(super) const SECTION: Section = Section {
    title: "Column types",
    text: "A table stays as it is where every old value is, byte by byte, a value of the new \
           type. What stands on the column may need more: an index of another kind of order is \
           built again, and a CHECK is checked again.",
    cases: &[
        Case::of("a longer varchar", &["ALTER TABLE users ALTER COLUMN email TYPE varchar(200)"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("a shorter varchar", &["ALTER TABLE users ALTER COLUMN email TYPE varchar(50)"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("varchar to text", &["ALTER TABLE users ALTER COLUMN nickname TYPE text"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("text to varchar(n)", &["ALTER TABLE users ALTER COLUMN bio TYPE varchar(500)"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("text to varchar without a length", &["ALTER TABLE users ALTER COLUMN bio TYPE varchar"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("text to a domain without a CHECK", &["ALTER TABLE users ALTER COLUMN bio TYPE plain"])
            .after(&["CREATE DOMAIN plain AS text"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("text to a domain with a CHECK", &["ALTER TABLE users ALTER COLUMN bio TYPE short_text"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of(
            "numeric of more digits, same scale",
            &["ALTER TABLE users ALTER COLUMN score TYPE numeric(12, 2)"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("numeric without limits", &["ALTER TABLE users ALTER COLUMN score TYPE numeric"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("numeric of another scale", &["ALTER TABLE users ALTER COLUMN score TYPE numeric(12, 4)"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("integer to bigint", &["ALTER TABLE users ALTER COLUMN age TYPE bigint"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("integer to text", &["ALTER TABLE users ALTER COLUMN age TYPE text"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("text to jsonb", &["ALTER TABLE users ALTER COLUMN bio TYPE jsonb USING to_jsonb(bio)"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("an enum to text", &["ALTER TABLE users ALTER COLUMN mood TYPE text"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of(
            "timestamp to timestamptz, TimeZone UTC",
            &["SET LOCAL TimeZone = 'UTC'", "ALTER TABLE users ALTER COLUMN seen_at TYPE timestamptz"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of(
            "timestamp to timestamptz, another TimeZone",
            &[
                "SET LOCAL TimeZone = 'Europe/Berlin'",
                "ALTER TABLE users ALTER COLUMN seen_at TYPE timestamptz",
            ],
        )
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
        Case::of(
            "timestamp to timestamptz, TimeZone UTC, with an index",
            &["SET LOCAL TimeZone = 'UTC'", "ALTER TABLE users ALTER COLUMN seen_at TYPE timestamptz"],
        )
        .after(&["CREATE INDEX users_seen_at ON users (seen_at)"])
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"])
        .rebuilds(&["users_seen_at"]),
        Case::of(
            "a longer varchar with a CHECK on it",
            &["ALTER TABLE users ALTER COLUMN bio TYPE varchar(200)"],
        )
        .after(&[
            "ALTER TABLE users ALTER COLUMN bio TYPE varchar(100)",
            "ALTER TABLE users ADD CONSTRAINT bio_there CHECK (bio <> '')",
        ])
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of(
            "a longer varchar with a partial index on it",
            &["ALTER TABLE users ALTER COLUMN bio TYPE varchar(200)"],
        )
        .after(&[
            "ALTER TABLE users ALTER COLUMN bio TYPE varchar(100)",
            "CREATE INDEX users_bio ON users (bio) WHERE bio <> ''",
        ])
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"])
        .rebuilds(&["users_bio"]),
        Case::of(
            "another type of a key that others refer to",
            &["ALTER TABLE users ALTER COLUMN id TYPE numeric"],
        )
        .locks(&[("memberships", AccessExclusive), ("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["memberships", "users"]),
        Case::of(
            "another type of a column that refers",
            &["ALTER TABLE memberships ALTER COLUMN user_id TYPE integer"],
        )
        .locks(&[("memberships", AccessExclusive), ("users", AccessExclusive)])
        .rewrites(&["memberships"])
        .scans(&["memberships", "users"]),
        Case::of(
            "another type of a column that a view shows",
            &["ALTER TABLE users ALTER COLUMN bio TYPE varchar"],
        )
        .after(&["CREATE VIEW bios AS SELECT id, bio FROM users"])
        .refused("cannot alter type of a column used by a view or rule"),
        Case::of("the same type", &["ALTER TABLE users ALTER COLUMN bio TYPE text"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("another collation", &["ALTER TABLE users ALTER COLUMN bio TYPE text COLLATE \"C\""])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "another collation with an index",
            &["ALTER TABLE users ALTER COLUMN bio TYPE text COLLATE \"C\""],
        )
        .after(&["CREATE INDEX users_bio ON users (bio)"])
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"])
        .rebuilds(&["users_bio"]),
        Case::of("add a value to an enum", &["ALTER TYPE mood ADD VALUE 'calm' BEFORE 'glad'"]),
        Case::of(
            "use a new value of an enum in the same transaction",
            &["ALTER TYPE mood ADD VALUE 'calm'", "UPDATE users SET mood = 'calm' WHERE id = 1"],
        )
        .refused("unsafe use of new value"),
        Case::of(
            "use a new value of an enum that is itself new in the transaction",
            &[
                "CREATE TYPE weather AS ENUM ('rain')",
                "ALTER TYPE weather ADD VALUE 'sun'",
                "ALTER TABLE users ADD COLUMN weather weather DEFAULT 'sun'",
            ],
        )
        .since_or(17, "unsafe use of new value")
        .locks(&[("users", AccessExclusive)]),
        Case::of("rename an enum", &["ALTER TYPE mood RENAME TO feeling"]),
        Case::of("rename a value of an enum", &["ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'"]),
        Case::of(
            "replace an enum by another",
            &[
                "ALTER TYPE mood RENAME TO mood_old",
                "CREATE TYPE mood AS ENUM ('glad')",
                "ALTER TABLE users ALTER COLUMN mood TYPE mood USING mood::text::mood",
                "DROP TYPE mood_old",
            ],
        )
        .locks(&[("users", AccessExclusive)])
        .rewrites(&["users"])
        .scans(&["users"]),
        Case::of("drop an enum and the columns of it", &["DROP TYPE mood CASCADE"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("add a CHECK to a domain in use", &["ALTER DOMAIN short_text ADD CHECK (VALUE <> '')"])
            .after(&["ALTER TABLE users ALTER COLUMN bio TYPE short_text"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of(
            "add a CHECK that is NOT VALID to a domain in use",
            &["ALTER DOMAIN short_text ADD CHECK (VALUE <> '') NOT VALID"],
        )
        .after(&["ALTER TABLE users ALTER COLUMN bio TYPE short_text"]),
        Case::of("validate a CHECK of a domain", &["ALTER DOMAIN short_text VALIDATE CONSTRAINT there"])
            .after(&[
                "ALTER TABLE users ALTER COLUMN bio TYPE short_text",
                "ALTER DOMAIN short_text ADD CONSTRAINT there CHECK (VALUE <> '') NOT VALID",
            ])
            .locks(&[("users", Share)])
            .scans(&["users"]),
    ],
};
