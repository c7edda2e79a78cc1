//! Tables, triggers and policies.

use crate::locks::{Case, Section};
use crate::testkit::LockMode::{AccessExclusive, AccessShare, ShareRowExclusive, ShareUpdateExclusive};

pub(super) const SECTION: Section = Section {
    title: "Tables, triggers, policies",
    text: "",
    cases: &[
        Case::of("create a table", &["CREATE TABLE badges (id bigint PRIMARY KEY, name text UNIQUE)"]),
        Case::of("create a table like another", &["CREATE TABLE copy (LIKE users INCLUDING ALL)"])
            .locks(&[("users", AccessShare)]),
        Case::of("create a table from a query", &["CREATE TABLE copy AS SELECT * FROM users"])
            .locks(&[("users", AccessShare)])
            .scans(&["users"]),
        Case::of(
            "create a table that is there, IF NOT EXISTS",
            &["CREATE TABLE IF NOT EXISTS users (id int)"],
        ),
        Case::of("drop a table that is not there, IF EXISTS", &["DROP TABLE IF EXISTS absent"]),
        Case::of("drop a table", &["DROP TABLE teams"]).locks(&[("teams", AccessExclusive)]),
        Case::of("rename a table", &["ALTER TABLE users RENAME TO people"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("move a table to another schema", &["ALTER TABLE users SET SCHEMA archive"])
            .after(&["CREATE SCHEMA archive"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("drop a schema and what is in it", &["DROP SCHEMA archive CASCADE"])
            .after(&[
                "CREATE SCHEMA archive CREATE TABLE old (id bigint) CREATE VIEW older AS SELECT id FROM old",
            ])
            .locks(&[("archive.old", AccessExclusive), ("archive.older", AccessExclusive)]),
        Case::of("rename a schema", &["ALTER SCHEMA archive RENAME TO attic"])
            .after(&["CREATE SCHEMA archive CREATE TABLE old (id bigint)"]),
        Case::of("change the owner of a table", &["ALTER TABLE users OWNER TO pg_database_owner"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("truncate a table", &["TRUNCATE teams"])
            .locks(&[("teams", AccessExclusive)])
            .rewrites(&["teams"]),
        Case::of("truncate a table and those that refer to it", &["TRUNCATE users CASCADE"])
            .locks(&[("memberships", AccessExclusive), ("users", AccessExclusive)])
            .rewrites(&["memberships", "users"]),
        Case::of("cluster a table", &["CLUSTER users USING users_nickname"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("VACUUM FULL", &["VACUUM (FULL) users"])
            .outside(&["users"])
            .locks(&[("users", AccessExclusive)])
            .rewrites(&["users"])
            .scans(&["users"]),
        Case::of("VACUUM", &["VACUUM users"]).outside(&["users"]).locks(&[("users", ShareUpdateExclusive)]),
        Case::of("ANALYZE", &["ANALYZE users"]).locks(&[("users", ShareUpdateExclusive)]),
        Case::of("make a table unlogged", &["ALTER TABLE memberships SET UNLOGGED"])
            .locks(&[("memberships", AccessExclusive), ("memberships_id_seq", AccessExclusive)])
            .rewrites(&["memberships"])
            .scans(&["memberships"]),
        Case::of("make a table logged", &["ALTER TABLE memberships SET LOGGED"])
            .after(&["ALTER TABLE memberships SET UNLOGGED"])
            .locks(&[("memberships", AccessExclusive), ("memberships_id_seq", AccessExclusive)])
            .rewrites(&["memberships"])
            .scans(&["memberships"]),
        Case::of(
            "create a trigger",
            &["CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch()"],
        )
        .locks(&[("users", ShareRowExclusive)]),
        Case::of(
            "replace a trigger",
            &["CREATE OR REPLACE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE \
               FUNCTION touch()"],
        )
        .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"])
        .locks(&[("users", ShareRowExclusive)]),
        Case::of("disable a trigger", &["ALTER TABLE users DISABLE TRIGGER touched"])
            .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"])
            .locks(&[("users", ShareRowExclusive)]),
        Case::of("rename a trigger", &["ALTER TRIGGER touched ON users RENAME TO touched_again"])
            .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("drop a trigger", &["DROP TRIGGER touched ON users"])
            .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "create a function",
            &["CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT count(*)::integer FROM users'"],
        )
        .locks(&[("users", AccessShare)]),
        Case::of(
            "replace a trigger's function",
            &["CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN \
               OLD; END'"],
        )
        .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"]),
        Case::of("drop a function with its triggers", &["DROP FUNCTION touch CASCADE"])
            .after(&["CREATE TRIGGER touched BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION touch()"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("enable row level security", &["ALTER TABLE users ENABLE ROW LEVEL SECURITY"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("create a policy", &["CREATE POLICY mine ON users USING (id = 1)"])
            .locks(&[("users", AccessExclusive)]),
        Case::of("drop a policy", &["DROP POLICY mine ON users"])
            .after(&["CREATE POLICY mine ON users USING (id = 1)"])
            .locks(&[("users", AccessExclusive)]),
        Case::of(
            "grant and revoke",
            &["GRANT SELECT ON users TO PUBLIC", "REVOKE SELECT ON users FROM PUBLIC"],
        )
        .newer(18, &[("users", AccessShare)]),
    ],
};
