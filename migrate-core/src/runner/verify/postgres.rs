//! Emptying a database of PostgreSQL.

use diesel::QueryResult;

use crate::catalog::Catalog;
use crate::connection::Driver;
use crate::ledger::quote_name;

/// The schemas that are neither the server's nor an extension's.
const SCHEMAS: &str = "\
SELECT CAST(nspname AS text) FROM pg_namespace AS space
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_namespace'::regclass AND objid = space.oid
            AND deptype = 'e')
    ORDER BY 1";

/// The statements that drop what is in the schemas, but for what belongs to extensions.
const DROPS: &str = "\
SELECT sql FROM (
    SELECT CASE class.relkind WHEN 'S' THEN 2 ELSE 1 END AS rank, class.oid, format('DROP %s IF EXISTS %I.%I CASCADE', CASE class.relkind WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE'
            WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, space.nspname, class.relname) AS sql
        FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
        WHERE class.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND NOT class.relispartition
            AND space.nspname !~ '^pg_' AND space.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = class.oid
                AND deptype = 'e')
    UNION ALL
    SELECT 3, proc.oid, format('DROP ROUTINE IF EXISTS %s CASCADE', CAST(proc.oid AS regprocedure))
        FROM pg_proc AS proc JOIN pg_namespace AS space ON space.oid = proc.pronamespace
        WHERE space.nspname !~ '^pg_' AND space.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = proc.oid
                AND deptype = 'e')
    UNION ALL
    SELECT 4, type.oid, format('DROP TYPE IF EXISTS %I.%I CASCADE', space.nspname, type.typname)
        FROM pg_type AS type JOIN pg_namespace AS space ON space.oid = type.typnamespace
        WHERE type.typtype IN ('e', 'd', 'r')
            AND space.nspname !~ '^pg_' AND space.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = type.oid
                AND deptype = 'e')
) AS drops ORDER BY rank, oid";

/// Drops the extensions and schemas that were not there before, and what is in the other schemas.
///
/// Each statement by itself: in one transaction their locks might be too many.
pub(super) fn empty(driver: &mut dyn Driver, before: &Catalog) -> QueryResult<()> {
    for extension in texts(driver, "SELECT CAST(extname AS text) FROM pg_extension ORDER BY 1")? {
        if !before.extensions.contains_key(&extension) {
            driver.batch(&format!("DROP EXTENSION IF EXISTS {} CASCADE", quote_name(&extension)))?;
        }
    }
    for schema in texts(driver, SCHEMAS)? {
        if !before.schemas.contains_key(&schema) {
            driver.batch(&format!("DROP SCHEMA IF EXISTS {} CASCADE", quote_name(&schema)))?;
        }
    }
    for sql in texts(driver, DROPS)? {
        driver.batch(&sql)?;
    }
    Ok(())
}

fn texts(driver: &mut dyn Driver, sql: &str) -> QueryResult<Vec<String>> {
    Ok(driver.query(sql, &[])?.into_iter().flatten().flatten().collect())
}
