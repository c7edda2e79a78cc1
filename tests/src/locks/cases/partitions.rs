//! Partitions.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{
    AccessExclusive, AccessShare, Share, ShareRowExclusive, ShareUpdateExclusive,
};

pub(super) const SECTION: Section = Section {
    title: "Partitions",
    text: "A change of the parent is a change of each partition, with its lock. Attaching reads \
           the new partition unless a CHECK proves that its rows belong there.",
    cases: &[
        Case::of("add a column", &["ALTER TABLE events ADD COLUMN note text"]).locks(&[
            ("events", AccessExclusive),
            ("events_february", AccessExclusive),
            ("events_january", AccessExclusive),
        ]),
        Case::of("set NOT NULL", &["ALTER TABLE notes ALTER COLUMN text SET NOT NULL"])
            .after(&[
                "CREATE TABLE notes (id bigint, text text) PARTITION BY HASH (id)",
                "CREATE TABLE notes_even PARTITION OF notes FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE notes_odd PARTITION OF notes FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "INSERT INTO notes SELECT n, 'note' FROM generate_series(1, 500) AS n",
            ])
            .locks(&[
                ("notes", AccessExclusive),
                ("notes_even", AccessExclusive),
                ("notes_odd", AccessExclusive),
            ])
            .scans(&["notes_even", "notes_odd"]),
        Case::of("create an index on all partitions", &["CREATE INDEX events_id ON events (id)"])
            .locks(&[("events", Share), ("events_february", Share), ("events_january", Share)])
            .scans(&["events_february", "events_january"]),
        Case::of("create an index on the parent only", &["CREATE INDEX events_id ON ONLY events (id)"])
            .locks(&[("events", Share)]),
        Case::of(
            "create an index on the parent concurrently",
            &["CREATE INDEX CONCURRENTLY events_id ON events (id)"],
        )
        .outside(&["events"])
        .refused("cannot create index on partitioned table"),
        Case::of("attach an index of a partition", &["ALTER INDEX events_id ATTACH PARTITION january_id"])
            .after(&[
                "CREATE INDEX events_id ON ONLY events (id)",
                "CREATE INDEX january_id ON events_january (id)",
            ])
            .locks(&[
                ("events", AccessShare),
                ("events_id", ShareUpdateExclusive),
                ("events_january", AccessShare),
                ("january_id", AccessExclusive),
            ]),
        Case::of(
            "create a partition",
            &["CREATE TABLE events_april PARTITION OF events FOR VALUES FROM ('2025-04-01') TO \
               ('2025-05-01')"],
        )
        .locks(&[("events", AccessExclusive)]),
        Case::of(
            "attach a partition",
            &["ALTER TABLE events ATTACH PARTITION events_march FOR VALUES FROM ('2025-03-01') TO \
               ('2025-04-01')"],
        )
        .locks(&[("events", ShareUpdateExclusive), ("events_march", AccessExclusive)])
        .scans(&["events_march"]),
        Case::of(
            "attach a partition after a validated CHECK",
            &["ALTER TABLE events ATTACH PARTITION events_march FOR VALUES FROM ('2025-03-01') TO \
               ('2025-04-01')"],
        )
        .after(&["ALTER TABLE events_march ADD CHECK (at >= '2025-03-01' AND at < '2025-04-01')"])
        .locks(&[("events", ShareUpdateExclusive), ("events_march", AccessExclusive)]),
        Case::of(
            "attach a partition beside a default partition",
            &["ALTER TABLE events ATTACH PARTITION events_march FOR VALUES FROM ('2025-03-01') TO \
               ('2025-04-01')"],
        )
        .after(&[
            "CREATE TABLE events_other PARTITION OF events DEFAULT",
            "INSERT INTO events SELECT n, '2030-01-01' FROM generate_series(1, 100) AS n",
        ])
        .locks(&[
            ("events", ShareUpdateExclusive),
            ("events_march", AccessExclusive),
            ("events_other", AccessExclusive),
        ])
        .scans(&["events_march", "events_other"]),
        Case::of("detach a partition", &["ALTER TABLE events DETACH PARTITION events_january"])
            .locks(&[("events", AccessExclusive), ("events_january", AccessExclusive)]),
        Case::of(
            "detach a partition concurrently",
            &["ALTER TABLE events DETACH PARTITION events_january CONCURRENTLY"],
        )
        .outside(&["events", "events_january"])
        .locks(&[("events", ShareUpdateExclusive), ("events_january", AccessExclusive)]),
        Case::of("drop a partition", &["DROP TABLE events_january"])
            .locks(&[("events", AccessExclusive), ("events_january", AccessExclusive)]),
        Case::of(
            "add a foreign key that refers to a partitioned table",
            &["ALTER TABLE users ADD CONSTRAINT users_event FOREIGN KEY (team_id, seen_on) \
               REFERENCES events (id, at)"],
        )
        .after(&["ALTER TABLE events ADD PRIMARY KEY (id, at)", "ALTER TABLE users ADD COLUMN seen_on date"])
        .locks(&[
            ("events", ShareRowExclusive),
            ("events_february", ShareRowExclusive),
            ("events_january", ShareRowExclusive),
            ("users", ShareRowExclusive),
        ])
        .scans(&["users"]),
    ],
};
