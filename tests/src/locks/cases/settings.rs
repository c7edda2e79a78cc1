//! Settings and comments.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, AccessShare, ShareUpdateExclusive};

pub(super) const SECTION: Section = Section {
    title: "Settings and comments",
    text: "",
    cases: &[
        Case::of("set the statistics target", &["ALTER TABLE users ALTER COLUMN bio SET STATISTICS 500"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("set n_distinct", &["ALTER TABLE users ALTER COLUMN bio SET (n_distinct = -0.5)"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("set the fillfactor", &["ALTER TABLE users SET (fillfactor = 70)"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of(
            "set autovacuum's parameters",
            &["ALTER TABLE users SET (autovacuum_vacuum_scale_factor = 0.01)"],
        )
        .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("set the storage", &["ALTER TABLE users ALTER COLUMN bio SET STORAGE EXTERNAL"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("set the compression", &["ALTER TABLE users ALTER COLUMN bio SET COMPRESSION pglz"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("set the replica identity", &["ALTER TABLE users REPLICA IDENTITY FULL"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("choose the index to cluster by", &["ALTER TABLE users CLUSTER ON users_nickname"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("create extended statistics", &["CREATE STATISTICS users_pairs ON team_id, age FROM users"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("drop extended statistics", &["DROP STATISTICS users_pairs"])
            .after(&["CREATE STATISTICS users_pairs ON team_id, age FROM users"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("comment on a table", &["COMMENT ON TABLE users IS 'people'"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("comment on a column", &["COMMENT ON COLUMN users.bio IS 'in their words'"])
            .locks(&[("users", ShareUpdateExclusive)]),
        Case::of("comment on an index", &["COMMENT ON INDEX users_nickname IS 'for the search'"])
            .locks(&[("users_nickname", ShareUpdateExclusive)]),
        Case::of(
            "comment on a constraint",
            &["COMMENT ON CONSTRAINT memberships_role ON memberships IS 'not empty'"],
        )
        .locks(&[("memberships", AccessShare)]),
        Case::of("comment on a view", &["COMMENT ON VIEW bios IS 'who wrote what'"])
            .after(&["CREATE VIEW bios AS SELECT id, bio FROM users"])
            .locks(&[("bios", ShareUpdateExclusive)]),
        Case::of("comment on a sequence", &["COMMENT ON SEQUENCE memberships_id_seq IS 'numbers'"])
            .locks(&[("memberships_id_seq", ShareUpdateExclusive)]),
        Case::of("comment on a function", &["COMMENT ON FUNCTION touch IS 'does nothing'"]),
        Case::of(
            "comment on a materialized view",
            &["COMMENT ON MATERIALIZED VIEW team_sizes IS 'of each team'"],
        )
        .locks(&[("team_sizes", ShareUpdateExclusive)]),
        Case::of("comment on a trigger", &["COMMENT ON TRIGGER touched ON users IS 'see the function'"])
            .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"])
            .locks(&[("users", AccessShare)]),
        Case::of("comment on a type", &["COMMENT ON TYPE mood IS 'how they feel'"]),
    ],
};
