//! CHECK, UNIQUE, PRIMARY KEY, EXCLUDE.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, ShareUpdateExclusive};

pub(super) const SECTION: Section = Section {
    title: "CHECK, UNIQUE, PRIMARY KEY, EXCLUDE",
    text: "A CHECK is cheap as NOT VALID and is validated while others work. A unique \
           constraint is cheap on an index that is there already, and that one can be built \
           concurrently.",
    cases: &[
        Case::of("add a CHECK", &["ALTER TABLE users ADD CONSTRAINT of_age CHECK (age >= 0)"])
            .locks(&[("users", AccessExclusive)])
            .scans(&["users"]),
        Case::of(
            "add a CHECK that is NOT VALID",
            &["ALTER TABLE users ADD CONSTRAINT of_age CHECK (age >= 0) NOT VALID"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("validate a CHECK", &["ALTER TABLE users VALIDATE CONSTRAINT of_age"])
            .after(&["ALTER TABLE users ADD CONSTRAINT of_age CHECK (age >= 0) NOT VALID"])
            .locks(&[("users", ShareUpdateExclusive)])
            .scans(&["users"]),
        Case::of("validate what is valid", &["ALTER TABLE memberships VALIDATE CONSTRAINT memberships_role"])
            .locks(&[("memberships", ShareUpdateExclusive)]),
        Case::of(
            "add a CHECK that is NOT ENFORCED",
            &["ALTER TABLE users ADD CONSTRAINT of_age CHECK (age >= 0) NOT ENFORCED"],
        )
        .since(18)
        .locks(&[("users", AccessExclusive)]),
        Case::of("drop a CHECK", &["ALTER TABLE memberships DROP CONSTRAINT memberships_role"])
            .locks(&[("memberships", AccessExclusive)]),
        Case::of(
            "rename a constraint",
            &["ALTER TABLE memberships RENAME CONSTRAINT memberships_role TO role_there"],
        )
        .locks(&[("memberships", AccessExclusive)]),
        Case::of("add UNIQUE", &["ALTER TABLE users ADD CONSTRAINT one_bio UNIQUE (bio)"])
            .locks(&[("users", AccessExclusive)])
            .scans(&["users"]),
        Case::of(
            "add UNIQUE NULLS NOT DISTINCT",
            &["ALTER TABLE users ADD CONSTRAINT one_bio UNIQUE NULLS NOT DISTINCT (bio)"],
        )
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of(
            "add UNIQUE from an index",
            &["ALTER TABLE users ADD CONSTRAINT one_email UNIQUE USING INDEX users_email"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("add a PRIMARY KEY", &["ALTER TABLE events_march ADD PRIMARY KEY (id)"])
            .locks(&[("events_march", AccessExclusive)])
            .scans(&["events_march"]),
        Case::of(
            "add a PRIMARY KEY on a column that may be NULL",
            &["ALTER TABLE loose ADD PRIMARY KEY (id)"],
        )
        .after(&["CREATE TABLE loose AS SELECT id FROM users"])
        .locks(&[("loose", AccessExclusive)])
        .scans(&["loose"]),
        Case::of(
            "add a PRIMARY KEY from an index",
            &["ALTER TABLE events_march ADD CONSTRAINT march_key PRIMARY KEY USING INDEX march_id"],
        )
        .after(&["CREATE UNIQUE INDEX march_id ON events_march (id)"])
        .locks(&[("events_march", AccessExclusive)]),
        Case::of(
            "add a PRIMARY KEY from an index, on a column that may be NULL",
            &["ALTER TABLE loose ADD CONSTRAINT loose_key PRIMARY KEY USING INDEX loose_id"],
        )
        .after(&["CREATE TABLE loose AS SELECT id FROM users", "CREATE UNIQUE INDEX loose_id ON loose (id)"])
        .locks(&[("loose", AccessExclusive)])
        .scans(&["loose"]),
        Case::of(
            "add EXCLUDE",
            &["ALTER TABLE users ADD CONSTRAINT one_at_a_time EXCLUDE USING gist (tsrange(seen_at, \
               seen_at, '[]') WITH &&)"],
        )
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of("drop UNIQUE", &["ALTER TABLE users DROP CONSTRAINT one_email"])
            .after(&["ALTER TABLE users ADD CONSTRAINT one_email UNIQUE USING INDEX users_email"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("drop a PRIMARY KEY", &["ALTER TABLE teams DROP CONSTRAINT teams_pkey"])
            .locks(&[("teams", AccessExclusive)]),
        Case::of(
            "drop a PRIMARY KEY with the foreign keys that refer to it",
            &["ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE"],
        )
        .locks(&[("memberships", AccessExclusive), ("users", AccessExclusive)]),
    ],
};
