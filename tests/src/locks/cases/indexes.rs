//! Indexes.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, Share, ShareUpdateExclusive};

pub(super) const SECTION: Section = Section {
    title: "Indexes",
    text: "A concurrent build lets others write, but waits for every transaction that is older \
           than itself, outside of a transaction; what it leaves behind when it fails is an \
           INVALID index. `REINDEX` without CONCURRENTLY lets others read the table, but who \
           plans a query on it opens all its indexes, and waits.",
    cases: &[
        Case::of("create an index", &["CREATE INDEX users_age ON users (age)"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of("create a unique index", &["CREATE UNIQUE INDEX users_unique ON users (id, age)"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of("create a partial index", &["CREATE INDEX users_old ON users (age) WHERE age > 80"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of("create an index on an expression", &["CREATE INDEX users_lower ON users (lower(email))"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of("create a GIN index", &["CREATE INDEX users_tags ON users USING gin (tags)"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of(
            "create a GiST index",
            &["CREATE INDEX users_seen ON users USING gist (tsrange(seen_at, NULL))"],
        )
        .locks(&[("users", Share)])
        .scans(&["users"]),
        Case::of("create a BRIN index", &["CREATE INDEX users_seen ON users USING brin (seen_at)"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of("create a hash index", &["CREATE INDEX users_hash ON users USING hash (email)"])
            .locks(&[("users", Share)])
            .scans(&["users"]),
        Case::of(
            "create an index that is there, IF NOT EXISTS",
            &["CREATE INDEX IF NOT EXISTS users_nickname ON users (nickname)"],
        )
        .locks(&[("users", Share)]),
        Case::of("create an index concurrently", &["CREATE INDEX CONCURRENTLY users_age ON users (age)"])
            .outside(&["users"])
            .locks(&[("users", ShareUpdateExclusive)])
            .scans(&["users"]),
        Case::of(
            "create an index concurrently, in a transaction",
            &["CREATE INDEX CONCURRENTLY users_age ON users (age)"],
        )
        .refused("cannot run inside a transaction block"),
        Case::of("drop an index", &["DROP INDEX users_nickname"]).locks(&[("users", AccessExclusive)]),
        Case::of("drop an index concurrently", &["DROP INDEX CONCURRENTLY users_nickname"])
            .outside(&["users"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("drop an index that is not there, IF EXISTS", &["DROP INDEX IF EXISTS absent"]),
        Case::of("rename an index", &["ALTER INDEX users_nickname RENAME TO users_nick"])
            .locks(&[("users_nickname", ShareUpdateExclusive)]),
        Case::of("set a parameter of an index", &["ALTER INDEX users_nickname SET (fillfactor = 70)"])
            .locks(&[("users_nickname", ShareUpdateExclusive)]),
        Case::of("rebuild an index", &["REINDEX INDEX users_nickname"])
            .locks(&[("users", Share), ("users_nickname", AccessExclusive)])
            .scans(&["users"])
            .rebuilds(&["users_nickname"]),
        Case::of("rebuild the indexes of a table", &["REINDEX TABLE users"])
            .locks(&[
                ("users", Share),
                ("users_email", AccessExclusive),
                ("users_nickname", AccessExclusive),
                ("users_pkey", AccessExclusive),
            ])
            .scans(&["users"])
            .rebuilds(&["users_email", "users_nickname", "users_pkey"]),
        Case::of("rebuild an index concurrently", &["REINDEX INDEX CONCURRENTLY users_nickname"])
            .outside(&["users"])
            .locks(&[("users", ShareUpdateExclusive)])
            .scans(&["users"])
            .rebuilds(&["users_nickname"]),
        Case::of("rebuild the indexes of a table concurrently", &["REINDEX TABLE CONCURRENTLY users"])
            .outside(&["users"])
            .locks(&[("users", ShareUpdateExclusive)])
            .scans(&["users"])
            .rebuilds(&["users_email", "users_nickname", "users_pkey"]),
    ],
};
