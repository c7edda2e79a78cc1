//! Defaults and NOT NULL.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, ShareUpdateExclusive};

pub(super) const SECTION: Section = Section {
    title: "Defaults and NOT NULL",
    text: "`SET NOT NULL` reads the table under its lock unless a validated CHECK says that no \
           value is NULL. So: add the CHECK as NOT VALID, validate it while others work, set \
           NOT NULL, drop the CHECK.",
    cases: &[
        Case::of("set a default", &["ALTER TABLE users ALTER COLUMN bio SET DEFAULT ''"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "set a default that is volatile",
            &["ALTER TABLE users ALTER COLUMN seen_at SET DEFAULT clock_timestamp()"],
        )
        .locks(&[("users", AccessExclusive)]),
        Case::of("drop a default", &["ALTER TABLE users ALTER COLUMN score DROP DEFAULT"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("set NOT NULL", &["ALTER TABLE users ALTER COLUMN bio SET NOT NULL"])
            .locks(&[("users", AccessExclusive)])
            .scans(&["users"]),
        Case::of(
            "set NOT NULL after a validated CHECK",
            &["ALTER TABLE users ALTER COLUMN bio SET NOT NULL"],
        )
        .after(&["ALTER TABLE users ADD CONSTRAINT bio_there CHECK (bio IS NOT NULL)"])
        .locks(&[("users", AccessExclusive)]),
        Case::of(
            "set NOT NULL after a CHECK that is NOT VALID",
            &["ALTER TABLE users ALTER COLUMN bio SET NOT NULL"],
        )
        .after(&["ALTER TABLE users ADD CONSTRAINT bio_there CHECK (bio IS NOT NULL) NOT VALID"])
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of(
            "set NOT NULL and drop the CHECK that proves it, in one statement",
            &["ALTER TABLE users ALTER COLUMN bio SET NOT NULL, DROP CONSTRAINT bio_there"],
        )
        .after(&["ALTER TABLE users ADD CONSTRAINT bio_there CHECK (bio IS NOT NULL)"])
        .locks(&[("users", AccessExclusive)])
        .scans(&["users"]),
        Case::of("set NOT NULL where it is already", &["ALTER TABLE users ALTER COLUMN email SET NOT NULL"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("drop NOT NULL", &["ALTER TABLE users ALTER COLUMN email DROP NOT NULL"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "add NOT NULL as a constraint that is NOT VALID",
            &["ALTER TABLE users ADD CONSTRAINT bio_there NOT NULL bio NOT VALID"],
        )
        .since(18)
        .locks(&[("users", AccessExclusive)]),
        Case::of("validate a NOT NULL constraint", &["ALTER TABLE users VALIDATE CONSTRAINT bio_there"])
            .after(&["ALTER TABLE users ADD CONSTRAINT bio_there NOT NULL bio NOT VALID"])
            .since(18)
            .locks(&[("users", ShareUpdateExclusive)])
            .scans(&["users"]),
    ],
};
