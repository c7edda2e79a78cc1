//! `--sql`: scripts instead of runs.

use expect_test::expect;

use crate::project::Project;

#[test]
fn an_upgrade_as_a_script_for_psql() {
    let project = Project::new(crate::chain::MANIFEST).without("DATABASE_URL");
    expect![[r#"
        --- stdout
        -- upgrade +2 for PostgreSQL, then at b2c3d4e5f6a7
        -- Written by migrate-cli 0.1.0. To be run once: psql -X -f <this file>
        \set ON_ERROR_STOP on
        \encoding UTF8

        -- The tables that say what is applied
        BEGIN;
        CREATE TABLE IF NOT EXISTS "migrate_ledger" (
            revision text PRIMARY KEY,
            state text NOT NULL CHECK (state IN ('running', 'applied', 'reverting')),
            checksum text,
            message text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            duration_ms bigint,
            applied_by text NOT NULL,
            binary_version text NOT NULL,
            format integer NOT NULL
        );
        CREATE TABLE IF NOT EXISTS "migrate_event" (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            kind text NOT NULL CHECK (kind IN ('upgrade', 'downgrade', 'stamp', 'unstamp', 'failure')),
            revision text NOT NULL,
            duration_ms bigint,
            detail text,
            applied_by text NOT NULL,
            binary_version text NOT NULL
        );
        CREATE TABLE IF NOT EXISTS "migrate_lease" (
            name text PRIMARY KEY,
            token bigint NOT NULL,
            holder text,
            acquired_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE TABLE IF NOT EXISTS "migrate_journal" (
            revision text NOT NULL,
            direction text NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
            position integer NOT NULL,
            operation text NOT NULL,
            fingerprint text NOT NULL,
            state text NOT NULL CHECK (state IN ('started', 'done')),
            started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            done_at timestamptz,
            PRIMARY KEY (revision, direction, position)
        );
        COMMIT;

        -- 1 of 2: upgrade <base> -> a1b2c3d4e5f6, Create users
        BEGIN;
        INSERT INTO "migrate_ledger" (revision, state, checksum, message, applied_by, binary_version, format)
        SELECT 'a1b2c3d4e5f6',
            'running',
            '752f9ee6de71d68b17c710ce19296177e2653e4eeecb66a9405b676f2d471ada',
            'Create users',
            'WHO (script)', 'migrate-cli 0.1.0', 1;

        CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL);

        UPDATE "migrate_ledger" SET state = 'applied',
            duration_ms = CAST(1000 * extract(epoch FROM clock_timestamp() - applied_at) AS bigint),
            applied_at = clock_timestamp()
        WHERE revision = 'a1b2c3d4e5f6' AND state = 'running';
        INSERT INTO "migrate_event" (kind, revision, duration_ms, applied_by, binary_version)
        SELECT 'upgrade', revision, duration_ms, applied_by, binary_version
        FROM "migrate_ledger" WHERE revision = 'a1b2c3d4e5f6' AND state = 'applied';
        COMMIT;

        -- 2 of 2: upgrade a1b2c3d4e5f6 -> b2c3d4e5f6a7, Add email_verified column to users
        BEGIN;
        INSERT INTO "migrate_ledger" (revision, state, checksum, message, applied_by, binary_version, format)
        SELECT 'b2c3d4e5f6a7',
            CASE WHEN (SELECT count(*) FROM (SELECT 1 FROM "migrate_ledger" WHERE state = 'applied' AND revision IN ('a1b2c3d4e5f6') FOR KEY SHARE) AS parents) = 1
            THEN 'running' ELSE 'not applied: a1b2c3d4e5f6' END,
            '2bea9096c618a301dccfa773b923dbf4cf823587cc5597128651ed2cf802b890',
            'Add email_verified column to users',
            'WHO (script)', 'migrate-cli 0.1.0', 1;

        ALTER TABLE users ADD COLUMN email_verified BOOLEAN NOT NULL DEFAULT FALSE;

        UPDATE "migrate_ledger" SET state = 'applied',
            duration_ms = CAST(1000 * extract(epoch FROM clock_timestamp() - applied_at) AS bigint),
            applied_at = clock_timestamp()
        WHERE revision = 'b2c3d4e5f6a7' AND state = 'running';
        INSERT INTO "migrate_event" (kind, revision, duration_ms, applied_by, binary_version)
        SELECT 'upgrade', revision, duration_ms, applied_by, binary_version
        FROM "migrate_ledger" WHERE revision = 'b2c3d4e5f6a7' AND state = 'applied';
        COMMIT;
        --- exit 0
    "#]].assert_eq(&project.run(&["upgrade", "--sql", "--dialect", "postgres", "+2"]));
    assert!(!project.path().join("app.db").exists());
}

#[test]
fn a_downgrade_as_a_script_for_sqlite() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        -- downgrade c3d4:a1b2 for SQLite, then at a1b2c3d4e5f6
        -- Written by migrate-cli 0.1.0. To be run once: sqlite3 -batch <database> < <this file>
        .bail on
        .timeout 300000

        -- 1 of 2: downgrade c3d4e5f6a7b8 -> b2c3d4e5f6a7, Create messages
        BEGIN IMMEDIATE;
        UPDATE "migrate_ledger" SET applied_by = 'WHO (script)',
            state = 'reverting'
        WHERE revision = 'c3d4e5f6a7b8' AND state = 'applied';
        INSERT INTO "migrate_ledger" (revision, state, message, applied_by, binary_version, format)
        SELECT 'c3d4e5f6a7b8', 'not applied: c3d4e5f6a7b8', '', '', '', 1
        WHERE NOT EXISTS (SELECT 1 FROM "migrate_ledger" WHERE revision = 'c3d4e5f6a7b8' AND state = 'reverting');

        DROP TABLE messages;

        DELETE FROM "migrate_ledger" WHERE revision = 'c3d4e5f6a7b8' AND state = 'reverting';
        INSERT INTO "migrate_event" (kind, revision, applied_by, binary_version)
        VALUES ('downgrade', 'c3d4e5f6a7b8', 'WHO (script)', 'migrate-cli 0.1.0');
        COMMIT;

        -- 2 of 2: downgrade b2c3d4e5f6a7 -> a1b2c3d4e5f6, Add email_verified column to users
        BEGIN IMMEDIATE;
        UPDATE "migrate_ledger" SET applied_by = 'WHO (script)',
            state = CASE WHEN NOT EXISTS (SELECT 1 FROM "migrate_ledger" AS child WHERE child.revision IN ('c3d4e5f6a7b8'))
            THEN 'reverting' ELSE 'applied: c3d4e5f6a7b8' END
        WHERE revision = 'b2c3d4e5f6a7' AND state = 'applied';
        INSERT INTO "migrate_ledger" (revision, state, message, applied_by, binary_version, format)
        SELECT 'b2c3d4e5f6a7', 'not applied: b2c3d4e5f6a7', '', '', '', 1
        WHERE NOT EXISTS (SELECT 1 FROM "migrate_ledger" WHERE revision = 'b2c3d4e5f6a7' AND state = 'reverting');

        ALTER TABLE users DROP COLUMN email_verified;

        DELETE FROM "migrate_ledger" WHERE revision = 'b2c3d4e5f6a7' AND state = 'reverting';
        INSERT INTO "migrate_event" (kind, revision, applied_by, binary_version)
        VALUES ('downgrade', 'b2c3d4e5f6a7', 'WHO (script)', 'migrate-cli 0.1.0');
        COMMIT;
        --- exit 0
    "#]].assert_eq(&project.run(&["downgrade", "--sql", "c3d4:a1b2"]));
    assert!(!project.path().join("app.db").exists(), "no connection was opened");
}

#[test]
fn a_stamp_as_a_script_as_data() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stdout
        {
          "version": 1,
          "server": "SQLite",
          "title": "stamp a1b2:b2c3",
          "complete": true,
          "opening": [
            "BEGIN IMMEDIATE"
          ],
          "steps": [
            {
              "revision": "b2c3d4e5f6a7",
              "description": "record b2c3d4e5f6a7, Add email_verified column to users",
              "transaction": true,
              "statements": [
                "INSERT INTO \"migrate_ledger\" (revision, state, checksum, message, applied_by, binary_version, format)\nSELECT 'b2c3d4e5f6a7',\n    'applied',\n    '2bea9096c618a301dccfa773b923dbf4cf823587cc5597128651ed2cf802b890',\n    'Add email_verified column to users',\n    'WHO (script)', 'migrate-cli 0.1.0', 1",
                "INSERT INTO \"migrate_event\" (kind, revision, applied_by, binary_version)\nVALUES ('stamp', 'b2c3d4e5f6a7', 'WHO (script)', 'migrate-cli 0.1.0')"
              ],
              "rust": [],
              "gap": null
            }
          ],
          "closing": [
            "COMMIT"
          ],
          "current_after": [
            "b2c3d4e5f6a7"
          ],
          "deferred": []
        }
        --- exit 0
    "#]].assert_eq(&project.run(&["stamp", "--sql", "a1b2:b2c3", "--json"]));
}

#[test]
fn a_downgrade_needs_a_range_as_no_database_says_where_it_starts() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: an offline downgrade needs a range, `<from>:<to>`, not `base`
        hint: migrate-cli downgrade --sql <the current revision>:base
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["downgrade", "--sql", "base"]));
}

#[test]
fn a_dialect_is_for_scripts_only() {
    let project = Project::new(crate::chain::MANIFEST);
    expect![[r#"
        --- stderr
        error: the following required arguments were not provided:
          --sql

        Usage: migrate-cli upgrade --sql --dialect <NAME> [TARGET]

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&project.run(&["upgrade", "--dialect", "postgres"]));
}
